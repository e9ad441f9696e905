"""What the tests of the engine set up again and again, and waits that end when something is seen or fail."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select, update

from connector.demo.handoffs import HandOff
from connector.demo.launch import Running
from connector.domain.addresses import Address, AddressKind, address_key, bucket_of, parse
from connector.domain.recipients import Recipient
from connector.domain.words import Source
from connector.engine.claim import BATCH
from connector.engine.targets import Target, Who
from connector.store import book, identity, tables
from tests.heed import Heed

_numbers = itertools.count(2_300_000)

HOUR = 3_600_000_000
SECOND = 1_000_000


def numbers(count: int) -> list[str]:
    """Phone numbers that nobody else in this session has, so that one recording serves all tests."""
    return [f"+1212{next(_numbers)}" for _ in range(count)]


def eventually(happens: Callable[[], Any], limit_s: float = 10.0) -> Any:
    """What it answers as soon as that is true of something; fails after so many seconds."""
    end = time.monotonic() + limit_s
    while not (seen := happens()):
        if time.monotonic() > end:
            pytest.fail(f"it did not happen within {limit_s} seconds")
        time.sleep(0.005)
    return seen


def campaign(heed: Heed, provider: Running | None, kind: str = "broadcast", **values: Any) -> str:
    """A draft: a broadcast, or a sequence of three steps an hour apart."""
    if "sender" not in values:
        values["sender"] = heed.sender(provider.url if provider else None)["id"]
    delays = ["PT0S", "PT1H", "PT1H"] if kind == "sequence" else ["PT0S"]
    steps = [{"delay": delay, "text": f"step {place}"} for place, delay in enumerate(delays, start=1)]
    made = heed.post("/v1/campaigns", {"kind": kind, "name": "A campaign", "steps": steps, **values})
    return str(made["id"])


def enrol(heed: Heed, name: str, people: Sequence[str]) -> list[str]:
    answer = heed.post(f"/v1/campaigns/{name}/enrol", {"recipients": [{"number": one} for one in people]})
    return [one["status"] for one in answer["results"]]


def turn(heed: Heed, name: str, how: str) -> Any:
    return heed.post(f"/v1/campaigns/{name}/{how}")


def report(heed: Heed, name: str) -> Any:
    return heed.get(f"/v1/campaigns/{name}/report")


def seen(provider: Running, people: Sequence[str]) -> list[HandOff]:
    """What the provider was handed for these people, in order."""
    return [one for one in provider.handoffs() if one.to in set(people)]


def texts(provider: Running, person: str) -> list[str | None]:
    return [one.text for one in seen(provider, [person])]


def slowly(provider: Running, *people: str, ms: int = 700) -> int:
    """The provider takes so long for these; answers it in ns of its clock."""
    provider.behave({one: {"do": "delay", "ms": ms} for one in people})
    return ms * 1_000_000


def send_later(heed: Heed, sender: str, person: str, **values: Any) -> str:
    """Queue a message without waiting for it; the id of the call."""
    body = {"sender": sender, "number": person, "text": "hi", "async": True, **values}
    return str(heed.post("/v1/actions/send_with_suppression", body, status=202)["id"])


def writes(heed: Heed, sender: dict[str, Any], person: str, text: str, **values: Any) -> Any:
    """A person's message comes in."""
    path = "/in/" + sender["inbound_url"].rpartition("/")[2]
    body = {"id": f"in-{next(_numbers)}", "from": person, "text": text, **values}
    return heed.app.test_client().post(path, json=body)


@contextmanager
def beside(*works: Callable[[], Any]) -> Iterator[None]:
    """Threads beside the test; what one of them raises fails it."""
    faults: list[BaseException] = []

    def run(work: Callable[[], Any]) -> None:
        try:
            work()
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join(30)
    assert not faults, faults


def address(text: str) -> Address:
    kind = AddressKind.EMAIL if "@" in text else AddressKind.NUMBER if text[0] == "+" else AddressKind.WHATSAPP_ID
    return parse(kind, text, None)


def who(heed: Heed) -> Who:
    with heed.house.database.read() as connection:
        org, account = identity.first_organisation(connection)
    return Who(org, account, "a test", Source.API)


def target(heed: Heed, text: str) -> Target:
    found = address(text)
    key = address_key(found, heed.house.secrets.address)
    return Target(Recipient((), {}, ""), found, key, bucket_of(who(heed).organisation, found.canonical))


def link(heed: Heed, one: str, two: str) -> None:
    """Two addresses are one person's."""
    a, b = target(heed, one), target(heed, two)
    with heed.house.database.write() as connection:
        org = who(heed).organisation
        book.link(heed.house.database, connection, org, (a.key, a.bucket), (b.key, b.bucket), heed.clock())


def statuses(heed: Heed, people: Sequence[str]) -> dict[str, str]:
    """How the sends to these people stand in the database; the newest of each."""
    query = select(tables.sends.c.address, tables.sends.c.status).where(tables.sends.c.address.in_(list(people)))
    with heed.house.database.read() as connection:
        return {row.address: row.status for row in connection.execute(query.order_by(tables.sends.c.id))}


def result(heed: Heed, name: str) -> dict[str, Any]:
    """What became of a direct send to one person."""
    (one,) = heed.get(f"/v1/sends/{name}")["results"]
    return one


def change_enrolments(heed: Heed, status: str) -> None:
    """End every enrolment behind the engine's back."""
    with heed.house.database.write() as connection:
        connection.execute(update(tables.enrolments).values(status=status))


def claim(heed: Heed, limit: int = BATCH) -> tuple[int, Any]:
    """Take in hand what is due, as a worker would, and leave it there; (token, works)."""
    token = heed.house.incarnations.token()
    return token, heed.house.sender._claims.claim(range(256), token, limit)
