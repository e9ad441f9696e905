"""Users, and the sessions they have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, case, delete, insert, select, update

from connector.domain.ids import public_id
from connector.domain.users import ROLE_SCOPES, Role, Session, User
from connector.store.database import Database, inserted
from connector.store.tables import api_keys, organisations, panel_origins, sessions, tries, users


def make(connection: Connection, row: Mapping[str, Any]) -> int:
    return inserted(connection, users, row)


def by_name(connection: Connection, folded: str) -> User | None:
    return _one(connection, users.c.name_folded == folded)


def by_number(connection: Connection, org: int, number: int) -> User | None:
    return _one(connection, users.c.org == org, users.c.id == number)


def of_organisation(connection: Connection, org: int) -> list[User]:
    rows = connection.execute(select(users).where(users.c.org == org).order_by(users.c.name_folded))
    return [_user(row) for row in rows]


def change(connection: Connection, org: int, number: int, values: Mapping[str, Any]) -> None:
    connection.execute(update(users).where(users.c.org == org, users.c.id == number).values(dict(values)))


def drop(connection: Connection, org: int, number: int) -> None:
    connection.execute(delete(users).where(users.c.org == org, users.c.id == number))


def open_session(connection: Connection, row: Mapping[str, Any]) -> None:
    connection.execute(insert(sessions).values(dict(row)))


def find_session(connection: Connection, hash: bytes, now: int) -> Session | None:
    """Who is signed in with it; None where nobody is, or not any more."""
    found = connection.execute(
        select(
            sessions, organisations.c.name.label("organisation_name"),
            users.c.name, users.c.account, users.c.role, users.c.must_change, users.c.disabled_at,
            api_keys.c.name.label("key_name"), api_keys.c.account.label("key_account"), api_keys.c.scopes,
            api_keys.c.expires_at, api_keys.c.revoked_at,
        )
        .join(organisations, organisations.c.id == sessions.c.org)
        .outerjoin(users, (users.c.org == sessions.c.org) & (users.c.id == sessions.c.user))
        .outerjoin(api_keys, (api_keys.c.org == sessions.c.org) & (api_keys.c.id == sessions.c.api_key))
        .where(sessions.c.hash == hash)
    ).one_or_none()  # fmt: skip
    if found is None or found.disabled_at is not None or found.revoked_at is not None:
        return None
    if found.expires_at is not None and found.expires_at <= now:
        return None
    shared = (found.hash, found.org, found.organisation_name)
    times = {"created_at": found.created_at, "seen_at": found.seen_at, "notes": tuple(found.notes or ())}
    if found.role is not None:
        role, actor = Role(found.role), f"{found.name} ({public_id('user', found.user)})"
        return Session(
            *shared, found.account, actor, found.name, ROLE_SCOPES[role],
            user=found.user, role=role, must_change=found.must_change, **times,
        )  # fmt: skip
    if found.key_name is not None:
        actor = f"{found.key_name} ({public_id('key', found.api_key)})"
        return Session(*shared, found.key_account, actor, found.key_name, frozenset(found.scopes), **times)
    return None


def touch_session(connection: Connection, hash: bytes, now: int) -> None:
    connection.execute(update(sessions).where(sessions.c.hash == hash).values(seen_at=now))


def write_notes(connection: Connection, hash: bytes, notes: Sequence[Mapping[str, Any]]) -> None:
    connection.execute(update(sessions).where(sessions.c.hash == hash).values(notes=list(notes) or None))


def end_session(connection: Connection, hash: bytes) -> None:
    connection.execute(delete(sessions).where(sessions.c.hash == hash))


def end_sessions_of(connection: Connection, user: int, *, but: bytes = b"") -> None:
    connection.execute(delete(sessions).where(sessions.c.user == user, sessions.c.hash != but))


def end_sessions_before(connection: Connection, created_at: int) -> None:
    connection.execute(delete(sessions).where(sessions.c.created_at < created_at))


def count_tries(database: Database, connection: Connection, places: Sequence[str], now: int, window: int) -> list[int]:
    """One more try at each of these places; answers how many there were in the window, this one included."""
    begin = database.insert(tries).values([{"place": place, "count": 1, "since": now} for place in sorted(places)])
    over = tries.c.since <= now - window
    counted = connection.execute(
        begin.on_conflict_do_update(
            index_elements=[tries.c.place],
            set_={"count": case((over, 1), else_=tries.c.count + 1), "since": case((over, now), else_=tries.c.since)},
        ).returning(tries.c.place, tries.c.count)
    )
    found: dict[str, int] = {row[0]: row[1] for row in counted}
    return [found[place] for place in places]


def take_back_try(connection: Connection, place: str, wider: Sequence[str]) -> None:
    """It was no try but the right password: nothing is left of it here, and it does not count in the wider places."""
    connection.execute(delete(tries).where(tries.c.place == place))
    connection.execute(update(tries).where(tries.c.place.in_(sorted(wider))).values(count=tries.c.count - 1))


def forget_tries_before(connection: Connection, since: int) -> None:
    connection.execute(delete(tries).where(tries.c.since < since))


def panel_origins_of(connection: Connection, org: int) -> list[str]:
    found = select(panel_origins.c.origin).where(panel_origins.c.org == org).order_by(panel_origins.c.origin)
    return list(connection.execute(found).scalars())


def put_panel_origins(connection: Connection, org: int, origins: Sequence[str]) -> None:
    connection.execute(delete(panel_origins).where(panel_origins.c.org == org))
    if origins:
        connection.execute(insert(panel_origins), [{"org": org, "origin": origin} for origin in origins])


def _one(connection: Connection, *where: Any) -> User | None:
    row = connection.execute(select(users).where(*where)).one_or_none()
    return _user(row) if row is not None else None


def _user(row: Any) -> User:
    return User(
        row.id, row.org, row.account, row.name, Role(row.role), row.password_hash, row.must_change, row.created_at,
        row.disabled_at,
    )  # fmt: skip
