"""A Heed of the tests behind a real web server on loopback, for clients that speak HTTP themselves."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.serving import WSGIRequestHandler, make_server

from tests.heed import Heed


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None: ...


@contextmanager
def served(heed: Heed) -> Iterator[str]:
    """Its address until the end of the block."""
    server = make_server("127.0.0.1", 0, heed.app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, name="served")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
