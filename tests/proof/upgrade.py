"""``python -m tests.proof.upgrade``: an older Heed and this one at once on one PostgreSQL, under load; as JSON.

The older one (a commit of this repository) runs with its own service and workers. While it sends, the database is
migrated by this version, which then starts beside it; both send and both take opt-outs; then the older one stops. The
recording provider is the only witness of what was sent. It ends with 1 where a promise was broken.
"""

import argparse
import io
import itertools
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from connector.demo.client import CallFailed
from connector.demo.launch import Running, running
from connector.embedded import QueueServer
from tests.journeys.up import Up
from tests.proof.chaos_load import OptOut
from tests.proof.chaos_verdict import Send, overlaps, promises, unaccounted
from tests.proof.endings import sends_of, until_all_has_ended
from tests.servers import PostgresServer

OLDER = "8714cb4"
REPORT = Path("var") / "upgrade.json"
_SECRET = "the one secret of both versions"
_KEY = "heed_both_" + "k" * 32
_ROOT = Path(__file__).parents[2]
_ENDS_S = 180.0


class Load:
    """People taken in, and people who opt out, through whichever services there are."""

    def __init__(self, sender: str, provider: Running) -> None:
        self.services: list[Up] = []
        self.people: list[str] = []
        self.words: list[OptOut] = []
        self.said: set[str] = set()
        self.faults: list[str] = []
        self._sender, self._provider = sender, provider
        self._turn = itertools.count()
        self._numbers = itertools.count(2_120_000_000 + 4_000_000)
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._kept, args=(work,)) for work in (self._feed, *[self._opt_out] * 3)
        ]

    def start(self, first: Up) -> None:
        self.services = [first]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _kept(self, work: Any) -> None:
        try:
            work()
        except Exception as fault:  # a load that has stopped proves nothing: the verdict says so
            self.faults.append(f"{work.__name__}: {type(fault).__name__}: {fault}"[:300])

    def _client(self) -> Any:
        """One service after the other, so that both versions take every kind of call."""
        return self.services[next(self._turn) % len(self.services)].client

    def _feed(self) -> None:
        while not self._over.wait(0.6):
            some = [f"+1{next(self._numbers)}" for _ in range(40)]
            values = {"kind": "broadcast", "name": "Both", "sender": self._sender, "steps": [{"text": "hi"}]}
            client = self._client()
            name = str(client.post("/v1/campaigns", values)["id"])
            client.post(f"/v1/campaigns/{name}/start")
            self._client().post(f"/v1/campaigns/{name}/enrol", {"recipients": [{"number": one} for one in some]})
            self.people += some

    def _opt_out(self) -> None:
        while not self._over.wait(0.15):
            met = [one.to for one in self._provider.handoffs()[-60:] if one.ended is None and one.to]
            new = [one for one in [*met, *self.people[-20:]] if one not in self.said][:1]
            self.said.update(new)
            for one in new:
                called = time.monotonic_ns()
                try:
                    answered = self._client().settled("/v1/actions/add_to_opt_out", {"number": one})
                except CallFailed as failed:
                    if failed.status:
                        raise
                    continue
                self.words.append(OptOut(one, called, answered))


def main(arguments: Sequence[str]) -> int:
    asked = argparse.ArgumentParser("upgrade", description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--older", default=OLDER, help="the commit of the older version")
    asked.add_argument("--seconds", type=float, default=60.0, help="how long, a third with each set of versions")
    options = asked.parse_args(arguments)
    report = run(options.older, options.seconds / 3)
    text = orjson.dumps(report, option=orjson.OPT_INDENT_2)
    REPORT.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    REPORT.write_bytes(text + b"\n")
    print(text.decode())
    return 0 if report["holds"] else 1


def run(commit: str, third_s: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="heed-up-") as place, PostgresServer() as server:
        folder, url = Path(place), server.fresh_database()
        checkout(commit, folder / "older")
        with (
            QueueServer(folder / "queue") as queue,
            running(folder / "handoffs.jsonl", ["--delay-ms", "60"]) as provider,
        ):
            same = {"HEED_SECRET": _SECRET, "HEED_REDIS_URL": queue.url, "HEED_BOOTSTRAP_KEY": _KEY}
            older = _up(folder / "a", url, same, PYTHONPATH=str(folder / "older"))
            newer = _up(folder / "b", url, same, PYTHONPATH=str(_ROOT))
            # One API key for both services: a repeat of the one must not look like a repeat of the other.
            newer.client._numbers = itertools.count(1_000_000)
            try:
                told, load = _play(older, newer, provider, third_s)
                ended_s = until_all_has_ended(server, url, _ENDS_S)
                time.sleep(1.0)
            finally:
                newer.end()
                older.end()
            return _verdict(commit, load, provider, sends_of(server, url), told, ended_s, [older, newer])


def _play(older: Up, newer: Up, provider: Running, third_s: float) -> tuple[dict[str, Any], Load]:
    older.start()
    load = Load(older.sender(provider.url), provider)
    load.start(older)
    told: dict[str, Any] = {}
    try:
        time.sleep(third_s)
        told["hand_offs_by_the_older_alone"] = len(provider.handoffs())
        began = time.monotonic()
        _migrate(newer)
        told["migration_s"] = round(time.monotonic() - began, 2)
        time.sleep(third_s / 2)  # the older one on the newer tables
        newer.start()
        load.services = [older, newer]
        time.sleep(third_s)
        told["hand_offs_when_both_had_run"] = len(provider.handoffs())
        load.services = [newer]
        told["older_ended_with"] = older.stop()
        time.sleep(third_s)
    finally:
        load.end()
    told["hand_offs"] = len(provider.handoffs())
    return told, load


def checkout(commit: str, into: Path) -> None:
    """The files of a commit, from this repository's own history."""
    packed = subprocess.run(["git", "archive", commit], cwd=_ROOT, capture_output=True, check=True).stdout  # noqa: S607
    into.mkdir()
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(into, filter="data")


def _up(folder: Path, url: str, same: dict[str, str], **extra: str) -> Up:
    folder.mkdir()
    return Up(folder, url, 2, **same, **extra)


def _migrate(newer: Up) -> None:
    command = [sys.executable, "-c", "from connector.cli import main; main()", "db", "upgrade"]
    subprocess.run(command, env=newer.variables(), cwd=newer.folder, check=True, timeout=600)


def _verdict(
    commit: str, load: Load, provider: Running, sends: Sequence[Send], told: dict[str, Any], ended_s: float | None,
    both: Sequence[Up],
) -> dict[str, Any]:  # fmt: skip
    handoffs = provider.handoffs()
    found = promises(handoffs, load.words, sends) | {
        "unaccounted": unaccounted(handoffs, sends, load.people, load.said)
    }
    logs = {one.folder.name: (one.folder / "up.log").read_text(errors="replace") for one in both}
    crashes = {name: log.count("crashed") + log.count("_failed") for name, log in logs.items()}
    statuses = {status: sum(one.status == status for one in sends) for status in {one.status for one in sends}}
    alone, both_ran = told["hand_offs_by_the_older_alone"], told["hand_offs_when_both_had_run"]
    vacuous = not (0 < alone < both_ran < told["hand_offs"]) or len(load.words) < 20
    broken = load.faults or any(found.values()) or any(crashes.values()) or statuses.get("unknown", 0)
    return {
        "holds": not (vacuous or broken or ended_s is None), "older": commit, "vacuous": vacuous,
        **{kind: len(some) for kind, some in found.items()},
        "examples": [f"{kind}: {one}" for kind, some in found.items() for one in some[:5]],
        "faults": load.faults, "crashes_logged": crashes, "opt_outs": len(load.words),
        "overlaps": overlaps(handoffs, load.words), "sends": statuses, "ended_after_s": ended_s, **told,
        "last_lines": {name: log[-600:] for name, log in logs.items()} if broken else {},
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
