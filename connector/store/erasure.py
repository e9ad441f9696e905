"""A person forgotten, in every table that knew them; what stays is the key and what was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Text,
    bindparam,
    cast,
    delete,
    exists,
    func,
    null,
    or_,
    select,
    update,
)

from connector.store import contacts, notices
from connector.store.database import among
from connector.store.tables import (
    addresses,
    campaigns,
    confirmations,
    deliveries,
    enrolments,
    events,
    idempotency,
    reviews,
    sends,
    short_links,
    steps,
)


def forget(connection: Connection, org: int, keys: Sequence[bytes]) -> None:
    """Addresses, attributes, reasons and evidence of these keys. Hold their buckets exclusively."""
    mine = {table: (table.c.org == org) & among(connection, table.c.key, keys) for table in
            (addresses, events, sends, enrolments, short_links, confirmations)}  # fmt: skip
    connection.execute(update(addresses).where(mine[addresses]).values(canonical=None, mirrored=None))
    connection.execute(
        update(events).where(mine[events]).values(actor=None, reason=None, evidence=null(), salt=b"")
    )  # fmt: skip
    connection.execute(update(sends).where(mine[sends]).values(address="", attributes=null(), provider_id=None))
    connection.execute(update(enrolments).where(mine[enrolments]).values(address="", attributes=null()))
    alone = _said_to_them_alone(connection, org, keys)
    connection.execute(update(steps).where(alone).values(text="", subject=None, html=None, template=null()))
    connection.execute(delete(short_links).where(mine[short_links]))
    connection.execute(delete(confirmations).where(mine[confirmations]))
    connection.execute(
        update(reviews)
        .where(reviews.c.org == org, among(connection, reviews.c.key, keys))
        .values(address="", text="")
    )  # fmt: skip
    notices.forget(connection, org, keys)
    found = {one.id for one in contacts.owners(connection, org, keys).values()}
    contacts.drop(connection, org, sorted(found))


def deliveries_about(connection: Connection, org: int, keys: Sequence[bytes]) -> list[tuple[int, bytes]]:
    """The bodies that tell of these addresses, delivered or not."""
    query = select(deliveries.c.id, deliveries.c.body).where(
        deliveries.c.org == org, among(connection, deliveries.c.key, keys)
    )
    return [(row.id, row.body) for row in connection.execute(query)]


def put_bodies(connection: Connection, org: int, bodies: Mapping[int, bytes]) -> None:
    """Other bodies for deliveries, by their numbers."""
    if bodies:
        connection.execute(
            update(deliveries)
            .where(deliveries.c.org == org, deliveries.c.id == bindparam("row_id"))
            .values(body=bindparam("new_body", type_=LargeBinary)),
            [{"row_id": number, "new_body": body} for number, body in bodies.items()],
        )


def forget_answers(connection: Connection, org: int, texts: Sequence[str], instead: bytes) -> None:
    """Answers kept for repeats that name one of these addresses, in small letters."""
    body = idempotency.c.body
    if connection.dialect.name == "postgresql":
        said = func.lower(func.convert_from(body, "UTF8"))
        names = or_(*(func.strpos(said, text) > 0 for text in texts))
    else:
        names = or_(*(func.instr(func.lower(cast(body, Text)), text) > 0 for text in texts))
    connection.execute(
        update(idempotency)
        .where(idempotency.c.scope.startswith(f"[{org},", autoescape=True), body.is_not(None), names)
        .values(body=cast(instead, LargeBinary) if connection.dialect.name == "postgresql" else instead)
    )


def remember_again(connection: Connection, org: int, key: bytes, canonical: str) -> None:
    """Who was erased has come back by their own word."""
    connection.execute(
        update(addresses)
        .where(addresses.c.org == org, addresses.c.key == key, addresses.c.canonical.is_(None))
        .values(canonical=canonical, mirrored=canonical[::-1])
    )


def _said_to_them_alone(connection: Connection, org: int, keys: Sequence[bytes]) -> ColumnElement[bool]:
    """The texts of direct sends that had no other recipient."""
    others = sends.alias()
    alone = ~exists().where(
        others.c.org == org, others.c.campaign == steps.c.campaign,
        or_(others.c.key.is_(None), ~among(connection, others.c.key, keys)),
    )  # fmt: skip
    named = select(sends.c.campaign).join(
        campaigns, (campaigns.c.org == sends.c.org) & (campaigns.c.id == sends.c.campaign)
    ).where(sends.c.org == org, among(connection, sends.c.key, keys), campaigns.c.kind == "direct")  # fmt: skip
    return (steps.c.org == org) & steps.c.campaign.in_(named) & alone
