"""A receiver of webhooks in a process of its own: it verifies, writes down durably, and only then says yes.

It may be killed at any moment: what it has answered with 2xx stands in its record.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    webhook: Webhook
    record: int
    pause_s: float

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:  # who called was killed in the middle of it
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            self.webhook.verify(body, headers)
        except WebhookVerificationError:
            verified = False
        else:
            verified = True
        line = {"id": headers.get("webhook-id"), "verified": verified, "body": body.decode(), "at": time.time()}
        time.sleep(self.pause_s)  # a kill may meet what is not yet written down, …
        os.write(self.record, json.dumps(line).encode() + b"\n")  # one write to the end: whole lines
        os.fsync(self.record)
        time.sleep(self.pause_s)  # … and what is, but not yet answered
        self.send_response(200 if verified else 400)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: Any) -> None:
        """Who called was killed: there is nobody to answer."""


def read(record: Path) -> Iterator[dict[str, Any]]:
    """What was received, in order. A line that a kill has cut short was never answered."""
    for line in record.read_bytes().splitlines() if record.exists() else ():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("--pause-ms", type=int, default=0)
    options = parser.parse_args()
    Handler.webhook = Webhook(os.environ["WEBHOOK_SECRET"])
    Handler.pause_s = options.pause_ms / 1000
    Handler.record = os.open(options.record, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    if options.record.stat().st_size:
        os.write(Handler.record, b"\n")  # after a line that was cut short
    server = Server(("127.0.0.1", options.port), Handler)
    threading.Thread(target=server.serve_forever, daemon=False).start()


if __name__ == "__main__":
    main()
