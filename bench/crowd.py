"""A group of many, written straight into the tables, and a broadcast to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import psycopg
from sqlalchemy import make_url

from connector.domain.addresses import AddressKind, address_key, parse
from connector.domain.ids import row_number
from tests.heed import Heed

_COLUMNS = "org, number, number_key, attributes, created_at"
_JOIN = "INSERT INTO members (org, group_id, contact) SELECT org, {group}, id FROM contacts WHERE org = {org}"


def number(place: int) -> str:
    """The number of a member."""
    return f"+1{2_000_000_000 + 7_919 * place}"


def group_of(heed: Heed, count: int) -> str:
    """All contacts of the organisation, so many, in one group; its name."""
    name = str(heed.post("/v1/groups", {"name": "Everybody"})["id"])
    org = row_number("organisation", heed.get("/v1/me")["organisation"]["id"]) or 0
    people, join = _contacts(heed, org, count), _JOIN.format(group=row_number("group", name), org=org)
    if heed.house.database.is_sqlite:
        connection = sqlite3.connect(make_url(heed.url).database or "")
        with connection:
            connection.executemany(f"INSERT INTO contacts ({_COLUMNS}) VALUES (?, ?, ?, ?, ?)", people)  # noqa: S608
            connection.execute(join)
        connection.close()
    else:
        with psycopg.connect(plain(heed.url)) as line:
            with line.cursor().copy(f"COPY contacts ({_COLUMNS}) FROM STDIN") as copy:
                for one in people:
                    copy.write_row(one)
            line.execute(join)
    return name


def broadcast(heed: Heed, sender: str, group: str | None = None) -> str:
    """A draft for a group, with a text that is filled for everybody; its name."""
    text = "Hello {{ first_name }}, our sale starts today. Reply STOP to end."
    values = {"kind": "broadcast", "name": "A sale", "sender": sender, "steps": [{"text": text}]}
    return str(heed.post("/v1/campaigns", values | ({"groups": [group]} if group else {}))["id"])


def gather(heed: Heed) -> None:
    """Take everybody into what runs, as a worker does; the database then knows its tables."""
    for campaign in heed.house.gathering.unfinished():
        while heed.house.gathering.work(campaign, 1.0):
            pass
    if not heed.house.database.is_sqlite:
        with psycopg.connect(plain(heed.url), autocommit=True) as line:
            line.execute("ANALYZE")


def plain(url: str) -> str:
    """The URL as the driver itself reads it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _contacts(heed: Heed, org: int, count: int) -> Iterator[tuple[Any, ...]]:
    secret, now = heed.house.secrets.address, heed.clock()
    for place in range(count):
        key = address_key(parse(AddressKind.NUMBER, number(place), "US"), secret)
        yield org, number(place), key, '{"first_name": "Ann"}', now
