"""``python -m tests.proof.mail_recorder --log FILE``: a mail server that writes down every mail, as the recorder does.

A process of its own that ends with its parent; one ``os.write`` a line to a file opened for appending, so a kill loses
nothing that was received. It prints one JSON line, {"port": 40123}, once it listens.
"""

import argparse
import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from email import message_from_bytes
from itertools import count
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from connector.demo.recorder import _end_with_parent


class Recorder:
    """Takes every mail after a little while; begun is a hand-off when its recipient is named."""

    def __init__(self, log: Path, delay_s: float) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._delay = delay_s
        self._numbers = (f"mail-{os.getpid()}-{time.monotonic_ns()}-{n}" for n in count(1))

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        envelope.begun = time.monotonic_ns()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content)
        n = next(self._numbers)
        self._write({
            "n": n, "to": envelope.rcpt_tos[0], "text": None, "idempotency_key": None,
            "send_id": str(mail["Message-ID"]).strip("<>").partition("@")[0].partition(".")[0],
            "received": envelope.begun, "taken": True, "did": "ok",
        })  # fmt: skip
        answered = False
        try:  # who dies meanwhile takes the connection along, and this is broken off: the hand-off has ended then, too
            await asyncio.sleep(self._delay)
            answered = True
        finally:
            ended = time.monotonic_ns()
            self._write({"n": n, "answered": ended if answered else None, "ended": ended})
        return "250 2.0.0 OK: queued"

    def _write(self, entry: dict[str, Any]) -> None:
        os.write(self._log, json.dumps(entry).encode() + b"\n")


@contextlib.contextmanager
def recording(log: Path) -> Iterator[int]:
    """The port of one that listens on loopback, killed at the end; RuntimeError where it does not come up."""
    command = [sys.executable, "-m", "tests.proof.mail_recorder", "--log", str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            first = process.stdout.readline() if process.stdout else ""
            if not first:
                raise RuntimeError("the mail recorder did not start")
            yield int(json.loads(first)["port"])
        finally:
            process.kill()


async def _serve(log: Path, delay_s: float) -> None:
    recorder = Recorder(log, delay_s)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(recorder, hostname="recorder", enable_SMTPUTF8=True), "127.0.0.1", 0, backlog=512
    )
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser("mail_recorder")
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--delay-ms", type=float, default=30.0)
    asked = parser.parse_args()
    _end_with_parent()
    asyncio.run(_serve(asked.log, asked.delay_ms / 1000))
