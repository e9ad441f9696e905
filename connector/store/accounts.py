"""Accounts beyond the plain resource: what is in hand for them, what needs them, and their lists when they move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, func, insert, select, true, update

from connector.domain.words import Purpose, SendStatus
from connector.store.tables import (
    accounts,
    api_keys,
    bindings,
    campaigns,
    forms,
    lists,
    senders,
    sends,
    users,
    webhooks,
)

_NEEDED_BY: Mapping[str, tuple[Table, ColumnElement[bool]]] = {
    "keys": (api_keys, api_keys.c.revoked_at.is_(None)), "senders": (senders, true()), "bindings": (bindings, true()),
    "webhooks": (webhooks, true()), "forms": (forms, true()), "campaigns and messages": (campaigns, true()),
    "users": (users, true()),
}  # fmt: skip


def keys_in_hand(connection: Connection, org: int, account: int | None = None) -> list[bytes]:
    """The addresses to which something is being handed over now, for one account or for all of them."""
    query = (
        select(sends.c.key)
        .distinct()
        .join(campaigns, (campaigns.c.org == sends.c.org) & (campaigns.c.id == sends.c.campaign))
        .where(
            sends.c.org == org, sends.c.status == SendStatus.SENDING.value,
            campaigns.c.purpose == Purpose.MARKETING.value,
        )
    )  # fmt: skip
    if account is not None:
        query = query.where(campaigns.c.account == account)
    return sorted(connection.execute(query).scalars())


def needed_by(connection: Connection, org: int, account: int) -> list[str]:
    """What keeps an account from being deleted."""
    query = select(
        *(
            exists().where(table.c.org == org, table.c.account == account, condition).label(name)
            for name, (table, condition) in _NEEDED_BY.items()
        )
    )
    return [name for name, is_there in connection.execute(query).one()._mapping.items() if is_there]


def drop(connection: Connection, org: int, account: int) -> None:
    """Delete an account that nothing needs, with its revoked keys and what is left of its lists."""
    for table in (api_keys, lists):
        connection.execute(delete(table).where(table.c.org == org, table.c.account == account))
    connection.execute(delete(accounts).where(accounts.c.org == org, accounts.c.id == account))


def moving(connection: Connection, org: int, account: int) -> dict[str, Any] | None:
    """Where an account is on its way to, and how far it has come."""
    query = select(accounts.c.moving).where(accounts.c.org == org, accounts.c.id == account)
    found: dict[str, Any] | None = connection.execute(query).scalar_one()
    return found


def lists_at(connection: Connection, org: int, home: int) -> list[dict[str, Any]]:
    """The lists of a home, as they are stored."""
    rows = connection.execute(select(lists).where(lists.c.org == org, lists.c.account == home).order_by(lists.c.id))
    return [dict(row) for row in rows.mappings()]


def add_lists(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(lists), list(rows))


def retire_lists(connection: Connection, org: int, account: int) -> None:
    """Keep an account's lists for what the history says of them, but out of every home and every name."""
    mark = "~" + func.cast(lists.c.id, lists.c.key.type)
    connection.execute(
        update(lists)
        .where(lists.c.org == org, lists.c.account == account)
        .values(account=-account, key=lists.c.key + mark, name_folded=lists.c.name_folded + mark, is_default=False)
    )
