"""A line to a server on which an answer can get lost: the server has done what it was asked, and nobody hears of it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

_KEPT = ("authorization", "content-type", "accept", "idempotency-key")


@dataclass
class Line:
    url: str
    #: So many answers to a POST get lost from here on.
    to_lose: int = 0
    lost: int = 0


@contextmanager
def losing(server: str) -> Iterator[Line]:
    """A proxy on loopback before ``server`` until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name: self.headers[name] for name in _KEPT if name in self.headers}
            answer = requests.request(self.command, server + self.path, data=body, headers=headers, timeout=60)
            if self.command == "POST" and line.to_lose:
                line.to_lose -= 1
                line.lost += 1
                self.close_connection = True
                return
            self.send_response(answer.status_code)
            for name in ("Content-Type", "Location", "Idempotency-Replayed"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = do_PATCH = do_DELETE = _pass_on

        def log_message(self, *_: object) -> None: ...

    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    proxy.daemon_threads = True
    line = Line(f"http://127.0.0.1:{proxy.server_port}")
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    try:
        yield line
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()
