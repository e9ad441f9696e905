"""A website of somebody else on loopback, with an origin of its own, that shows what it is told to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Website:
    """Its pages all look alike: a heading and ``within``."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.origin = f"http://127.0.0.1:{server.server_port}"
        self.within = ""

    @property
    def html(self) -> bytes:
        head = (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>A shop</title><link rel="icon" href="data:,">'
        )
        return f"{head}<main><h1>A shop</h1>{self.within}</main></html>".encode()


@contextmanager
def website() -> Iterator[Website]:
    """One that runs until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = shown.html
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: the test's own output says enough."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        shown = Website(server)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield shown
        server.shutdown()
        thread.join()
