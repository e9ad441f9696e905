def openapi(actions, server):
    return {}
