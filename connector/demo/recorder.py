"""The recording provider: a process of its own that writes down every hand-off before it answers.

It is the only oracle for "was this message sent"; the database is never asked. Every line is one ``os.write``
to a file opened for appending, so a kill -9 loses nothing that had been received.

    python -m connector.demo.recorder --log handoffs.jsonl --port 0 --delay-ms 50 \\
        --behave '{"+15550100": "reset-after", "*": {"do": "429", "times": 3}}' --fail 500-after=0.01 --seed 7

It prints one JSON line, {"port": 40123, "pid": 77}, once it listens, and ends with its parent. The words of
``--behave`` (a file or JSON, by recipient) and of ``--fail`` (a share of all) stand in
`connector.demo.behaviours`; ``POST /behave`` changes the script while it runs.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connector.demo import wire
from connector.demo.behaviours import Script
from connector.demo.handoffs import HandOff, read_log

__all__ = ["HandOff", "Recorder", "main", "read_log"]

_PR_SET_PDEATHSIG = 1
#: The fields in which the providers that Heed can play carry the recipient, the text and our reference.
_FIELDS = {
    "to": ("to", "To", "recipient"),
    "text": ("text", "Body", "body"),
    "send_id": ("send_id", "client_ref", "reference"),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Listen until SIGTERM or until the parent is gone."""
    options = _options(arguments)
    _end_with_parent()
    script = Script(options.behave, dict(options.fail), options.seed)
    recorder = Recorder(options.log, script, options.delay_ms)
    with socket.create_server((options.host, options.port), backlog=1024) as listener:
        sys.stdout.write(json.dumps({"port": listener.getsockname()[1], "pid": os.getpid()}) + "\n")
        sys.stdout.flush()
        recorder.serve(listener)


class Recorder:
    """The log, and the conversation with each caller."""

    def __init__(self, log: Path, script: Script, delay_ms: float = 0) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._script = script
        self._delay = delay_ms / 1000
        # Recorders may follow each other on one log, so a number holds the process and its start.
        run = f"{os.getpid()}-{time.monotonic_ns()}"
        self._numbers = (f"{run}-{n}" for n in count(1))
        self._turn = threading.Lock()

    def serve(self, listener: socket.socket) -> None:
        """A thread for each caller, for ever."""
        while True:
            line, _ = listener.accept()
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._converse, args=(line,), daemon=True).start()

    def _converse(self, line: socket.socket) -> None:
        with line:
            try:
                for request in wire.requests(line):
                    if not self._answer(line, request):
                        return
            except (OSError, ValueError):
                # The caller has gone or speaks no HTTP: no concern of the log.
                return

    def _answer(self, line: socket.socket, request: wire.Request) -> bool:
        if request.path != "/behave":
            return self._take(line, request)
        try:
            self._script.change(request.fields())
        except ValueError as fault:
            line.sendall(wire.answer(422, {"detail": str(fault)}))
        else:
            line.sendall(wire.answer(200, {"ok": True}))
        return True

    def _take(self, line: socket.socket, request: wire.Request) -> bool:
        """Write the message down, then behave as scripted; whether the connection may be used again."""
        received = time.monotonic_ns()
        message = _read(request)
        move = self._script.next_for(message["to"])
        if move.do == "reset-before":
            return move.play(line, "")[1]
        with self._turn:
            n = next(self._numbers)
        self._write({"n": n, **message, "received": received, "taken": move.taken, "did": move.do})
        if self._delay:
            time.sleep(self._delay)
        answered = goes_on = False
        try:
            answered, goes_on = move.play(line, n)
        finally:
            # Written also where the caller hung up in the middle of the answer: that ends the hand-off too.
            ended = time.monotonic_ns()
            self._write({"n": n, "answered": ended if answered else None, "ended": ended})
        return goes_on

    def _write(self, entry: Mapping[str, Any]) -> None:
        os.write(self._log, json.dumps(entry).encode() + b"\n")


def _read(request: wire.Request) -> dict[str, str | None]:
    fields = request.fields()
    message = {
        ours: next((str(fields[name]) for name in names if fields.get(name) is not None), None)
        for ours, names in _FIELDS.items()
    }
    if message["send_id"] is None and (callback := fields.get("StatusCallback")):  # Twilio carries it there
        message["send_id"] = dict(parse_qsl(urlsplit(str(callback)).query)).get("send")
    return {**message, "idempotency_key": request.headers.get("idempotency-key")}


def _end_with_parent() -> None:
    """A harness that is killed leaves no recorder behind; the log needs no goodbye."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    if sys.platform == "linux":
        parent = os.getppid()
        # Sent when the *thread* that started us ends: start recorders from a thread that stays.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died while we asked
            os._exit(0)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="recorder", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--delay-ms", type=float, default=0.0, help="before every answer")
    parser.add_argument("--behave", type=_rules, default={}, metavar="FILE|JSON")
    parser.add_argument("--fail", type=_share, action="append", default=[], metavar="WORD=SHARE")
    parser.add_argument("--seed", type=int, help="of the throws that --fail needs")
    return parser.parse_args(arguments)


def _rules(value: str) -> dict[str, Any]:
    rules = json.loads(value if value.lstrip().startswith("{") else Path(value).read_text(encoding="utf-8"))
    Script(rules, {})
    return dict(rules)


def _share(value: str) -> tuple[str, float]:
    word, _, share = value.rpartition("=")
    Script({}, {word: float(share)})
    return word, float(share)


if __name__ == "__main__":
    main()
