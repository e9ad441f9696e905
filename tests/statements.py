"""How many SQL statements a call takes, whoever sends them: SQLAlchemy, or the look-up straight through the driver."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import event

from connector.store.lookup import Lookup
from tests.heed import Heed

NUMBERS = [f"+1415{5_550_000 + place}" for place in range(10_000)]


@contextmanager
def counted(heed: Heed) -> Iterator[list[str]]:
    """The statements of a block; one that is run for many rows in one go counts once."""
    seen: list[str] = []
    plain = Lookup._statement

    def by_sqlalchemy(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    def by_driver(*arguments: Any) -> Any:
        seen.append("look-up")
        return plain(*arguments)

    event.listen(heed.house.database.engine, "before_cursor_execute", by_sqlalchemy)
    try:
        with patch.object(Lookup, "_statement", by_driver):
            yield seen
    finally:
        event.remove(heed.house.database.engine, "before_cursor_execute", by_sqlalchemy)


def of_check(heed: Heed, count: int) -> int:
    """A check of so many people over two lists."""
    heed.act("check_consent", number=NUMBERS[0])  # the key and the directory are read now
    with counted(heed) as seen:
        answer = heed.act("check_consent", recipients=_people(count), channel="sms", lists=["default"])
    assert len(answer["decisions"]) == count
    return len(seen)


def of_import(heed: Heed, kind: str, count: int) -> int:
    """A file of so many people, enrolled in a new campaign."""
    name = _campaign(heed, kind)
    with counted(heed) as seen:
        answer = _enrol(heed, name, NUMBERS[:count])
    assert answer["enrolled"] == count, answer
    return len(seen)


def of_claim(heed: Heed, kind: str, count: int) -> int:
    """A claim that takes so many sends in hand."""
    return _of_claim(heed, kind, NUMBERS[:count], taken=count)


def of_refusal(heed: Heed, count: int) -> int:
    """A claim that finds that so many people have opted out of the list since."""
    refused = NUMBERS[-count:]
    for start in range(0, count, 1000):
        heed.act("add_to_opt_out", recipients=[{"number": one} for one in refused[start : start + 1000]])
    return _of_claim(heed, "broadcast", refused, taken=0)


def _of_claim(heed: Heed, kind: str, people: Sequence[str], taken: int) -> int:
    name = _campaign(heed, kind)
    _enrol(heed, name, people)
    heed.post(f"/v1/campaigns/{name}/start")
    token = heed.house.incarnations.token()
    heed.house.guard.is_home(token)  # looked at once a second
    # The lottery of where to begin costs at most one more look; it is left out here.
    with patch("connector.engine.claim.random.choice", _first), counted(heed) as seen:
        works = heed.house.sender._claims.claim(range(256), token, limit=len(people))
    assert works is not None
    assert len(works) == taken
    return len(seen)


_first: Callable[[Sequence[int]], int] = min


def _campaign(heed: Heed, kind: str) -> str:
    steps = [{"delay": "PT0S", "text": "one"}, {"delay": "PT1H", "text": "two"}]
    values = {"kind": kind, "name": "Counted", "sender": heed.sender()["id"], "lists": ["default"]}
    return str(heed.post("/v1/campaigns", {**values, "steps": steps[: 1 + (kind == "sequence")]})["id"])


def _enrol(heed: Heed, name: str, people: Sequence[str]) -> Any:
    answer = heed.app.test_client().post(
        f"/v1/campaigns/{name}/enrol",
        data="\n".join(["number", *people]),
        content_type="text/csv",
        headers={"Authorization": f"Bearer {heed.key}"},
    )
    assert answer.status_code == 200, answer.text
    return answer.json


def _people(count: int) -> list[dict[str, str]]:
    return [{"number": number} for number in NUMBERS[:count]]
