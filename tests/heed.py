"""Heed in this process over a real database: a client of its HTTP interface, and a worker that works when told to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from connector import bootstrap, settings
from connector.app import create_app
from connector.engine.tick import tick

KEY = "heed_test_" + "k" * 32
START = 1_790_000_000_000_000


@dataclass
class Clock:
    """The system's clock, moved by hand where a test needs another time."""

    ahead: int = 0

    def __call__(self) -> int:
        return bootstrap.now() + self.ahead

    def pass_by(self, micros: int) -> None:
        self.ahead += micros


@dataclass
class Heed:
    """One service with one organisation and its admin key."""

    url: str
    home: Path
    clock: Clock = field(default_factory=Clock)
    wait_s: float = 3.0

    def __post_init__(self) -> None:
        self.settings = settings.Settings(
            home=self.home, host="127.0.0.1", port=0, public_url="http://heed.test", database_url=self.url,
            redis_url=None, secret="s" * 32, region="US", bootstrap_key=KEY, allow_private_targets=True,
            allow_unsafe_database=False, threads=8, web_processes=1, workers=1, wait_s=self.wait_s,
        )  # fmt: skip
        self.key = KEY
        self.begin()

    def begin(self) -> None:
        """Build the house, and the service over it."""
        bootstrap.first_key(self.settings)
        self.house = bootstrap.build(self.settings, clock=self.clock)
        self.app = create_app(self.house)

    def call(self, method: str, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> TestResponse:
        """One call of the API; header names are written with underscores."""
        sent = {"Authorization": f"Bearer {key or self.key}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        return self.app.test_client().open(path, method=method, json=body, headers=sent)

    def get(self, path: str, **headers: str) -> Any:
        answer = self.call("GET", path, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json

    def post(self, path: str, body: Any = None, *, status: int | None = None, **headers: str) -> Any:
        answer = self.call("POST", path, {} if body is None else body, **headers)
        assert answer.status_code == status if status else answer.status_code < 300, answer.text
        return answer.json

    def act(self, action: str, **values: Any) -> Any:
        """Run an action that is expected to succeed."""
        return self.post(f"/v1/actions/{action}", values)

    def faults(self, path: str, body: Any, status: int = 422) -> dict[str, str]:
        """The faults of a refused call: pointer to code."""
        answer = self.call("POST", path, body)
        assert answer.status_code == status, answer.text
        return {fault["pointer"]: fault["code"] for fault in answer.json["errors"]}

    def sender(self, url: str | None = None, channel: str = "sms", **values: Any) -> dict[str, Any]:
        """A sender: over HTTP to ``url``, or the console."""
        number = "news@shop.example" if channel == "email" else "+15005550006"
        provider = {"provider": "http_api", "settings": {"url": url}} if url else {"provider": "console"}
        return self.post("/v1/senders", {"channel": channel, "number": number, **provider, **values})

    def work(self) -> None:
        """Bring in and hand over everything that is due, as a worker does."""
        for number in self.house.bringing.unfinished():
            while self.house.bringing.work(number, 5.0):
                pass
        for number in self.house.gathering.unfinished():
            while self.house.gathering.work(number, 5.0):
                pass
        while self.house.sender.drain(range(256), self.house.incarnations.token, 5.0):
            pass

    @contextmanager
    def working(self) -> Iterator[None]:
        """A worker beside the test, for calls that wait for one."""
        stop = threading.Event()

        def run() -> None:
            while not stop.is_set():
                self.work()
                tick(self.house.database, self.clock, self.house.hints)
                stop.wait(0.002)

        thread = threading.Thread(target=run, name="worker")
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def close(self) -> None:
        self.house.close()
