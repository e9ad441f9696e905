"""The named users of an organisation, kept by its admins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.domain.errors import Conflict, Forbidden, Invalid, NotFound
from connector.domain.ids import public_id, row_number
from connector.domain.instants import rfc3339
from connector.domain.users import ROLE_SCOPES, Role, User, folded
from connector.engine import passwords
from connector.engine.directories import Directories
from connector.engine.ports import Clock
from connector.engine.targets import Who
from connector.store import users
from connector.store.database import Connection, Database


class Users:
    """Whoever's role or password is changed, and whoever is switched off, is signed out everywhere."""

    def __init__(self, database: Database, directories: Directories, clock: Clock) -> None:
        self._database = database
        self._directories = directories
        self._clock = clock

    def all(self, who: Who) -> list[dict[str, Any]]:
        with self._database.read() as connection:
            return [_public(one) for one in users.of_organisation(connection, who.organisation)]

    def get(self, who: Who, name: str) -> dict[str, Any]:
        with self._database.read() as connection:
            return _public(_find(connection, who, name))

    def make(self, who: Who, values: Mapping[str, Any]) -> dict[str, Any]:
        """A user; where no password is given, one is made that holds until the first sign-in, and shown once."""
        role, given = Role(values["role"]), values.get("password")
        _insist(who, role)
        password = given or passwords.one_time()
        row = {
            "org": who.organisation, "account": self._account(who, values.get("account")), "name": values["name"],
            "name_folded": folded(values["name"]), "role": role.value, "password_hash": passwords.hash_of(password),
            "must_change": given is None, "created_at": self._clock(),
        }  # fmt: skip
        with self._database.write() as connection:
            self._insist_free(connection, row["name_folded"])
            number = users.make(connection, row)
            made = users.by_number(connection, who.organisation, number)
        return {**_public(made), **({} if given else {"password": password})} if made else {}

    def change(self, who: Who, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Merge. ``password``: null asks for a new one that is shown once."""
        once = passwords.one_time() if "password" in values and values["password"] is None else None
        columns: dict[str, Any] = {}
        if "password" in values:  # made before the transaction: it takes its time
            columns = {"password_hash": passwords.hash_of(once or values["password"]), "must_change": once is not None}
        with self._database.write() as connection:
            found = _find(connection, who, name)
            _insist(who, found.role)
            columns |= self._columns(connection, who, found, values)
            if columns:
                users.change(connection, who.organisation, found.id, columns)
            if columns.keys() - {"name", "name_folded"}:
                users.end_sessions_of(connection, found.id)
            changed = _find(connection, who, name)
        return {**_public(changed), **({"password": once} if once else {})}

    def _columns(self, connection: Connection, who: Who, found: User, values: Mapping[str, Any]) -> dict[str, Any]:
        """All but the password."""
        columns: dict[str, Any] = {}
        if "role" in values:
            _insist(who, Role(values["role"]))
            columns["role"] = values["role"]
        if "disabled" in values:
            columns["disabled_at"] = self._clock() if values["disabled"] else None
        if "name" in values:
            name = folded(values["name"])
            if name != folded(found.name):
                self._insist_free(connection, name)
            columns |= {"name": values["name"], "name_folded": name}
        return columns

    def drop(self, who: Who, name: str) -> None:
        with self._database.write() as connection:
            found = _find(connection, who, name)
            _insist(who, found.role)
            users.end_sessions_of(connection, found.id)
            users.drop(connection, who.organisation, found.id)

    def replace_password(self, org: int, number: int, old: str, new: str, session: bytes) -> None:
        """One's own password. Every other session of the user ends; Invalid where the old one is not right."""
        with self._database.read() as connection:
            found = users.by_number(connection, org, number)
        if found is None:
            raise NotFound
        if not passwords.fits(old, found.password_hash):
            raise Invalid.at("/old", "wrong_password", "is not your password")
        if new == old:
            raise Invalid.at("/new", "same_password", "must be another one than before")
        hashed = passwords.hash_of(new)
        with self._database.write() as connection:
            users.change(connection, org, number, {"password_hash": hashed, "must_change": False})
            users.end_sessions_of(connection, number, but=session)

    def _insist_free(self, connection: Connection, name: str) -> None:
        if users.by_name(connection, name) is not None:
            raise Conflict("There is a user of that name.", "name_taken")

    def _account(self, who: Who, name: str | None) -> int:
        number = row_number("account", name) if name else who.account
        if number is None or number not in self._directories.current(who.organisation).accounts:
            raise Invalid.at("/account", "unknown_account", "there is no such account")
        return number


def _insist(who: Who, role: Role) -> None:
    """Nobody gives, takes or changes what they may not do themselves."""
    if excess := ROLE_SCOPES[role] - who.scopes:
        raise Forbidden(f"You can't decide over what you may not do yourself: {', '.join(sorted(excess))}.")


def _find(connection: Connection, who: Who, name: str) -> User:
    number = row_number("user", name)
    found = users.by_number(connection, who.organisation, number) if number is not None else None
    if found is None:
        raise NotFound
    return found


def _public(user: User) -> dict[str, Any]:
    return {
        "id": public_id("user", user.id), "name": user.name, "role": user.role.value,
        "account": public_id("account", user.account), "must_change": user.must_change,
        "disabled": user.disabled_at is not None, "created_at": rfc3339(user.created_at),
    }  # fmt: skip
