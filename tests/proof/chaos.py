"""``python -m tests.proof.chaos``: Heed as it is installed, on PostgreSQL, while everything breaks; as JSON.

The recording provider, a process of its own, is the only witness of what was sent. It ends with 1 where the promise
was broken, where work did not go on in time, or where too little happened to prove anything. CHAOS=full plays the long
form.
"""

import argparse
import os
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import make_url

from connector.demo.launch import Running, running
from tests.journeys.up import Up
from tests.proof.chaos_faults import Chaos
from tests.proof.chaos_load import Load, Tail
from tests.proof.chaos_verdict import Form, judge
from tests.proof.endings import sends_of, until_all_has_ended
from tests.proof.mail_recorder import recording
from tests.servers import PostgresServer

REPORT = Path("var") / "chaos.json"
WORKERS = 4
PROVIDERS = ("http_api", "twilio", "smtp")
#: On a slow machine a form may take so many times as long.
_LONGER = 2
#: How long what is due may take to end when nothing breaks any more.
_ENDS_S = 120.0


SHORT = Form(
    180.0,
    {
        "worker killed": 75, "worker stopped": 15, "service killed": 5, "everything killed": 1, "queue killed": 3,
        "queue emptied": 6, "database restarted": 7, "connections cut": 5, "provider faulty": 12,
    },
    hand_offs=2_000, overlaps=50, kills=25,
)  # fmt: skip
FULL = Form(
    2_100.0,
    {
        "worker killed": 1_010, "worker stopped": 210, "service killed": 40, "everything killed": 10,
        "queue killed": 40, "queue emptied": 75, "database restarted": 102, "connections cut": 60,
        "provider faulty": 160,
    },
    hand_offs=250_000, overlaps=1_000, kills=1_000,
)  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Let chaos reign, let what is due end, and judge."""
    asked = _read(arguments)
    form = FULL if os.environ.get("CHAOS") == "full" else SHORT
    seed = asked.seed if asked.seed is not None else time.time_ns() % 1_000_000
    report = run(form, asked.seconds or form.seconds, seed, asked.providers)
    text = orjson.dumps(report, option=orjson.OPT_INDENT_2)
    REPORT.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    REPORT.write_bytes(text + b"\n")
    print(text.decode())
    return 0 if report["holds"] else 1


def run(form: Form, seconds: float, seed: int, providers: Sequence[str] = ("http_api",)) -> dict[str, Any]:
    """The whole of it, and its report."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="heed-chaos-") as place, PostgresServer() as server:
        folder, database = Path(place), server.fresh_database()
        log = folder / "handoffs.jsonl"
        with running(log, ["--delay-ms", "30", "--fail", "delay=0.1"]) as provider, recording(log) as mail_port:
            up = Up(folder, database, WORKERS)
            try:
                up.start()
                senders = {one: up.sender_of(one, provider.url, mail_port) for one in providers}
                load, chaos = _reign(form, seconds, up, server, provider, senders, seed)
                ended_s = until_all_has_ended(server, database, _ENDS_S)
                # What the provider was still to say it says in this time; then its record is whole.
                time.sleep(2.0)
            finally:
                up.end()
            report = judge(form, load, chaos, sends_of(server, database), provider.handoffs(), WORKERS)
            report["figures"]["sent_by"] = sent_by = _sent_by(server, database)
            if silent := set(providers) - sent_by.keys():
                report["faults"].append(f"nothing was sent by {', '.join(sorted(silent))}")
                report["holds"] = False
    report["figures"] |= {"ended_after_s": ended_s, "seconds": round(time.monotonic() - began, 1), "seed": seed}
    return report


def _reign(
    form: Form, seconds: float, up: Up, server: PostgresServer, provider: Running, senders: dict[str, str], seed: int
) -> tuple[Load, Chaos]:
    tail, over = Tail(provider.log), threading.Event()

    def follow() -> None:
        while not over.wait(0.05):
            tail.read()

    follower = threading.Thread(target=follow)
    follower.start()
    load = Load(up, server, tail, senders, seed)
    chaos = Chaos(up, server, provider, tail, load, seed)
    teller = threading.Thread(target=_tell, args=(tail, load, chaos, over), daemon=True)
    teller.start()
    try:
        end = time.monotonic() + _LONGER * seconds
        plan = {kind: max(1, round(n * seconds / form.seconds)) for kind, n in form.plan.items()}
        chaos.reign(plan, seconds, _LONGER * seconds)
        provider.behave({"*": None})
        while len(tail.begun) < form.hand_offs * seconds / form.seconds and time.monotonic() < end:
            time.sleep(0.2)
    finally:
        load.end()
        over.set()
        follower.join()
    return load, chaos


def _tell(tail: Tail, load: Load, chaos: Chaos, over: threading.Event) -> None:
    while not over.wait(15.0):
        counts = chaos.counts()
        told = ", ".join(f"{kind} {counts[kind]}" for kind in sorted(counts))
        print(
            f"chaos: {len(tail.begun)} hand-offs, {len(load.opted_out)} opt-outs, {load.due} due; {told}",
            file=sys.stderr, flush=True,
        )  # fmt: skip


def _sent_by(server: PostgresServer, database: str) -> dict[str, int]:
    """How many were sent by each provider."""
    with server.connect(make_url(database).database) as connection:
        rows = connection.execute(
            "SELECT senders.provider, count(*) FROM sends JOIN campaigns ON campaigns.id = sends.campaign"
            " JOIN senders ON senders.id = campaigns.sender WHERE sends.status = 'sent' GROUP BY 1"
        ).fetchall()
    return dict(rows)


def _read(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("chaos", description="Break everything while people are written to.")
    parser.add_argument("--seconds", type=float, help="how long at least, instead of 3 or 35 minutes")
    parser.add_argument(
        "--providers", type=lambda text: text.split(","), default=["http_api"],
        help=f"by which messages leave, with commas between; of {', '.join(PROVIDERS)}",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, help="of what breaks when")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.providers) - set(PROVIDERS):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    return asked


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
