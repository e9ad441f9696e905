"""Campaigns, their steps, and who is on the way through them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from connector.domain.records import Campaign, Content, Step
from connector.domain.words import Purpose
from connector.store.database import Database, among, chunks, inserted
from connector.store.tables import campaigns, enrolments, steps


def add(connection: Connection, row: Mapping[str, Any], contents: Sequence[tuple[int, Content]]) -> int | None:
    """A campaign with its steps, given as (delay, content); None where its idempotency key was used before."""
    try:
        with connection.begin_nested():
            number = inserted(connection, campaigns, row)
    except IntegrityError:
        return None
    rows = [
        {"org": row["org"], "campaign": number, "position": position, "delay": delay,
         "text": content.text, "subject": content.subject, "html": content.html}
        for position, (delay, content) in enumerate(contents, start=1)
    ]  # fmt: skip
    connection.execute(insert(steps), rows)
    return number


_REQUIRE_OPT_IN: Mapping[str, bool | str] = {"false": False, "true": True, "explicit": "explicit"}


def load(connection: Connection, org: int, ids: Iterable[int]) -> dict[int, Campaign]:
    """Campaigns with their steps, by number."""
    wanted = sorted(set(ids))
    of: dict[int, list[Step]] = {}
    query = select(steps).where(steps.c.org == org, among(connection, steps.c.campaign, wanted))
    for row in connection.execute(query.order_by(steps.c.position)):
        step = Step(row.id, row.position, row.delay, Content(row.text, row.subject, row.html))
        of.setdefault(row.campaign, []).append(step)
    rows = connection.execute(
        select(campaigns).where(campaigns.c.org == org, among(connection, campaigns.c.id, wanted))
    )
    return {row.id: _campaign(row, tuple(of.get(row.id, ()))) for row in rows}


def find(connection: Connection, org: int, number: int) -> Campaign | None:
    return load(connection, org, [number]).get(number)


def find_by_idempotency(connection: Connection, org: int, key: str) -> Campaign | None:
    number = connection.execute(
        select(campaigns.c.id).where(campaigns.c.org == org, campaigns.c.idempotency == key)
    ).scalar_one_or_none()
    return find(connection, org, number) if number is not None else None


def page(connection: Connection, org: int, kinds: Iterable[str], after: int, limit: int) -> list[Campaign]:
    ids = list(
        connection.execute(
            select(campaigns.c.id)
            .where(campaigns.c.org == org, campaigns.c.kind.in_(tuple(kinds)), campaigns.c.id > after)
            .order_by(campaigns.c.id)
            .limit(limit)
        ).scalars()
    )
    found = load(connection, org, ids)
    return [found[number] for number in ids]


def change(connection: Connection, org: int, number: int, **values: Any) -> None:
    connection.execute(update(campaigns).where(campaigns.c.org == org, campaigns.c.id == number).values(values))


def enrol(db: Database, connection: Connection, rows: Sequence[dict[str, Any]]) -> dict[bytes, int]:
    """Put people on their way; answers the enrolment of each address that was not in this campaign before."""
    made: dict[bytes, int] = {}
    for part in chunks(rows, 1000):
        statement = db.insert(enrolments).on_conflict_do_nothing().returning(enrolments.c.key, enrolments.c.id)
        made.update((key, number) for key, number in connection.execute(statement, list(part)))
    return made


def active_enrolments(
    connection: Connection, org: int, keys: Sequence[bytes], campaign: int | None = None
) -> list[tuple[int, int, bytes, str]]:
    """(enrolment, campaign, address key, kind of address) of people on their way."""
    found: list[tuple[int, int, bytes, str]] = []
    for part in chunks(sorted(keys)):
        query = select(enrolments.c.id, enrolments.c.campaign, enrolments.c.key, enrolments.c.kind).where(
            enrolments.c.org == org, among(connection, enrolments.c.key, part), enrolments.c.status == "active"
        )
        if campaign is not None:
            query = query.where(enrolments.c.campaign == campaign)
        found.extend((row.id, row.campaign, row.key, row.kind) for row in connection.execute(query))
    return found


def still_active(connection: Connection, org: int, ids: Sequence[int]) -> set[int]:
    query = select(enrolments.c.id).where(
        enrolments.c.org == org, among(connection, enrolments.c.id, ids), enrolments.c.status == "active"
    )
    return set(connection.execute(query).scalars())


def end_enrolments(connection: Connection, org: int, ids: Sequence[int], status: str, now: int) -> None:
    """Take people off their way: ``opted_out``, ``removed``, ``done`` or ``failed``."""
    if ids:
        connection.execute(
            update(enrolments)
            .where(enrolments.c.org == org, among(connection, enrolments.c.id, ids), enrolments.c.status == "active")
            .values(status=status, ended_at=now)
        )


def end_all(connection: Connection, org: int, campaign: int, status: str, now: int) -> None:
    connection.execute(
        update(enrolments)
        .where(enrolments.c.org == org, enrolments.c.campaign == campaign, enrolments.c.status == "active")
        .values(status=status, ended_at=now)
    )


def _campaign(row: Any, of: tuple[Step, ...]) -> Campaign:
    require = _REQUIRE_OPT_IN[row.require_opt_in]
    return Campaign(
        row.id, row.account, row.kind, row.name, row.sender, tuple(row.lists), Purpose(row.purpose), require,
        row.on_opt_out, row.status, row.reference, tuple(row.bypass or ()), of,
    )  # fmt: skip
