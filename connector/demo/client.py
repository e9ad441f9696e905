"""HTTP as a careful caller speaks it: every call may be repeated, and is, until the service has answered."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import requests

#: How long a call is repeated while the service is away or busy, seconds.
_PATIENCE_S = 60.0
_PAUSE_S = 0.1
_AGAIN = (429, 500, 502, 503, 504)


class CallFailed(Exception):
    """A call that was refused, or that nobody answered in time."""

    def __init__(self, detail: str, status: int = 0) -> None:
        super().__init__(detail)
        self.status = status


class Client:
    """One caller with one API key; threads may share it."""

    def __init__(self, url: str, key: str, stopped: Callable[[], bool] = lambda: False) -> None:
        self._url = url
        self._authorization = {"Authorization": f"Bearer {key}"}
        self._stopped = stopped
        self._local = threading.local()
        self._numbers = itertools.count(1)
        #: How often a call had to be repeated.
        self.repeats = 0

    def get(self, path: str) -> Any:
        return self._call("GET", path).json()

    def text(self, path: str) -> str:
        answer = self._call("GET", path)
        answer.encoding = "utf-8"
        return answer.text

    def post(self, path: str, body: Any = None) -> Any:
        """A JSON call with an Idempotency-Key: repeated, it has happened once."""
        return self._call("POST", path, json={} if body is None else body).json()

    def upload(self, path: str, text: str) -> Any:
        return self._call("POST", path, data=text.encode(), headers={"Content-Type": "text/csv"}).json()

    def settled(self, path: str, body: Any) -> int:
        """An opt-out: repeated until it has settled. Answers when that was known, ns of CLOCK_MONOTONIC."""
        end = time.monotonic() + _PATIENCE_S
        while True:
            answer = self._call("POST", path, json=body)
            at = time.monotonic_ns()
            if answer.status_code == 200 and answer.json().get("settled", True):
                return at
            if self._stopped() or time.monotonic() > end:
                raise CallFailed(f"POST {path}: a hand-off to this address does not end")
            time.sleep(_PAUSE_S)

    def _call(self, method: str, path: str, headers: Mapping[str, str] | None = None, **body: Any) -> requests.Response:
        url = path if path.startswith("http") else self._url + path
        sent = {**self._authorization, **(headers or {})}
        if method == "POST":
            sent["Idempotency-Key"] = f"demo-{next(self._numbers)}"
        end = time.monotonic() + _PATIENCE_S
        while True:
            last = "stopped"
            try:
                answer = self._session.request(method, url, headers=sent, timeout=30, **body)
                if answer.ok:
                    return answer
                last = f"{answer.status_code} {answer.text[:300]}"
                is_running = answer.status_code == 409 and "in_progress" in answer.text
                if answer.status_code not in _AGAIN and not is_running:
                    raise CallFailed(f"{method} {path}: {last}", answer.status_code)
            except requests.RequestException as error:
                last = type(error).__name__
            if self._stopped() or time.monotonic() > end:
                raise CallFailed(f"{method} {path}: {last}")
            self.repeats += 1
            time.sleep(_PAUSE_S)

    @property
    def _session(self) -> requests.Session:
        """A session of this thread's own: requests does not promise that threads may share one."""
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False  # no proxy between us and this machine
        session: requests.Session = self._local.session
        return session
