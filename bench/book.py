"""A million opt-outs, written straight into the tables under the keys that Heed itself would give them."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Sequence

import psycopg
from sqlalchemy import make_url

from connector.domain.addresses import AddressKind, address_key, parse
from connector.domain.words import Channel, State
from connector.engine.vault import opened
from connector.store.database import Database

ENTRIES = 1_000_000
_COLUMNS = ("org", "key", "list_id", "channel", "state", "since", "expires_at", "event")


def known(place: int) -> str:
    """The number that stands at a place of the book; they are spread over the whole numbering plan."""
    return f"+1{2_000_000_000 + 7_919 * place}"


def unknown(chance: random.Random) -> str:
    """A number that is not in the book."""
    return f"+1{2_000_000_000 + 7_919 * chance.randrange(ENTRIES) + chance.randrange(1, 7_919)}"


def fill(url: str, secret: str, org: int, lists: Sequence[int]) -> None:
    """Everybody known has opted out of one of the lists, on all channels."""
    database = Database(url, pool=1)
    rows = _rows(opened(database, secret).address, org, lists)
    database.dispose()
    if url.startswith("sqlite"):
        _into_sqlite(url, rows)
    else:
        _into_postgres(url, rows)


def _rows(secret: bytes, org: int, lists: Sequence[int]) -> Iterator[tuple[object, ...]]:
    for place in range(ENTRIES):
        key = address_key(parse(AddressKind.NUMBER, known(place), "US"), secret)
        number = lists[place % len(lists)]
        yield org, key, number, int(Channel.ALL), int(State.OUT), 1_700_000_000_000_000 + place, None, 0


def _into_sqlite(url: str, rows: Iterator[tuple[object, ...]]) -> None:
    connection = sqlite3.connect(make_url(url).database or "")
    with connection:
        marks = ",".join("?" * len(_COLUMNS))
        # In the order of the key, the tree is written once from left to right.
        connection.executemany(f"INSERT INTO entries ({','.join(_COLUMNS)}) VALUES ({marks})", sorted(rows, key=_key))  # noqa: S608
    connection.execute("ANALYZE")
    connection.close()


def _into_postgres(url: str, rows: Iterator[tuple[object, ...]]) -> None:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        with connection.cursor().copy(f"COPY entries ({','.join(_COLUMNS)}) FROM STDIN") as copy:
            for row in sorted(rows, key=_key):
                copy.write_row(row)
        connection.execute("VACUUM ANALYZE entries")


def _key(row: tuple[object, ...]) -> bytes:
    assert isinstance(row[1], bytes)
    return row[1]
