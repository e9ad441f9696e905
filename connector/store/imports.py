"""Imports: where each stands, and what an undo needs to know of the words it wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, delete, literal_column, or_, select, update

from connector.domain.words import FactKind, Purpose, SendStatus, State
from connector.store import book
from connector.store.database import among, inserted
from connector.store.tables import campaigns, entries, events, facts, imports, sends

OPEN = ("running", "undoing")


@dataclass(frozen=True, slots=True)
class Import:
    """One file on its way into a list."""

    id: int
    org: int
    account: int
    list_id: int
    actor: str
    file: str
    size: int
    options: Mapping[str, Any]
    dry_run: bool
    status: str
    fault: str | None
    place: int
    line: int
    imported: int
    already: int
    superseded: int
    refused: int
    rejected: int
    told: int
    first_event: int | None
    last_event: int | None
    taken_back: int
    kept: int
    created_at: int
    finished_at: int | None

    @property
    def rows(self) -> int:
        return self.imported + self.already + self.superseded + self.refused + self.rejected


@dataclass(frozen=True, slots=True)
class Written:
    """A word that an import wrote and that still stands."""

    event: int
    key: bytes
    bucket: int
    channel: int
    state: int
    evidence: Mapping[str, Any]


def begin(connection: Connection, row: Mapping[str, Any]) -> int:
    return inserted(connection, imports, row)


def find(connection: Connection, number: int, org: int | None = None) -> Import | None:
    query = select(imports).where(imports.c.id == number)
    row = connection.execute(query if org is None else query.where(imports.c.org == org)).one_or_none()
    return Import(*row) if row is not None else None


def unfinished(connection: Connection, limit: int) -> list[int]:
    """The oldest imports that are not over."""
    return list(
        connection.execute(
            select(imports.c.id).where(imports.c.status.in_(OPEN)).order_by(imports.c.id).limit(limit)
        ).scalars()
    )


def move_on(connection: Connection, before: Import, values: Mapping[str, Any]) -> bool:
    """Change an import if it still stands where the caller saw it; False where somebody else was faster."""
    same = and_(
        imports.c.id == before.id, imports.c.place == before.place, imports.c.line == before.line,
        imports.c.status == before.status,
    )  # fmt: skip
    return connection.execute(update(imports).where(same).values(**values)).rowcount == 1


def events_of(connection: Connection, of: Import, name: str, limit: int) -> tuple[list[Any], int | None]:
    """Lines of history that an import wrote, backwards from its place; and the last one looked at, None at the end."""
    query = (
        select(events.c.id, events.c.key, events.c.bucket, events.c.evidence)
        .where(events.c.org == of.org, events.c.id < of.place, events.c.id >= (of.first_event or of.place))
        .order_by(events.c.id.desc())
        .limit(limit)
    )
    rows = connection.execute(query).all()
    mine = [row for row in rows if (row.evidence or {}).get("import") == name]
    return mine, rows[-1].id if rows else None


def standing(connection: Connection, of: Import, written: Mapping[int, Any]) -> list[Written]:
    """Those of the words written whose entry is still theirs."""
    keys = sorted({row.key for row in written.values()})
    query = select(entries.c.event, entries.c.key, entries.c.channel, entries.c.state).where(
        entries.c.org == of.org, entries.c.list_id == of.list_id, among(connection, entries.c.key, keys)
    )
    return [
        Written(row.event, row.key, written[row.event].bucket, row.channel, row.state,
                written[row.event].evidence or {})
        for row in connection.execute(query)
        if row.event in written
    ]  # fmt: skip


def later_outs(connection: Connection, of: Import, keys: Sequence[bytes]) -> list[Any]:
    """What else was said about these addresses since the import began: opt-outs, newest last."""
    query = (
        select(events.c.id, events.c.key, events.c.channel, events.c.occurred_at, events.c.evidence)
        .where(
            events.c.org == of.org, among(connection, events.c.key, keys), events.c.id >= (of.first_event or 0),
            events.c.list_id == of.list_id, events.c.state == "out",
        )
        .order_by(events.c.occurred_at, events.c.id)
    )  # fmt: skip
    return list(connection.execute(query))


def drop_entries(connection: Connection, of: Import, cells: Sequence[tuple[bytes, int]]) -> None:
    """Take words away: (address, channel) on the import's list."""
    for start in range(0, len(cells), 500):
        wanted = [
            and_(entries.c.key == key, entries.c.channel == channel) for key, channel in cells[start : start + 500]
        ]
        connection.execute(
            delete(entries).where(entries.c.org == of.org, entries.c.list_id == of.list_id, or_(*wanted))
        )


def is_settled(connection: Connection, of: Import, name: str) -> bool:
    """Whether nothing is being handed over to anybody whom this import, or its undo, has left with a "no"."""
    if of.first_event is None:
        return True
    # The status in full and no word of the organisation: so every database takes the small index of what is in hand.
    in_hand = select(sends.c.org, sends.c.key, campaigns.c.purpose).join(
        campaigns, and_(campaigns.c.org == sends.c.org, campaigns.c.id == sends.c.campaign)
    )
    rows = connection.execute(in_hand.where(sends.c.status == literal_column(f"'{SendStatus.SENDING.value}'")))
    keys = {row.key for row in rows if row.org == of.org and row.purpose != Purpose.CONFIRMATION.value}
    if not keys:
        return True
    keys |= {other for others in book.linked(connection, of.org, sorted(keys)).values() for other, _ in others}
    out = select(entries.c.key).where(
        entries.c.org == of.org, entries.c.list_id == of.list_id, entries.c.state == int(State.OUT),
        among(connection, entries.c.key, sorted(keys)),
    )  # fmt: skip
    written = select(events.c.evidence).where(
        events.c.org == of.org, events.c.key.in_(out), events.c.id.between(of.first_event, of.last_event)
    )
    return not any((one or {}).get("import") == name for one in connection.execute(written).scalars())


def of_files(connection: Connection, names: Sequence[str]) -> set[str]:
    """Those of the files that an import still needs."""
    query = select(imports.c.file).where(imports.c.status.in_(OPEN))
    return set(connection.execute(query).scalars()) & set(names)


def erased(connection: Connection, org: int, keys: Sequence[bytes]) -> set[bytes]:
    """Those of the addresses whose person was erased: no file lifts that."""
    query = select(facts.c.key).where(
        facts.c.org == org, among(connection, facts.c.key, keys), facts.c.kind == int(FactKind.ERASED)
    )
    return set(connection.execute(query).scalars())
