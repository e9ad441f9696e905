"""Opt-out lists: made, changed and dropped; the default list is always there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from connector.domain.errors import Conflict, Invalid, NotFound
from connector.domain.ids import public_id
from connector.domain.records import OptOutList
from connector.engine.directories import Directories
from connector.engine.list_words import Spoken, spoken, word_faults
from connector.engine.packs import known_packs, with_packs
from connector.engine.ports import Clock
from connector.engine.targets import Who
from connector.store import forms, resources, tables
from connector.store.database import Database
from connector.store.directory import Directory, count_change, read_directory

_NEW: dict[str, Any] = {
    "description": None, "opt_in_keywords": [], "messages": {}, "send_response": False, "sender": None,
    "webhook_url": None, "webhook_format": "standard", "protect": "none", "keyword_scope": "channel",
    "packs": [],
}  # fmt: skip


_SPOKEN = frozenset({"name", "keywords", "opt_in_keywords", "sender", "packs"})


class Lists:
    """The lists of whoever calls: the organisation's, or the account's own."""

    def __init__(self, database: Database, directories: Directories, clock: Clock) -> None:
        self._database = database
        self._directories = directories
        self._clock = clock

    def all(self, who: Who) -> list[dict[str, Any]]:
        directory = self._directories.current(who.organisation)
        return [_shown(who, one) for one in directory.lists_of(who.account)]

    def get(self, who: Who, name: str) -> dict[str, Any]:
        directory = self._directories.current(who.organisation)
        return _shown(who, _found(directory, who, name))

    def make(self, who: Who, values: Mapping[str, Any]) -> dict[str, Any]:
        """A new list; its key is made from its name where none is given."""
        with self._database.write() as connection:
            count_change(connection, who.organisation)
            directory = read_directory(connection, who.organisation)
            home = directory.home_of(who.account)
            row = {**_NEW, **_columns(directory, values)}
            row["messages"] = given(row["messages"])
            beside = directory.lists_of(who.account)
            words = Spoken(
                row["name"], row["sender"], with_packs(row["keywords"], row["packs"], "opt_out"),
                with_packs(row["opt_in_keywords"], row["packs"], "opt_in"),
            )  # fmt: skip
            _check_words(words, beside)
            taken = {one.key for one in beside}
            row |= {
                "org": who.organisation, "account": home, "key": _key(values.get("key"), values["name"], taken),
                "is_default": False, "created_at": self._clock(),
            }  # fmt: skip
            number = resources.make(connection, tables.lists, row)
            directory = read_directory(connection, who.organisation)
        return public(directory.lists[number])

    def change(self, who: Who, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Merge some fields; the default list keeps its name."""
        with self._database.write() as connection:
            count_change(connection, who.organisation)
            directory = read_directory(connection, who.organisation)
            found = _found(directory, who, name)
            if found.is_default and values.get("name", found.name) != found.name:
                raise Conflict("The default list keeps its name.", code="default_list")
            columns = _columns(directory, values)
            if "messages" in columns:
                columns["messages"] = given({**found.messages, **columns["messages"]})
            if columns.keys() & _SPOKEN - {"name"}:
                changed = replace(found, **{name: columns[name] for name in columns.keys() & _SPOKEN})
                _check_words(spoken(changed), [o for o in directory.lists_of(who.account) if o.id != found.id])
            resources.change(connection, tables.lists, who.organisation, found.id, columns)
            directory = read_directory(connection, who.organisation)
        return public(directory.lists[found.id])

    def drop(self, who: Who, name: str) -> None:
        """Delete a list that nothing needs; Conflict says what needs it."""
        with self._database.write() as connection:
            count_change(connection, who.organisation)
            directory = read_directory(connection, who.organisation)
            found = _found(directory, who, name)
            if found.is_default:
                raise Conflict("The default list is always there.", code="default_list")
            unfinished = resources.unfinished_campaigns(connection, who.organisation)
            if using := [
                name for name, account, lists in unfinished if found.id in directory.governing(account, lists)
            ]:
                raise Conflict("The list is used by: " + ", ".join(using), code="list_in_use")
            if using := [
                public_id("form", number)
                for number, account, lists in forms.opting_into(connection, who.organisation)
                if found.id in directory.governing(account, lists)
            ]:
                raise Conflict("The list is used by forms: " + ", ".join(using), code="list_in_use")
            resources.drop(connection, tables.lists, who.organisation, found.id)


def public(one: OptOutList) -> dict[str, Any]:
    """A list as callers see it."""
    return {
        **one.public, "description": one.description, "keywords": list(one.keywords),
        "opt_in_keywords": list(one.opt_in_keywords), "messages": dict(one.messages),
        "send_response": one.send_response, "sender": public_id("sender", one.sender) if one.sender else None,
        "webhook_url": one.webhook_url, "webhook_format": one.webhook_format, "protect": one.protect,
        "keyword_scope": one.keyword_scope, "keyword_packs": list(one.packs), "is_default": one.is_default,
        "account": public_id("account", one.account) if one.account else None,
    }  # fmt: skip


def _shown(who: Who, one: OptOutList) -> dict[str, Any]:
    """A third party that may only read lists is not told where their owner hears of changes."""
    hidden = {} if "read" in who.scopes else {"webhook_url": None, "sender": None}
    return {**public(one), **hidden}


def _found(directory: Directory, who: Who, name: str) -> OptOutList:
    found = directory.find_list(who.account, name)
    if found is None:
        raise NotFound
    return found


def _columns(directory: Directory, values: Mapping[str, Any]) -> dict[str, Any]:
    columns = {name: value for name, value in values.items() if name in _NEW or name in ("name", "keywords")}
    if "keyword_packs" in values:
        columns["packs"] = known_packs(values["keyword_packs"])
    if "name" in columns:
        columns["name_folded"] = unicodedata.normalize("NFKC", columns["name"]).casefold()
    if columns.get("sender"):
        sender = directory.find_sender(columns["sender"])
        if sender is None:
            raise Invalid.at("/sender", "unknown_sender", "there is no such sender")
        columns["sender"] = sender.id
    return columns


def given(messages: Mapping[str, Any]) -> dict[str, Any]:
    """The messages that there are."""
    return {name: message for name, message in messages.items() if message is not None}


def _check_words(one: Spoken, others: Iterable[OptOutList]) -> None:
    if faults := word_faults(one, others):
        raise Invalid(faults)


def _key(given: str | None, name: str, taken: set[str]) -> str:
    if given is not None:
        if given in taken:
            raise Conflict("The key is taken already.", code="key_taken")
        return given
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "list"
    key, count = base, 1
    while key in taken:
        count += 1
        key = f"{base}-{count}"
    return key
