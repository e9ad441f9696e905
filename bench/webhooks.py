"""Webhooks out, while the service, the workers and the receiver are killed -9 again and again.

python -m bench.webhooks [--postgres] [--events 5000] [--kills 5]

People opt out through the service; every event must reach the receiver at least once, under one id and with one body
at every attempt, signed. The result is a line of JSON, and exit code 1 where something of it does not hold, or where a
kill met nothing on its way. A killed worker's deliveries are lent for a minute and a failed one is tried again after
five seconds and then five minutes, so a run takes some two minutes and at most ``--limit`` seconds.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from bench.hook_check import Told, faults, vacuous
from bench.hook_process import Receiver
from bench.hook_receiver import read
from bench.hook_watch import Watch, now, until
from tests.journeys.up import Up
from tests.servers import postgres

_PARTS = ("service", "worker", "receiver")
_CALLERS, _PER_CALL = 4, 5
_DOWN_S = 0.5
#: What the receiver takes before it writes down, and again before it answers.
_PAUSE_MS = 80
#: A worker takes so many deliveries in hand.
_HANDS = 16


def soak(
    up: Up, url: str, folder: Path, *,
    events: int, kills: int, limit_s: float, pause_ms: int = _PAUSE_MS, whole: bool = True,
) -> Any:  # fmt: skip
    """Make events and kill, wait until all has arrived, and check. Not ``whole``: all but what the killed had lent."""
    began, receiver, watch, told = time.monotonic(), Receiver(folder / "heard.jsonl", pause_ms), Watch(url), Told()
    receiver.start()
    try:
        body = {"url": f"http://127.0.0.1:{receiver.port}/", "events": ["contact.opted_out"]}
        hook = up.client.post("/v1/webhooks", {**body, "secret": receiver.secret})["id"]
        people = [f"+1212{2_300_000 + number}" for number in range(events)]
        met: dict[str, list[int]] = {part: [] for part in _PARTS}
        last, chance = 0, random.Random(kills)
        for turn in range(kills):
            with _beside(up, people[turn::kills], told):
                for part in _PARTS:
                    met[part].append(_kill(part, turn, up, receiver, watch, chance))
                    last = now() if part == "worker" else last
            # A second failure would wait for five minutes: the next kill comes when the first ones have been mended.
            until(lambda: not watch.failed_once, 30, "what failed once has arrived", insist=False)
            _say(f"{turn + 1} of {kills}: {len(told.people)} people out, {watch.left} events still to arrive")
        until(lambda: watch.left <= (0 if whole else watch.lent(last)), limit_s, "all has arrived", insist=False)
        left, dead = watch.left, watch.count("deliveries WHERE status = 'dead'")
        found = {
            "events": events, "kills": {part: len(hands) for part, hands in met.items()}, "in_hand_at_kill": met,
            "calls_repeated": up.client.repeats, "still_lent": left, "dead": dead,
            "failed_then_delivered": watch.count("deliveries WHERE status = 'delivered' AND attempts > 1"),
            "lent_then_delivered": watch.count(
                "deliveries WHERE status = 'delivered' AND delivered_at - created_at > 55000000"
            ),
            "disabled": up.client.get(f"/v1/webhooks/{hook}")["disabled_at"],
        }  # fmt: skip
    finally:
        receiver.kill()
        watch.close()
    heard = list(read(receiver.record))
    found |= {"received": len(heard), "distinct": len({one["id"] for one in heard})}
    found["faults"] = [*faults(told, people, heard, found), *vacuous(found, whole)]
    return {**found, "ok": not found["faults"], "seconds": round(time.monotonic() - began, 1)}


@contextmanager
def _beside(up: Up, people: Sequence[str], told: Told) -> Iterator[None]:
    """These people opt out beside the block, through a service that may be killed at any moment."""

    def call(mine: Sequence[str]) -> None:
        for start in range(0, len(mine), _PER_CALL):
            body = {"recipients": [{"number": one} for one in mine[start : start + _PER_CALL]], "channel": "sms"}
            for one in up.client.post("/v1/actions/add_to_opt_out", body)["results"]:
                told.people.append(one["number"])
                if one["status"] == "added":  # "already" where a killed service had it done, but not answered
                    told.events[one["number"]] = one["event"]

    callers = [threading.Thread(target=call, args=(people[place::_CALLERS],)) for place in range(_CALLERS)]
    for caller in callers:
        caller.start()
    try:
        yield
    finally:
        for caller in callers:
            caller.join()


def _kill(part: str, turn: int, up: Up, receiver: Receiver, watch: Watch, chance: random.Random) -> int:
    """Kill a part while deliveries are on their way; answers how many were."""
    since, least = now(), _HANDS if part == "worker" else 0  # more than one can have: whichever is killed has some

    def met() -> int:
        if watch.in_hand(since) <= least:
            return 0
        time.sleep(
            chance.uniform(0, 2 * receiver.pause_ms / 1000)
        )  # at any moment of their way: there, written down, answered
        hands = watch.in_hand(since)
        return hands if hands > least else 0

    hands = int(until(met, 20, "deliveries are in hand", insist=False))
    if part == "receiver":
        receiver.kill()
        time.sleep(_DOWN_S)  # it is away for so long
        receiver.start()
    else:
        up.kill(part, turn)
    return hands


def _say(line: str) -> None:
    print(f"webhooks: {line}", file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--events", type=int, default=5_000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--limit", type=float, default=420.0)
    options = parser.parse_args()
    with postgres() if options.postgres else nullcontext() as server, tempfile.TemporaryDirectory() as folder:
        database = server.fresh_database() if server else None
        up = Up(Path(folder), database)
        up.start()
        try:
            url = database or f"sqlite:///{Path(folder) / 'home' / 'heed.db'}"
            found = soak(up, url, Path(folder), events=options.events, kills=options.kills, limit_s=options.limit)
        finally:
            up.end()
    sys.stdout.write(json.dumps({"database": "postgresql" if server else "sqlite", **found}) + "\n")
    return 0 if found["ok"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
