"""Sends on their way: due, claimed, settled, given up. Each function takes or gives a whole batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, text, update

from connector.domain.words import Purpose, SendStatus
from connector.store.database import Database, among, chunks
from connector.store.tables import campaigns, paces, sends

PENDING, SENDING = SendStatus.PENDING.value, SendStatus.SENDING.value


@dataclass(frozen=True, slots=True)
class Due:
    """One send that wants to go out."""

    id: int
    campaign: int
    step: int
    enrolment: int | None
    key: bytes
    bucket: int
    kind: str
    address: str
    attributes: Mapping[str, Any]
    attempts: int
    #: Below 0 on a later way through a sequence.
    copy: int
    due_at: int
    #: The line of history that says it passes an opt-out.
    bypass: int | None = None
    #: When its own time had come, where something else has held it back since.
    ripe_at: int | None = None
    #: The call that set it off.
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Where something is due; read without a lock, so only a hint."""

    org: int
    campaign: int
    bucket: int
    sender: int
    #: From when on its sender's pace lets one more leave; 0 where it has none.
    free_at: int


DUE = (
    sends.c.id, sends.c.campaign, sends.c.step, sends.c.enrolment, sends.c.key, sends.c.bucket, sends.c.kind,
    sends.c.address, sends.c.attributes, sends.c.attempts, sends.c.copy,
    sends.c.due_at, sends.c.bypass, sends.c.ripe_at, sends.c.request,
)  # fmt: skip


def due_from(row: Any) -> Due:
    return Due(
        row.id, row.campaign, row.step, row.enrolment, row.key, row.bucket, row.kind, row.address,
        row.attributes or {}, row.attempts, row.copy, row.due_at, row.bypass, row.ripe_at, row.request,
    )  # fmt: skip


def add(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    for part in chunks(rows, 1000):
        connection.execute(insert(sends), list(part))


def add_new(db: Database, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Add those that the step does not have yet: a person gets each step at most once."""
    for part in chunks(rows, 1000):
        connection.execute(db.insert(sends).on_conflict_do_nothing(), list(part))


def keys_at(connection: Connection, org: int, campaign: int, keys: Sequence[bytes]) -> set[bytes]:
    """Which of these addresses a campaign has already."""
    found: set[bytes] = set()
    for part in chunks(sorted(keys)):
        query = select(sends.c.key).where(
            sends.c.org == org, sends.c.campaign == campaign, among(connection, sends.c.key, part)
        )
        found.update(connection.execute(query).scalars())
    return found


def peek(connection: Connection, buckets: Iterable[int], now: int, limit: int) -> list[Candidate]:
    """Where something of a running campaign is due, the lowest bucket first, and whether its sender is to wait."""
    rows = connection.execute(
        select(sends.c.org, sends.c.campaign, sends.c.bucket, campaigns.c.sender, func.coalesce(paces.c.free_at, 0))
        .join(campaigns, (campaigns.c.org == sends.c.org) & (campaigns.c.id == sends.c.campaign))
        .outerjoin(paces, (paces.c.org == campaigns.c.org) & (paces.c.sender == campaigns.c.sender))
        .where(
            among(connection, sends.c.bucket, sorted(buckets)),
            sends.c.status == PENDING,
            sends.c.due_at <= now,
            campaigns.c.status == "running",
        )
        .order_by(sends.c.bucket, sends.c.due_at)
        .limit(limit)
    )
    return [Candidate(*row) for row in rows]


def lock_due(
    connection: Connection, org: int, of_campaigns: Iterable[int], buckets: Iterable[int], now: int, limit: int
) -> list[Due]:
    """Take due rows in hand. Call it in a new statement after the locks of the fence."""
    rows = connection.execute(
        select(*DUE)
        .where(
            sends.c.org == org,
            among(connection, sends.c.campaign, sorted(of_campaigns)),
            among(connection, sends.c.bucket, sorted(buckets)),
            sends.c.status == PENDING,
            sends.c.due_at <= now,
        )
        .order_by(sends.c.bucket, sends.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [due_from(row) for row in rows]


def pending_of(connection: Connection, org: int, keys: Sequence[bytes]) -> list[Due]:
    """Everything still to be sent to these addresses, in one order for all: no two writers wait in a ring."""
    found: list[Due] = []
    for part in chunks(sorted(keys)):
        query = select(*DUE).where(sends.c.org == org, among(connection, sends.c.key, part), sends.c.status == PENDING)
        found.extend(due_from(row) for row in connection.execute(query.order_by(sends.c.id)))
    return found


def mark_sending(connection: Connection, org: int, ids: Sequence[int], token: int, deadline: int) -> None:
    if ids:
        connection.execute(
            update(sends)
            .where(sends.c.org == org, among(connection, sends.c.id, ids))
            .values(status=SENDING, token=token, handoff_deadline=deadline)
        )


def mark(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Write status, reason, reasons, error, due_at and settled_at of sends that are not in hand, by ``row_id``.

    ``ripe_at`` is kept once it is known.
    """
    if rows:
        connection.execute(
            update(sends)
            .where(sends.c.id == bindparam("row_id"), sends.c.status == PENDING)
            .values(
                status=bindparam("status"), reason=bindparam("reason"),
                reasons=bindparam("reasons", type_=sends.c.reasons.type),
                error=bindparam("error"), due_at=bindparam("due_at"), settled_at=bindparam("settled_at"),
                ripe_at=func.coalesce(sends.c.ripe_at, bindparam("ripe_at", type_=sends.c.ripe_at.type)),
            ),
            [{"ripe_at": None} | row for row in rows],
        )  # fmt: skip


_SETTLED = ("status", "error", "provider_id", "due_at", "settled_at")
#: All in one statement: a statement each costs the database twice as much as the rows themselves.
_SETTLE = text("""
    UPDATE sends SET status = one.status, error = one.error, provider_id = one.provider_id, due_at = one.due_at,
        settled_at = one.settled_at, token = NULL, handoff_deadline = NULL, attempts = sends.attempts + 1,
        ripe_at = COALESCE(sends.ripe_at, sends.due_at)
    FROM unnest(CAST(:row_id AS bigint[]), CAST(:status AS text[]), CAST(:error AS text[]),
                CAST(:provider_id AS text[]), CAST(:due_at AS bigint[]), CAST(:settled_at AS bigint[]))
        AS one (id, status, error, provider_id, due_at, settled_at)
    WHERE sends.id = one.id AND sends.token = :token AND sends.status = 'sending'
""")


def settle(connection: Connection, token: int, rows: list[dict[str, Any]]) -> int:
    """Write the outcome of sends in this incarnation's hands; answers how many were still there."""
    if connection.dialect.name == "postgresql":
        columns = {name: [row[name] for row in rows] for name in ("row_id", *_SETTLED)}
        return connection.execute(_SETTLE, {**columns, "token": token}).rowcount
    result = connection.execute(
        update(sends)
        .where(sends.c.id == bindparam("row_id"), sends.c.token == token, sends.c.status == SENDING)
        .values({name: bindparam(name) for name in _SETTLED})
        .values(token=None, handoff_deadline=None, attempts=sends.c.attempts + 1)
        .values(ripe_at=func.coalesce(sends.c.ripe_at, sends.c.due_at)),
        rows,
    )
    return result.rowcount


def in_flight(connection: Connection, org: int, keys: Sequence[bytes]) -> int:
    """How many hand-offs to these addresses are not over, whatever their list; our own confirmation is exempt."""
    count = 0
    for part in chunks(sorted(keys)):
        query = (
            select(func.count())
            .select_from(sends)
            .join(campaigns, (campaigns.c.org == sends.c.org) & (campaigns.c.id == sends.c.campaign))
            .where(
                sends.c.org == org,
                among(connection, sends.c.key, part),
                sends.c.status == SENDING,
                campaigns.c.purpose != Purpose.CONFIRMATION.value,
            )
        )
        count += connection.execute(query).scalar_one()
    return count


def in_flight_of_campaign(connection: Connection, org: int, campaign: int) -> int:
    query = select(func.count()).where(sends.c.org == org, sends.c.campaign == campaign, sends.c.status == SENDING)
    return int(connection.execute(query).scalar_one())
