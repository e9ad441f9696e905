"""How the recording provider behaves to whom: a script by recipient, and what each of its words does.

A behaviour is a word ("reset-after"), three digits ("503") or an object: {"do": word, "ms": of the delay or
of each dripped byte, "retry_after": seconds, "times": how often before the next rule down applies, "status",
"body", "headers", "taken"}.
"""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import md5
from typing import Any

from connector.demo import wire

EVERYONE = "*"


@dataclass(frozen=True, slots=True)
class Move:
    """One behaviour, to be played once."""

    do: str
    #: Whether the provider took the message for delivery, whatever it then answers.
    taken: bool
    options: Mapping[str, Any] = field(default_factory=dict)

    def play(self, line: socket.socket, n: str) -> tuple[bool, bool]:
        """(a whole answer was written, the connection may be used again)."""
        return _PLAYS[self.do][1](line, n, self.options)


class Script:
    """Which behaviour comes next for whom; safe to change while it is read."""

    def __init__(self, rules: Mapping[str, Any], chances: Mapping[str, float], seed: int | None = None) -> None:
        self._lock = threading.Lock()
        self._rules: dict[str, dict[str, Any]] = {}
        self._chances = [(_options(word), share) for word, share in chances.items()]
        self._dice = random.Random(seed)  # noqa: S311 - chaos that can be repeated, not a secret
        self.change(rules)

    def change(self, rules: Mapping[str, Any]) -> None:
        """Merge rules in; null takes one away. ValueError for an unknown word: then nothing has changed."""
        parsed = {to: None if rule is None else _options(rule) for to, rule in rules.items()}
        with self._lock:
            merged = {**self._rules, **parsed}
            self._rules = {to: rule for to, rule in merged.items() if rule is not None}

    def next_for(self, to: str | None) -> Move:
        """The recipient's rule, else everyone's, else a throw of the dice, else "ok"."""
        if not self._rules and not self._chances:
            return _OK
        with self._lock:
            for key in (to or "", EVERYONE):
                if rule := self._rules.get(key):
                    self._use_up(key, rule)
                    return _move(rule)
            throw = self._dice.random()
            for rule, share in self._chances:
                if (throw := throw - share) < 0:
                    return _move(rule)
        return _OK

    def _use_up(self, key: str, rule: dict[str, Any]) -> None:
        if "times" in rule:
            rule["times"] -= 1
            if rule["times"] < 1:
                del self._rules[key]


def _options(rule: Any) -> dict[str, Any]:
    options = dict(rule) if isinstance(rule, dict) else {"do": str(rule)}
    word = str(options.get("do"))
    if len(word) == 3 and word.isdigit() and word not in _PLAYS:
        options |= {"do": "answer", "status": int(word)}
    elif word not in _PLAYS:
        raise ValueError(f"{word} is none of {', '.join(_PLAYS)} or a status")
    return options


def _move(options: Mapping[str, Any]) -> Move:
    taken = _PLAYS[options["do"]][0]
    if options["do"] == "answer":
        taken = options.get("status", 200) < 300
    return Move(options["do"], bool(options.get("taken", taken)), options)


def _ok(line: socket.socket, n: str, options: Mapping[str, Any]) -> tuple[bool, bool]:
    return _say(line, 200, _taken(n))


def _taken(n: str) -> dict[str, str]:
    """The message by its name, also as Twilio would have it."""
    return {"id": f"rec-{n}", "sid": "SM" + md5(n.encode(), usedforsecurity=False).hexdigest()}


def _delay(line: socket.socket, n: str, options: Mapping[str, Any]) -> tuple[bool, bool]:
    time.sleep(options.get("ms", 100) / 1000)
    return _answer(line, n, options) if "status" in options else _ok(line, n, options)


def _hang(line: socket.socket, n: str, options: Mapping[str, Any]) -> tuple[bool, bool]:
    while line.recv(65536):
        pass
    return False, False


def _reset(line: socket.socket, n: str, options: Mapping[str, Any]) -> tuple[bool, bool]:
    wire.reset(line)
    return False, False


def _close(line: socket.socket, n: str, options: Mapping[str, Any]) -> tuple[bool, bool]:
    return False, False


def _rate_limited(line: socket.socket, n: str, options: Mapping[str, Any]) -> tuple[bool, bool]:
    after = {"Retry-After": str(options.get("retry_after", 1))}
    return _say(line, 429, {"error": {"code": "rate", "message": "too many"}}, after)


def _error_after(line: socket.socket, n: str, options: Mapping[str, Any]) -> tuple[bool, bool]:
    return _say(line, 500, {"error": {"code": "internal", "message": "taken, but who could know"}})


def _drip(line: socket.socket, n: str, options: Mapping[str, Any]) -> tuple[bool, bool]:
    for byte in wire.answer(200, _taken(n)):
        line.sendall(bytes([byte]))
        time.sleep(options.get("ms", 50) / 1000)
    return True, True


def _garbage(line: socket.socket, n: str, options: Mapping[str, Any]) -> tuple[bool, bool]:
    line.sendall(b"\x00\xff 220 this is no HTTP at all\r\n\r\n")
    return False, False


def _garbage_json(line: socket.socket, n: str, options: Mapping[str, Any]) -> tuple[bool, bool]:
    content = b'{"id": "rec-'
    line.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(content), content)
    )
    return True, True


def _refused_inside(line: socket.socket, n: str, options: Mapping[str, Any]) -> tuple[bool, bool]:
    return _say(line, 200, {"error": {"code": "40300", "message": "Blocked due to STOP message"}})


def _answer(line: socket.socket, n: str, options: Mapping[str, Any]) -> tuple[bool, bool]:
    return _say(line, options.get("status", 200), options.get("body", {}), options.get("headers"))


def _say(line: socket.socket, status: int, body: Any, headers: Mapping[str, str] | None = None) -> tuple[bool, bool]:
    line.sendall(wire.answer(status, body, headers))
    return True, True


#: word: (the message is taken, what happens to the caller)
_PLAYS: dict[str, tuple[bool, Callable[[socket.socket, str, Mapping[str, Any]], tuple[bool, bool]]]] = {
    "ok": (True, _ok),
    "delay": (True, _delay),
    "hang": (True, _hang),
    "reset-before": (False, _reset),  # before it is written down: this provider never saw it
    "reset-after": (True, _reset),
    "close-after": (True, _close),
    "429": (False, _rate_limited),
    "500-after": (True, _error_after),
    "drip": (True, _drip),
    "garbage": (True, _garbage),
    "garbage-json": (True, _garbage_json),
    "2xx-with-error": (False, _refused_inside),
    "answer": (True, _answer),
}
_OK = Move("ok", True)
