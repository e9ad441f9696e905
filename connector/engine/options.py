"""What dropdowns offer: the values of a field, searched and paged."""

from __future__ import annotations

from typing import Any

from connector.domain.errors import NotFound
from connector.domain.ids import public_id
from connector.domain.words import Channel
from connector.engine.directories import Directories
from connector.engine.targets import Who
from connector.store import campaigns, resources, tables
from connector.store.database import Database

_PAGE = 100


class Options:
    """One answer for every builder: value, label, description."""

    def __init__(self, database: Database, directories: Directories) -> None:
        self._database = database
        self._directories = directories

    def of(self, who: Who, source: str, search: str, cursor: str | None) -> dict[str, Any]:
        """The options of a source whose label holds ``search``; NotFound for a source that is not there."""
        found = self._all(who, source)
        folded = search.casefold()
        fitting = [one for one in found if folded in f"{one['label']} {one['value']}".casefold()]
        start = int(cursor) if cursor and cursor.isascii() and cursor.isdigit() and len(cursor) < 10 else 0
        following = start + _PAGE
        return {
            "options": fitting[start:following],
            "next_cursor": str(following) if following < len(fitting) else None,
        }

    def _all(self, who: Who, source: str) -> list[dict[str, Any]]:
        directory = self._directories.current(who.organisation)
        match source:
            case "lists":
                return [_option(one.public["id"], one.name, one.description) for one in directory.lists_of(who.account)]
            case "channels":
                return [_option(channel.label, _title(channel), None) for channel in Channel]
            case "senders":
                return [
                    _option(public_id("sender", one.id), f"{one.number} ({one.channel.label})", one.provider)
                    for one in directory.senders.values()
                ]
            case "sequences":
                return self._sequences(who)
            case "groups":
                return [
                    _option(public_id("group", one.id), one.name, "passes the opt-out rule" if one.bypass else None)
                    for one in directory.groups.values()
                ]
            case "templates":
                return self._templates(who)
        raise NotFound("There is no such source of options.")

    def _templates(self, who: Who) -> list[dict[str, Any]]:
        with self._database.read() as connection:
            found = resources.page(connection, tables.templates, who.organisation, 1000)
        return [
            _option(one["name"], f"{one['name']} ({one['language']})", one["subject"] or one["text"]) for one in found
        ]

    def _sequences(self, who: Who) -> list[dict[str, Any]]:
        with self._database.read() as connection:
            found = campaigns.page(connection, who.organisation, ("sequence",), 0, 1000)
        return [_option(public_id("campaign", one.id), one.name, one.status) for one in found]


def _title(channel: Channel) -> str:
    names = {Channel.SMS: "SMS", Channel.RCS: "RCS", Channel.WHATSAPP: "WhatsApp", Channel.ALL: "Every channel"}
    return names.get(channel, channel.label.capitalize())


def _option(value: str, label: str, description: str | None) -> dict[str, Any]:
    return {"value": value, "label": label, "description": description}
