"""Plain resources: lists, senders, templates, bindings, smart replies. One set of functions serves every such table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from connector.domain.campaigns import SavedTemplate
from connector.domain.errors import Conflict
from connector.domain.records import SmartReply
from connector.domain.words import Channel
from connector.store.database import inserted
from connector.store.tables import campaigns, replies, sends, templates


def make(connection: Connection, table: Table, row: Mapping[str, Any]) -> int:
    """A new row; answers its number. Conflict where a name is taken."""
    try:
        return inserted(connection, table, row)
    except IntegrityError as error:
        raise Conflict("The name is taken already.", code="name_taken") from error


def change(connection: Connection, table: Table, org: int, number: int, values: Mapping[str, Any]) -> bool:
    """Change some columns; False where there is no such row in this organisation."""
    if not values:
        return read(connection, table, org, number) is not None
    try:
        result = connection.execute(update(table).where(table.c.org == org, table.c.id == number).values(dict(values)))
    except IntegrityError as error:
        raise Conflict("The name is taken already.", code="name_taken") from error
    return result.rowcount == 1


def drop(connection: Connection, table: Table, org: int, number: int) -> bool:
    result = connection.execute(delete(table).where(table.c.org == org, table.c.id == number))
    return result.rowcount == 1


def read(connection: Connection, table: Table, org: int, number: int) -> dict[str, Any] | None:
    row = connection.execute(select(table).where(table.c.org == org, table.c.id == number)).mappings().one_or_none()
    return dict(row) if row else None


def page(connection: Connection, table: Table, org: int, limit: int, after: int = 0) -> list[dict[str, Any]]:
    """Rows in the order they were made, from after a row number: stable under writes."""
    rows = connection.execute(
        select(table).where(table.c.org == org, table.c.id > after).order_by(table.c.id).limit(limit)
    )
    return [dict(row) for row in rows.mappings()]


def smart_replies(connection: Connection, org: int) -> list[SmartReply]:
    """Every smart reply, the first to ask first."""
    rows = connection.execute(select(replies).where(replies.c.org == org).order_by(replies.c.priority, replies.c.id))
    return [
        SmartReply(row.id, tuple(row.keywords), row.match, Channel(row.channel), row.sender, row.reply,
                   tuple(row.actions), row.priority)
        for row in rows
    ]  # fmt: skip


def order_replies(connection: Connection, org: int, numbers: Sequence[int]) -> None:
    """Give smart replies their priorities by their place in this order: 10, 20 and so on."""
    wanted = update(replies).where(replies.c.org == org, replies.c.id == bindparam("number"))
    places = [{"number": number, "place": (place + 1) * 10} for place, number in enumerate(numbers)]
    connection.execute(wanted.values(priority=bindparam("place")), places)


def unfinished_campaigns(connection: Connection, org: int) -> list[tuple[str, int, list[int]]]:
    """The name, the account and the lists of every campaign that may still speak."""
    rows = connection.execute(
        select(campaigns.c.name, campaigns.c.account, campaigns.c.lists).where(
            campaigns.c.org == org, campaigns.c.kind != "direct", campaigns.c.status.notin_(("done", "cancelled"))
        )
    )
    return [tuple(row) for row in rows]


def campaigns_with_group(connection: Connection, org: int, group: int) -> list[str]:
    """The names of campaigns that may still speak to somebody as a member of a group."""
    open_sends = select(1).where(
        sends.c.org == org, sends.c.campaign == campaigns.c.id, sends.c.status.in_(("pending", "sending"))
    )
    rows = connection.execute(
        select(campaigns.c.name, campaigns.c.bypass, campaigns.c.groups).where(
            campaigns.c.org == org, campaigns.c.status.notin_(("done", "cancelled")),
            or_(campaigns.c.bypass.is_not(None), campaigns.c.groups.is_not(None)),
            or_(campaigns.c.kind != "direct", open_sends.exists()),  # a direct send has no end of its own
        )
    )  # fmt: skip
    return [name for name, *several in rows if any(group in (one or ()) for one in several)]


def templates_named(connection: Connection, org: int, name: str) -> list[SavedTemplate]:
    """The templates of a name, one for each language, the oldest first."""
    rows = connection.execute(
        select(templates).where(templates.c.org == org, templates.c.name == name).order_by(templates.c.id)
    )
    return [
        SavedTemplate(row.id, row.name, row.language, row.text, row.subject, row.html, tuple(row.parameters))
        for row in rows
    ]
