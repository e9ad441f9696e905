"""Accounts: the parts of an organisation, with a region, defaults and, where they want, lists of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.domain.durations import format_duration
from connector.domain.errors import Conflict, Invalid, NotFound
from connector.domain.ids import public_id, row_number
from connector.domain.phones import is_region
from connector.domain.records import Account
from connector.engine.defaults import Defaults, shown
from connector.engine.directories import Directories
from connector.engine.lists import given
from connector.engine.moving import Moving
from connector.engine.ports import Clock
from connector.engine.targets import Who
from connector.store import accounts, resources, tables
from connector.store.database import Database
from connector.store.directory import Directory, count_change, read_directory
from connector.store.identity import default_list

#: What a change writes as it comes.
_PLAIN = ("name", "region", "hold_unclear", "send_response")


class Accounts:
    """Made, changed, moved and dropped."""

    def __init__(
        self, database: Database, directories: Directories, defaults: Defaults, moving: Moving, clock: Clock
    ) -> None:
        self._database = database
        self._directories = directories
        self._defaults = defaults
        self._moving = moving
        self._clock = clock

    def all(self, who: Who) -> list[dict[str, Any]]:
        found = self._directories.current(who.organisation).accounts
        return [_public(found[number]) for number in sorted(found)]

    def get(self, who: Who, name: str) -> dict[str, Any]:
        return _public(_found(self._directories.current(who.organisation), name))

    def make(self, who: Who, values: Mapping[str, Any]) -> dict[str, Any]:
        """A new account; one with lists of its own begins with its own default list."""
        _check(values)
        org, own = who.organisation, values.get("own_lists", False)
        row = {
            "org": org, "name": values["name"], "region": values.get("region"), "own_lists": own,
            "defaults": values.get("defaults", {}), "hold_unclear": values.get("hold_unclear", False),
            "frequency_cap": _kept(values.get("frequency_cap")), "messages": given(values.get("messages", {})),
            "send_response": values.get("send_response", False),
        }  # fmt: skip
        with self._database.write() as connection:
            count_change(connection, org)
            number = resources.make(connection, tables.accounts, row)
            if own:
                resources.make(connection, tables.lists, default_list(org, number, self._clock()))
            return _public(read_directory(connection, org).accounts[number])

    def change(self, who: Who, name: str, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """Merge; answers the account, and the addresses to which something decided before is still on its way."""
        _check(values)
        org = who.organisation
        with self._database.write() as connection:
            count_change(connection, org)
            found = _found(read_directory(connection, org), name)
            plain = {field: values[field] for field in _PLAIN if field in values}
            if "frequency_cap" in values:
                plain["frequency_cap"] = _kept(values["frequency_cap"])
            if "messages" in values:
                plain["messages"] = given({**found.messages, **values["messages"]})
            resources.change(connection, tables.accounts, org, found.id, plain)
        late: set[bytes] = set()
        if values.get("defaults"):
            late.update(self._defaults.put(who, found.id, values["defaults"]))
        if "own_lists" in values:
            late.update(self._moving.move(who, found.id, own=values["own_lists"]))
        return self.get(who, name), sorted(late)

    def drop(self, who: Who, name: str) -> None:
        """Delete an account that nothing needs; Conflict says what needs it."""
        with self._database.write() as connection:
            count_change(connection, who.organisation)
            found = _found(read_directory(connection, who.organisation), name)
            if found.own_lists:
                raise Conflict("The account keeps lists of its own: move it to the shared ones.", code="account_in_use")
            if using := accounts.needed_by(connection, who.organisation, found.id):
                raise Conflict("The account is used by: " + ", ".join(using), code="account_in_use")
            accounts.drop(connection, who.organisation, found.id)


def _public(account: Account) -> dict[str, Any]:
    cap = account.frequency_cap
    return {
        "id": public_id("account", account.id), "name": account.name, "region": account.region,
        "own_lists": account.own_lists, "defaults": shown(account), "hold_unclear": account.hold_unclear,
        "frequency_cap": {"messages": cap.messages, "per": format_duration(cap.period)} if cap else None,
        "messages": dict(account.messages), "send_response": account.send_response,
    }  # fmt: skip


def _kept(cap: Mapping[str, Any] | None) -> dict[str, int] | None:
    return {"messages": cap["messages"], "period": cap["per"]} if cap else None


def _check(values: Mapping[str, Any]) -> None:
    if values.get("region") and not is_region(values["region"]):
        raise Invalid.at(
            "/region", "unknown_region", "there is no such region with phones: it is two letters, as in US"
        )


def _found(directory: Directory, name: str) -> Account:
    found = directory.accounts.get(row_number("account", name) or 0)
    if found is None:
        raise NotFound
    return found
