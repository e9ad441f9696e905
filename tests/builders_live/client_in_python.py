"""A caller with the client that openapi-python-client makes of Heed's description: one call a run, JSON in, JSON out.

Run by the environment that the generator is in, in the folder of the client.
"""

import importlib
import json
import pkgutil
import sys

sys.path.insert(0, ".")

import heed_client
from heed_client import AuthenticatedClient
from heed_client.api.actions import add_to_opt_out, check_consent, send_with_suppression
from heed_client.models import AddToOptOutInput, CheckConsentInput, Problem, SendWithSuppressionInput

asked = json.loads(sys.argv[1])
client = AuthenticatedClient(base_url=asked["url"], token=asked["key"], raise_on_unexpected_status=True)
if asked["do"] == "import":
    for module in pkgutil.walk_packages(heed_client.__path__, "heed_client."):
        importlib.import_module(module.name)
    told = {"modules": len(list(pkgutil.walk_packages(heed_client.__path__, "heed_client.")))}
elif asked["do"] == "others":
    added = add_to_opt_out.sync(client=client, body=AddToOptOutInput(number=asked["number"], lists=["default"]))
    checked = check_consent.sync(client=client, body=CheckConsentInput(number=asked["number"]))
    told = {"status": added.results[0].status, "allowed": checked.allowed, "reason": checked.reasons[0].code}
else:
    body = SendWithSuppressionInput.from_dict(asked["body"])
    key = {"idempotency_key": asked["idempotency"]} if asked.get("idempotency") else {}
    answer = send_with_suppression.sync_detailed(client=client, body=body, **key)
    read = answer.parsed
    shown = f"{read.title} {read.detail}" if isinstance(read, Problem) else read.summary
    replayed = answer.headers.get("Idempotency-Replayed") == "true"
    told = {"status": int(answer.status_code), "body": read.to_dict(), "shown": shown, "replayed": replayed}
print(json.dumps(told))
