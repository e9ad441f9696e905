"""Those who send for the part ``sends``: ``python -m bench.senders bare|unfenced|queue …`` is one of them."""

from __future__ import annotations

import itertools
import json
import sys
import threading

import redis
import requests
import rq

import worker
from bench import crowd
from connector.store import fence

QUEUE = "bench"
_JSON = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "Heed"}


def one_message(asked: str, key: str, target: str, number: str) -> None:
    """The job that most people write: ask, then post."""
    question = {"number": number, "channel": "sms"}
    answer = requests.post(asked, json=question, headers={"Authorization": f"Bearer {key}"}, timeout=10)
    if answer.json()["allowed"]:
        requests.post(target, json=_body(number, "1"), timeout=10).raise_for_status()


def _body(number: str, send_id: str) -> dict[str, str | None]:
    """What Heed posts as well."""
    return {
        "to": number, "from": "+15005550006", "channel": "sms", "subject": None, "html": None, "send_id": send_id,
        "text": "Hello Ann, our sale starts today. Reply STOP to end.",
    }  # fmt: skip


def _bare(target: str, hands: int) -> None:
    """A pool of sessions that does nothing but post."""
    numbers = itertools.count()

    def post() -> None:
        with requests.Session() as session:
            while True:
                place = next(numbers)
                body = json.dumps(_body(crowd.number(place), f"snd_{place:012}")).encode()
                headers = _JSON | {"Idempotency-Key": f"snd_{place:012}"}
                answer = session.post(target, data=body, headers=headers, timeout=10)
                assert answer.json()["id"]

    for _ in range(hands):
        threading.Thread(target=post, daemon=True).start()
    threading.Event().wait()


def _unfenced() -> None:
    """Heed's worker with the locks of the fence taken out, and nothing else."""
    fence.share_campaigns = fence.share_buckets = lambda _connection, locks: list(locks)
    worker.main()


def main(kind: str, *arguments: str) -> None:
    """One of those who send."""
    if kind == "bare":
        _bare(arguments[0], int(arguments[1]))
    elif kind == "unfenced":
        _unfenced()
    else:
        rq.Worker([QUEUE], connection=redis.Redis.from_url(arguments[0])).work(logging_level="WARNING")


if __name__ == "__main__":
    main(*sys.argv[1:])
