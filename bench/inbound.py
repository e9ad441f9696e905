"""What people write, as signed webhooks: how many a second, against an app by hand that keeps one table of numbers."""

from __future__ import annotations

import base64
import os
import sqlite3
import statistics
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson
import psycopg
import requests
from flask import Flask, Response, request
from sqlalchemy import make_url
from standardwebhooks import Webhook

from bench import crowd, servers
from bench.load import Load, http, load
from bench.rows import Row
from connector import bootstrap
from connector.embedded import end_with_parent
from tests.servers import postgres

#: One message in ten is a STOP; the others are talk, which every sender also has.
ROUNDS, MESSAGES, ONE_IN = 3, 1_000, 10
_SHARED = "whsec_" + base64.b64encode(bytes(range(24))).decode()
_TALK = "Thank you, the parcel came today. Could you send the invoice again?"
_TABLE = "CREATE TABLE IF NOT EXISTS opt_outs (number TEXT PRIMARY KEY, at TEXT NOT NULL)"


def rows() -> Iterator[Row]:
    """On SQLite, then on PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder, load(servers.CORES[1:] or servers.CORES) as asking:
        yield from _measured("sqlite", f"sqlite:///{Path(folder) / 'heed.db'}", Path(folder), asking)
        with postgres() as server:
            yield from _measured("postgresql", server.fresh_database(), Path(folder), asking)


def _measured(engine: str, url: str, folder: Path, asking: Load) -> Iterator[Row]:
    here = servers.settings(folder, url)
    bootstrap.migrate(url)
    database = servers.postmaster(url)
    with servers.heed(here) as heed, servers.other(here, "bench.inbound:by_hand") as other:
        path = _sender(heed.port)
        costs, theirs, rates = [], [], []
        for turn in range(ROUNDS + 1):
            before = servers.cpu_of(database) + other.cpu
            asking.drive(other.port, _messages(turn, "/in"), servers.THREADS)
            between = servers.cpu_of(database)
            theirs.append(between + other.cpu - before)
            at = heed.cpu
            did = asking.drive(heed.port, _messages(turn, path), servers.THREADS)
            costs.append(heed.cpu - at + servers.cpu_of(database) - between)
            rates.append(MESSAGES / did.seconds)
        outs = _opted_out(heed.port)
    assert outs == (ROUNDS + 1) * MESSAGES // ONE_IN, outs
    ratio = statistics.median(ours / by_hand for ours, by_hand in zip(costs[1:], theirs[1:], strict=True))
    yield Row(f"inbound_{engine}_rate", round(statistics.median(rates[1:])), "webhooks/s, one web process on one core")
    yield Row(
        f"inbound_{engine}_cpu", round(1e6 * statistics.median(costs[1:]) / MESSAGES), "µs of CPU, database included"
    )
    yield Row(f"inbound_{engine}_ratio", round(ratio, 2), "x the CPU of an app by hand with one table")


def _sender(port: int) -> str:
    """The path that a sender's provider posts to."""
    values = {
        "channel": "sms", "number": "+15005550006", "provider": "http_api",
        "settings": {"url": "https://provider.example/send", "secret": _SHARED},
    }  # fmt: skip
    answer = requests.post(f"http://127.0.0.1:{port}/v1/senders", json=values, headers=_AUTHORISED, timeout=10)
    answer.raise_for_status()
    return str(answer.json()["inbound_url"]).removeprefix("http://heed.test")


_AUTHORISED = {"Authorization": f"Bearer {servers.KEY}"}


def _opted_out(port: int) -> int:
    """How many the export of the default list has."""
    asked = f"http://127.0.0.1:{port}/v1/lists/default/export"
    return requests.get(asked, headers=_AUTHORISED, timeout=10).content.count(b",out,")


def _messages(turn: int, path: str) -> list[bytes]:
    """Signed as a provider signs them, each from somebody else."""
    hook, now, made = Webhook(_SHARED), datetime.now(UTC), []
    for place in range(MESSAGES):
        text = "STOP" if place % ONE_IN == 0 else _TALK
        name = f"m-{turn}-{place}"
        said = {"id": name, "from": crowd.number(turn * MESSAGES + place), "to": "+15005550006", "text": text}
        body = orjson.dumps({**said, "channel": "sms"})
        headers = (
            f"webhook-id: {name}\r\nwebhook-timestamp: {int(now.timestamp())}\r\n"
            f"webhook-signature: {hook.sign(name, now, body.decode())}\r\n"
        )
        made.append(http("POST", path, body, headers))
    return made


def by_hand() -> Flask:
    """What one would write without Heed: verify, look for STOP, keep the number. No order, no repeats, no history."""
    end_with_parent()
    app, hook = Flask("by hand", static_folder=None), Webhook(_SHARED)
    keep = _keeping(os.environ["HEED_DATABASE_URL"])

    @app.post("/in")
    def message() -> Response:
        said = hook.verify(request.get_data(as_text=True), dict(request.headers))
        if said["text"].strip().upper() in ("STOP", "UNSUBSCRIBE", "END", "QUIT", "CANCEL"):
            keep(said["from"])
        return Response(b'{"status":"ok"}', content_type="application/json")

    return app


def _keeping(url: str) -> Callable[[str], None]:
    now = "2026-01-01T00:00:00Z"
    if url.startswith("sqlite"):
        path = f"{make_url(url).database}-by-hand"
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(_TABLE)

        def into_sqlite(number: str) -> None:
            with sqlite3.connect(path) as line:
                line.execute("INSERT INTO opt_outs VALUES (?, ?) ON CONFLICT DO NOTHING", (number, now))

        return into_sqlite
    line = psycopg.connect(crowd.plain(url), autocommit=True)
    line.execute(_TABLE)
    return lambda number: line.execute("INSERT INTO opt_outs VALUES (%s, %s) ON CONFLICT DO NOTHING", (number, now))
