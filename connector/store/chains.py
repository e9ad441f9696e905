"""The history read back: its chains as they stand, and what holds now with the line behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, select

from connector.store.database import among
from connector.store.tables import entries, events, heads


@dataclass(frozen=True, slots=True)
class Told:
    """A word as it stands, and what its line of the history says (``said``: its state; None where there is none)."""

    list_id: int
    channel: int
    state: int
    since: int
    expires_at: int | None
    event: int
    source: str | None
    said: str | None
    evidence: Mapping[str, Any] | None


def words_told(connection: Connection, org: int, keys: Sequence[bytes]) -> list[Told]:
    """Every word of these addresses."""
    of_entry = (entries.c[name] for name in ("list_id", "channel", "state", "since", "expires_at", "event"))
    query: Any = (
        select(*of_entry, events.c.source, events.c.state, events.c.evidence)
        .join(events, and_(events.c.org == entries.c.org, events.c.id == entries.c.event), isouter=True)
        .where(entries.c.org == org, among(connection, entries.c.key, keys))
        .order_by(entries.c.list_id, entries.c.channel)
    )
    return [Told(*row) for row in connection.execute(query)]


def chain(connection: Connection, org: int, bucket: int) -> Iterable[Any]:
    """Every line of one chain in order, as stored, for verification."""
    return connection.execution_options(yield_per=1000).execute(
        select(events).where(events.c.org == org, events.c.bucket == bucket).order_by(events.c.seq)
    )


def chains(connection: Connection) -> list[tuple[int, int]]:
    """Every (organisation, bucket) that has a history, or claims to."""
    of_events = select(events.c.org, events.c.bucket).distinct()
    of_heads = select(heads.c.org, heads.c.bucket)
    return sorted({(row.org, row.bucket) for query in (of_events, of_heads) for row in connection.execute(query)})


def head(connection: Connection, org: int, bucket: int) -> Any | None:
    """The signed head of a chain, as stored."""
    return connection.execute(select(heads).where(heads.c.org == org, heads.c.bucket == bucket)).one_or_none()
