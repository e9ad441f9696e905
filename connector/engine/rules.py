"""Rules: beginnings of messages that mean in or out, beside the keywords of lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.domain.errors import Fault, Invalid
from connector.domain.ids import public_id
from connector.domain.spelling import normalise
from connector.domain.words import Channel, State
from connector.engine.directories import Directories, named_lists
from connector.engine.named_rows import page_of, row_of
from connector.engine.ports import Clock
from connector.engine.targets import Who
from connector.store import resources, tables
from connector.store.database import Database

_STATES = {"in": State.IN, "out": State.OUT}


class Rules:
    """The rules of an organisation; the web and the receiver find them here."""

    def __init__(self, database: Database, directories: Directories, clock: Clock) -> None:
        self._database = database
        self._directories = directories
        self._clock = clock

    def page(self, who: Who, limit: int, cursor: str | None) -> dict[str, Any]:
        return page_of(self._database, tables.rules, who, "rule", limit, cursor, _public)

    def get(self, who: Who, name: str) -> dict[str, Any]:
        return _public(row_of(self._database, tables.rules, who, "rule", name))

    def make(self, who: Who, values: Mapping[str, Any]) -> dict[str, Any]:
        """A new rule; ``number`` is a sender's own number, or left out for all of them."""
        row = self._columns(who, values) | {"org": who.organisation, "account": who.account}
        row["created_at"] = self._clock()
        with self._database.write() as connection:
            number = resources.make(connection, tables.rules, row)
        return _public({**row, "id": number})

    def change(self, who: Who, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        row = row_of(self._database, tables.rules, who, "rule", name)
        kept = {**_public(row), "channel": Channel(row["channel"])}
        if "number" in values:
            kept["sender"] = None  # whose number it is, the rule is for
        columns = self._columns(who, {**kept, **values})
        with self._database.write() as connection:
            resources.change(connection, tables.rules, who.organisation, row["id"], columns)
        return _public({**row, **columns})

    def drop(self, who: Who, name: str) -> None:
        row = row_of(self._database, tables.rules, who, "rule", name)
        with self._database.write() as connection:
            resources.drop(connection, tables.rules, who.organisation, row["id"])

    def _columns(self, who: Who, values: Mapping[str, Any]) -> dict[str, Any]:
        directory = self._directories.current(who.organisation)
        faults, sender = [], None
        if not normalise(values["begins_with"]):
            faults.append(Fault("/begins_with", "empty_keyword", "holds no letter and no digit"))
        if values.get("sender"):
            found = directory.find_sender(values["sender"])
            if found is None:
                faults.append(Fault("/sender", "unknown_sender", "there is no such sender"))
            elif values.get("number") not in (None, found.number):
                faults.append(Fault("/number", "contradicts", "is not the number of this sender"))
            sender = found.id if found else None
        elif values.get("number"):
            sender = next((one.id for one in directory.senders.values() if one.number == values["number"]), None)
            if sender is None:
                faults.append(Fault("/number", "unknown_sender", "no sender has this number"))
        if faults:
            raise Invalid(faults)
        return {
            "channel": int(values["channel"]), "sender": sender, "begins_with": values["begins_with"],
            "state": int(_STATES[values["state"]]),
            "lists": [one.id for one in named_lists(directory, who.account, values["lists"])],
        }  # fmt: skip


def _public(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": public_id("rule", row["id"]), "channel": Channel(row["channel"]).label,
        "sender": public_id("sender", row["sender"]) if row["sender"] else None, "begins_with": row["begins_with"],
        "state": State(row["state"]).label, "lists": [public_id("list", number) for number in row["lists"]],
    }  # fmt: skip
