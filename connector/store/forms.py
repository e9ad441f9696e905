"""Forms, and the opt-ins that wait for a second yes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from connector.domain.forms import Asked, Form
from connector.domain.words import Channel
from connector.store.tables import confirmations, forms


def by_token(connection: Connection, token: str) -> Form | None:
    row = connection.execute(select(forms).where(forms.c.token == token)).mappings().one_or_none()
    return form_from(dict(row)) if row else None


def by_number(connection: Connection, org: int, number: int) -> Form | None:
    query = select(forms).where(forms.c.org == org, forms.c.id == number)
    row = connection.execute(query).mappings().one_or_none()
    return form_from(dict(row)) if row else None


def form_from(row: Mapping[str, Any]) -> Form:
    return Form(
        row["id"], row["org"], row["account"], row["token"], Channel(row["channel"]), row["description"],
        row["confirmation_message"], row["button_text"], row["double_opt_in"], tuple(row["allowed_origins"]),
        tuple(row["lists"]), row["sender"],
    )  # fmt: skip


def opting_into(connection: Connection, org: int) -> list[tuple[int, int, tuple[int, ...]]]:
    """The number, the account and the lists of every form."""
    rows = connection.execute(select(forms.c.id, forms.c.account, forms.c.lists).where(forms.c.org == org))
    return [(row.id, row.account, tuple(row.lists)) for row in rows]


def drop(connection: Connection, org: int, number: int) -> None:
    """Delete a form with what waits for it: their links lead nowhere then."""
    connection.execute(delete(confirmations).where(confirmations.c.org == org, confirmations.c.form == number))
    connection.execute(delete(forms).where(forms.c.org == org, forms.c.id == number))


def ask(connection: Connection, row: Mapping[str, Any]) -> None:
    connection.execute(insert(confirmations).values(dict(row)))


def asked_since(connection: Connection, org: int, key: bytes, since: int) -> Sequence[int]:
    """When an address was asked to confirm, the newest first; what was taken without asking does not count."""
    query = select(confirmations.c.requested_at).where(
        confirmations.c.org == org, confirmations.c.key == key, confirmations.c.requested_at > since,
        confirmations.c.confirmed_at.is_distinct_from(confirmations.c.requested_at),
    )  # fmt: skip
    return sorted(connection.execute(query).scalars(), reverse=True)


def asked_into(connection: Connection, org: int, key: bytes, since: int) -> set[int]:
    """The lists of forms that wait for this address's second yes."""
    query = (
        select(forms.c.lists)
        .join(confirmations, (confirmations.c.org == forms.c.org) & (confirmations.c.form == forms.c.id))
        .where(
            confirmations.c.org == org, confirmations.c.key == key, confirmations.c.requested_at > since,
            confirmations.c.confirmed_at.is_(None),
        )
    )  # fmt: skip
    return {number for lists in connection.execute(query).scalars() for number in lists}


def is_taken(connection: Connection, org: int, form: int, key: bytes, since: int) -> bool:
    """Whether a form has just taken this address without asking."""
    query = select(confirmations.c.code).where(
        confirmations.c.org == org, confirmations.c.key == key, confirmations.c.form == form,
        confirmations.c.requested_at > since, confirmations.c.confirmed_at == confirmations.c.requested_at,
    )  # fmt: skip
    return connection.execute(query.limit(1)).first() is not None


def asked_from(connection: Connection, org: int, network: str, since: int) -> int:
    """How many were asked from a network."""
    query = select(func.count()).select_from(confirmations).where(
        confirmations.c.org == org, confirmations.c.network == network, confirmations.c.requested_at > since
    )  # fmt: skip
    return int(connection.execute(query).scalar_one())


def asked(connection: Connection, code: str) -> Asked | None:
    row = connection.execute(select(confirmations).where(confirmations.c.code == code)).one_or_none()
    if row is None:
        return None
    return Asked(
        row.code, row.org, row.form, row.key, row.bucket, row.kind, row.address, row.evidence, row.requested_at,
        row.confirmed_at,
    )  # fmt: skip


def confirmed(connection: Connection, code: str, now: int) -> None:
    connection.execute(
        update(confirmations)
        .where(confirmations.c.code == code, confirmations.c.confirmed_at.is_(None))
        .values(confirmed_at=now)
    )
