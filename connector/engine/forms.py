"""Forms as their owners keep them: made, changed, embedded."""

from __future__ import annotations

import secrets as randomness
from collections.abc import Mapping
from html import escape
from typing import Any

from connector.domain.errors import Fault, Invalid, NotFound
from connector.domain.forms import Form
from connector.domain.ids import public_id, row_number
from connector.domain.words import Channel
from connector.engine.directories import Directories, named_lists
from connector.engine.named_rows import page_of
from connector.engine.ports import Clock
from connector.engine.targets import Who
from connector.store import forms, resources, tables
from connector.store.database import Database
from connector.store.directory import Directory

_PLAIN = ("description", "confirmation_message", "button_text", "double_opt_in", "allowed_origins")


class Forms:
    """The forms of an organisation."""

    def __init__(self, database: Database, directories: Directories, clock: Clock, public_url: str) -> None:
        self._database = database
        self._directories = directories
        self._clock = clock
        self._public_url = public_url

    def page(self, who: Who, limit: int, cursor: str | None) -> dict[str, Any]:
        return page_of(self._database, tables.forms, who, "form", limit, cursor, self._public)

    def get(self, who: Who, name: str) -> dict[str, Any]:
        return self._public(self._row(who, name))

    def make(self, who: Who, values: Mapping[str, Any]) -> dict[str, Any]:
        row = {
            **self._columns(who, values), "org": who.organisation, "account": who.account,
            "token": randomness.token_urlsafe(16), "created_at": self._clock(),
        }  # fmt: skip
        with self._database.write() as connection:
            number = resources.make(connection, tables.forms, row)
        return self._public({**row, "id": number})

    def change(self, who: Who, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Merge. Its address stays, and what was said over it so far keeps the words that stood there then."""
        row = self._row(who, name)
        columns = self._columns(who, {**_given(row), **values})
        with self._database.write() as connection:
            resources.change(connection, tables.forms, who.organisation, row["id"], columns)
        return self._public({**row, **columns})

    def drop(self, who: Who, name: str) -> None:
        row = self._row(who, name)
        with self._database.write() as connection:
            forms.drop(connection, who.organisation, row["id"])

    def tried(self, who: Who, values: Mapping[str, Any]) -> Form:
        """The form that these values would make, without making it."""
        row = {**self._columns(who, values), "id": 0, "org": who.organisation, "account": who.account, "token": ""}
        return forms.form_from(row)

    def kept(self, who: Who, name: str) -> Form:
        return forms.form_from(self._row(who, name))

    def _columns(self, who: Who, values: Mapping[str, Any]) -> dict[str, Any]:
        directory = self._directories.current(who.organisation)
        lists = [one.id for one in named_lists(directory, who.account, values["lists"])]
        channel: Channel = values["channel"]
        return {
            **{name: values[name] for name in _PLAIN}, "channel": int(channel), "lists": lists,
            "sender": _sender(directory, who.account, channel, values),
        }  # fmt: skip

    def _row(self, who: Who, name: str) -> dict[str, Any]:
        number = row_number("form", name)
        with self._database.read() as connection:
            row = resources.read(connection, tables.forms, who.organisation, number) if number else None
        if row is None:
            raise NotFound
        return row

    def _public(self, row: Mapping[str, Any]) -> dict[str, Any]:
        url = f"{self._public_url}/f/{row['token']}"
        return {
            "id": public_id("form", row["id"]), "channel": Channel(row["channel"]).label,
            **{name: row[name] for name in _PLAIN}, "lists": [public_id("list", number) for number in row["lists"]],
            "sender": public_id("sender", row["sender"]) if row["sender"] else None, "url": url,
            "embed_code": _EMBED.format(escape(url), escape(row["button_text"])),
        }  # fmt: skip


def _given(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as its owner would write it."""
    return {
        **{name: row[name] for name in _PLAIN}, "channel": Channel(row["channel"]),
        "lists": [public_id("list", number) for number in row["lists"]],
        "sender": public_id("sender", row["sender"]) if row["sender"] else None,
    }  # fmt: skip


def _sender(directory: Directory, account: int, channel: Channel, values: Mapping[str, Any]) -> int | None:
    """Who asks for the second yes: the sender named, or where none is, the account's first one on the channel."""
    if values.get("sender"):
        found = directory.find_sender(values["sender"])
        if found is None:
            raise Invalid.at("/sender", "unknown_sender", "there is no such sender")
        if found.channel is not channel:
            raise Invalid.at("/sender", "wrong_channel", "sends on another channel than the form's")
        return found.id
    if not values["double_opt_in"]:
        return None
    fitting = [one for one in directory.senders.values() if one.channel is channel and one.account == account]
    if not fitting:
        raise Invalid([Fault("/sender", "required", "a double opt-in needs a sender on the form's channel")])
    return fitting[0].id


_EMBED = (
    '<iframe src="{0}" title="{1}" style="width:100%;height:28rem;border:0" loading="lazy"></iframe>'
)  # fmt: skip
