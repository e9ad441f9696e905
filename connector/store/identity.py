"""Organisations, accounts and API keys."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update

from connector.domain.ids import public_id
from connector.domain.records import Caller
from connector.store.database import inserted
from connector.store.tables import accounts, api_keys, lists, meta, organisations


def new_organisation(connection: Connection, name: str, region: str | None, now: int) -> tuple[int, int]:
    """An organisation with its main account and its default list; answers their numbers (organisation, account)."""
    org = inserted(connection, organisations, {"name": name, "created_at": now})
    row = {"org": org, "name": "Main", "region": region, "own_lists": False, "defaults": {}}
    account = inserted(connection, accounts, row)
    connection.execute(insert(lists).values(default_list(org, 0, now)))
    return org, account


#: What Twilio takes for an opt-out and for a return by default (twilio.com/docs/messaging/tutorials/advanced-opt-out);
#: YES is left out, since a yes to any other question would opt people in.
_STOP_WORDS = ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT")
_START_WORDS = ("START", "UNSTOP")


def default_list(org: int, account: int, now: int) -> dict[str, Any]:
    """The list that is always there: the master stop, with the words that law and providers name."""
    return {
        "org": org, "account": account, "key": "default", "name": "Default", "name_folded": "default",
        "description": None, "keywords": list(_STOP_WORDS), "opt_in_keywords": list(_START_WORDS),
        "messages": {}, "send_response": False, "webhook_format": "standard",
        "protect": "none", "keyword_scope": "channel", "is_default": True, "created_at": now,
    }  # fmt: skip


def put_key(connection: Connection, row: dict[str, Any]) -> int:
    return inserted(connection, api_keys, row)


def find_key(connection: Connection, key_id: str) -> tuple[Caller, bytes, int | None, int | None] | None:
    """The caller behind a key id, with the hash of its secret, its end and its revocation."""
    row = connection.execute(select(api_keys).where(api_keys.c.key_id == key_id)).one_or_none()
    if row is None:
        return None
    actor = f"{row.name} ({public_id('key', row.id)})"
    caller = Caller(row.id, row.org, row.account, row.name, frozenset(row.scopes), actor)
    return caller, row.secret_hash, row.expires_at, row.revoked_at


def key_opens(connection: Connection, org: int, number: int, now: int) -> bool:
    """Whether a key is neither revoked nor over."""
    found = select(api_keys.c.id).where(
        api_keys.c.org == org, api_keys.c.id == number, api_keys.c.revoked_at.is_(None),
        or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > now),
    )  # fmt: skip
    return connection.execute(found).one_or_none() is not None


def list_keys(connection: Connection, org: int) -> list[dict[str, Any]]:
    rows = connection.execute(select(api_keys).where(api_keys.c.org == org).order_by(api_keys.c.id))
    return [dict(row) for row in rows.mappings()]


def revoke_key(connection: Connection, org: int, number: int, now: int) -> bool:
    result = connection.execute(
        update(api_keys)
        .where(api_keys.c.org == org, api_keys.c.id == number, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return result.rowcount == 1


def organisation_name(connection: Connection, org: int) -> str:
    return str(connection.execute(select(organisations.c.name).where(organisations.c.id == org)).scalar_one())


def count_organisations(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(organisations)).scalar_one())


def first_organisation(connection: Connection) -> tuple[int, int] | None:
    """The oldest organisation and its oldest account."""
    row = connection.execute(
        select(accounts.c.org, accounts.c.id).order_by(accounts.c.org, accounts.c.id).limit(1)
    ).one_or_none()
    return (row.org, row.id) if row else None


def read_meta(connection: Connection, name: str) -> str | None:
    return connection.execute(select(meta.c.value).where(meta.c.name == name)).scalar_one_or_none()


def change_meta(connection: Connection, name: str, value: str) -> None:
    connection.execute(update(meta).where(meta.c.name == name).values(value=value))


def put_meta(connection: Connection, name: str, value: str) -> None:
    connection.execute(insert(meta).values(name=name, value=value))
