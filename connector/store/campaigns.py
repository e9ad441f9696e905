"""Campaigns, their steps, and who is on the way through them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from connector.domain.campaigns import Campaign, Content, Step, TemplateUse
from connector.domain.words import Purpose
from connector.store.database import Database, among, chunks, inserted
from connector.store.tables import audiences, campaigns, enrolments, steps


@dataclass(frozen=True, slots=True)
class NewStep:
    """A step before it is stored."""

    delay: int
    content: Content
    at: int | None = None


def add(connection: Connection, row: Mapping[str, Any], made: Sequence[NewStep]) -> int | None:
    """A campaign with its steps; None where its idempotency key was used before."""
    try:
        with connection.begin_nested():
            number = inserted(connection, campaigns, row)
    except IntegrityError:
        return None
    rows = [
        {"org": row["org"], "campaign": number, "position": position, "delay": step.delay, "at": step.at,
         "text": step.content.text, "subject": step.content.subject, "html": step.content.html,
         "template": asdict(step.content.template) if step.content.template else None}
        for position, step in enumerate(made, start=1)
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
        step = Step(row.id, row.position, row.delay, _content(row), row.at)
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


def enrol(
    db: Database, connection: Connection, rows: Sequence[dict[str, Any]], *, again: bool = False
) -> dict[bytes, tuple[int, int]]:  # fmt: skip
    """Put people on their way; answers (enrolment, round) of each address that sets out now.

    Nobody who is in this campaign sets out; with ``again`` those do whose way has ended otherwise than by an opt-out.
    """
    statement = db.insert(enrolments)
    if again:
        fresh = {name: statement.excluded[name] for name in ("address", "attributes", "status", "entered_at")}
        statement = statement.on_conflict_do_update(
            index_elements=["org", "campaign", "key"],
            set_={**fresh, "ended_at": None, "round": enrolments.c.round + 1},
            where=(enrolments.c.status != "active") & (enrolments.c.status != "opted_out"),
        )
    else:
        statement = statement.on_conflict_do_nothing()
    statement = statement.returning(enrolments.c.key, enrolments.c.id, enrolments.c.round)
    made: dict[bytes, tuple[int, int]] = {}
    for part in chunks(rows, 1000):
        made.update((key, (number, way)) for key, number, way in connection.execute(statement, list(part)))
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


def left_on_reply(connection: Connection, org: int, sender: int, key: bytes) -> list[int]:
    """The active enrolments of an address in campaigns of this sender that end with a reply."""
    query = (
        select(enrolments.c.id)
        .join(campaigns, (campaigns.c.org == enrolments.c.org) & (campaigns.c.id == enrolments.c.campaign))
        .where(enrolments.c.org == org, enrolments.c.key == key, enrolments.c.status == "active")
        .where(campaigns.c.sender == sender, campaigns.c.exit_on_reply)
    )
    return list(connection.execute(query).scalars())


def add_audience(connection: Connection, org: int, campaign: int, groups: Iterable[int]) -> None:
    """Groups whose members are to be taken in."""
    rows = [{"org": org, "campaign": campaign, "group_id": group} for group in groups]
    if rows:
        connection.execute(insert(audiences), rows)


def unfilled(connection: Connection) -> list[int]:
    """Running campaigns with groups whose members are not all taken in."""
    query = (
        select(audiences.c.campaign)
        .distinct()
        .join(campaigns, (campaigns.c.org == audiences.c.org) & (campaigns.c.id == audiences.c.campaign))
        .where(audiences.c.done.is_(False), campaigns.c.status == "running")
    )
    return list(connection.execute(query).scalars())


def open_audience(connection: Connection, campaign: int) -> Any | None:
    """The group that a campaign takes in next, locked; None where all are in, or where another is at it."""
    query = select(audiences).where(audiences.c.campaign == campaign, audiences.c.done.is_(False))
    return connection.execute(
        query.order_by(audiences.c.group_id).limit(1).with_for_update(skip_locked=True)
    ).one_or_none()


def audience_at(connection: Connection, org: int, campaign: int, group: int, **place: Any) -> None:
    connection.execute(
        update(audiences)
        .where(audiences.c.org == org, audiences.c.campaign == campaign, audiences.c.group_id == group)
        .values(**place)
    )


def is_filling(connection: Connection, org: int, campaign: int) -> bool:
    """Whether members of its groups are still to be taken in."""
    query = select(func.count()).where(
        audiences.c.org == org, audiences.c.campaign == campaign, audiences.c.done.is_(False)
    )
    return bool(connection.execute(query).scalar_one())


def still_active(connection: Connection, org: int, ids: Sequence[int]) -> set[tuple[int, int]]:
    """(enrolment, copy of its sends) of those who are on their way; the sends of an earlier round have another copy."""
    query = select(enrolments.c.id, -enrolments.c.round).where(
        enrolments.c.org == org, among(connection, enrolments.c.id, ids), enrolments.c.status == "active"
    )
    return {(number, copy) for number, copy in connection.execute(query)}


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


def _content(row: Any) -> Content:
    return Content(row.text, row.subject, row.html, TemplateUse(**row.template) if row.template else None)


def _campaign(row: Any, of: tuple[Step, ...]) -> Campaign:
    require = _REQUIRE_OPT_IN[row.require_opt_in]
    return Campaign(
        id=row.id, account=row.account, kind=row.kind, name=row.name, sender=row.sender, lists=tuple(row.lists),
        purpose=Purpose(row.purpose), require_opt_in=require, on_opt_out=row.on_opt_out, status=row.status,
        reference=row.reference, bypass=tuple(row.bypass or ()), groups=tuple(row.groups or ()),
        timezone=row.timezone, quiet_hours=row.quiet_hours,
        exit_on_reply=row.exit_on_reply, re_entry=row.re_entry, steps=of,
    )  # fmt: skip
