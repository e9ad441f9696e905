"""``python -m tests.proof.keyed``: ten thousand calls, each made twice at once with one Idempotency-Key (R8); as JSON.

Every pair must have one effect: one of the two makes a group, the other is told the same answer, or 409 while the first
is at it and the same answer when it asks again. It ends with 1 where one made two, or none.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import orjson
import requests

from tests.journeys.up import Up
from tests.servers import postgres

REPORT = Path("var") / "keyed.json"
PAIRS = 10_000
_COUPLES = 4


def main(arguments: Sequence[str]) -> int:
    pairs = int(arguments[0]) if arguments else PAIRS
    report = {"sqlite": run(None, pairs)}
    with postgres() as server:
        report["postgresql"] = run(server.fresh_database(), pairs)
    holds = all(one["holds"] for one in report.values())
    text = orjson.dumps({"holds": holds, **report}, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)
    REPORT.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    REPORT.write_bytes(text + b"\n")
    print(text.decode())
    return 0 if holds else 1


def run(database: str | None, pairs: int) -> dict[str, Any]:
    """So many pairs on one database."""
    with tempfile.TemporaryDirectory(prefix="heed-keyed-") as place:
        up = Up(Path(place), database, 1)
        try:
            up.start()
            with ThreadPoolExecutor(2 * _COUPLES) as callers:
                barriers = [Barrier(2) for _ in range(_COUPLES)]
                jobs = [
                    callers.submit(_calls, up, barriers[couple], range(couple, pairs, _COUPLES))
                    for couple in range(_COUPLES)
                    for _ in range(2)
                ]
                said = [job.result() for job in jobs]
            made = _groups(up)
        finally:
            up.end()
    answers: dict[int, list[tuple[int, str]]] = {}
    for one in said:
        for place, status, name in one:
            answers.setdefault(place, []).append((status, name))
    told = Counter(status for pair in answers.values() for status, _ in pair)
    wrong = [place for place, pair in answers.items() if len({name for _, name in pair if name}) != 1]
    doubled = [name for name, count in Counter(made.values()).items() if count != 1]
    return {
        "holds": not wrong and not doubled and len(made) == pairs == len(answers) and told[409] > 0,
        "figures": {"pairs": pairs, "groups": len(made), "doubled": len(doubled), "torn": len(wrong), "statuses": told},
    }


def _calls(up: Up, barrier: Barrier, places: range) -> list[tuple[int, int, str]]:
    """One caller of a couple: what each call was answered, and which group it was told of."""
    answers = []
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {up.key}"
        for place in places:
            barrier.wait(60)
            answer = _call(session, up, place)
            first = answer.status_code
            while answer.status_code == 409:
                answer = _call(session, up, place)
            assert answer.ok, answer.text
            answers.append((place, first, str(answer.json()["id"])))
    return answers


def _call(session: requests.Session, up: Up, place: int) -> requests.Response:
    headers = {"Idempotency-Key": f"pair-{place}"}
    return session.post(f"{up.url}/v1/groups", json={"name": f"Group {place}"}, headers=headers, timeout=60)


def _groups(up: Up) -> dict[str, str]:
    """The name of every group that there is, by its id."""
    found, cursor = {}, ""
    while True:
        page = up.client.get(f"/v1/groups?limit=200{cursor}")
        found |= {one["id"]: one["name"] for one in page["items"]}
        if not page["next_cursor"]:
            return found
        cursor = f"&cursor={page['next_cursor']}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
