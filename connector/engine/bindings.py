"""Saved configurations: bindings that run an action from any payload, and smart replies that run several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connector.domain.contents import content_faults
from connector.domain.errors import Fault, Invalid, NotFound
from connector.domain.ids import public_id
from connector.domain.records import SmartReply
from connector.domain.words import Channel
from connector.engine.directories import Directories
from connector.engine.list_words import wordless
from connector.engine.named_rows import page_of, row_of
from connector.engine.once import Answer
from connector.engine.ports import Clock
from connector.engine.run import Corridor
from connector.engine.targets import Who
from connector.store import resources, tables
from connector.store.database import Database


class Bindings:
    """Bindings are checked whole when they are saved, and typed when they run."""

    def __init__(self, database: Database, corridor: Corridor, clock: Clock) -> None:
        self._database = database
        self._corridor = corridor
        self._clock = clock

    def make(self, who: Who, values: Mapping[str, Any]) -> dict[str, Any]:
        row = {
            "org": who.organisation, "account": who.account, "name": values["name"], "action": values["action"],
            "mapping": values["mapping"], "sample": values.get("sample"), "created_at": self._clock(),
            "version": self._check(who, values),
        }  # fmt: skip
        with self._database.write() as connection:
            number = resources.make(connection, tables.bindings, row)
        return _public_binding({**row, "id": number})

    def get(self, who: Who, name: str) -> dict[str, Any]:
        return _public_binding(self._row(who, name))

    def page(self, who: Who, limit: int, cursor: str | None) -> dict[str, Any]:
        return page_of(self._database, tables.bindings, who, "binding", limit, cursor, _public_binding)

    def change(self, who: Who, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        row = {**self._row(who, name), **values}
        row["version"] = self._check(who, row)
        columns = {column: row[column] for column in ("name", "action", "mapping", "sample", "version")}
        with self._database.write() as connection:
            resources.change(connection, tables.bindings, who.organisation, row["id"], columns)
        return _public_binding(row)

    def drop(self, who: Who, name: str) -> None:
        row = self._row(who, name)
        with self._database.write() as connection:
            resources.drop(connection, tables.bindings, who.organisation, row["id"])

    def run(self, who: Who, name: str, data: Any, key: str | None) -> Answer:
        """Run the binding's action on a payload, through the same corridor as every call."""
        row = self._row(who, name)
        return self._corridor.run_mapped(
            who, row["action"], row["mapping"], data, key=key, version=row["version"], route=f"bindings/{name}"
        )

    def _check(self, who: Who, values: Mapping[str, Any]) -> int:
        try:
            listed = self._corridor.catalog.find(values["action"])
        except NotFound:
            raise Invalid.at("/action", "unknown_action", "there is no such action") from None
        faults = _under("/mapping", self._corridor.check(values["action"], values["mapping"]))
        if not faults and values.get("sample") is not None:
            preview = self._corridor.preview(who, values["action"], values["mapping"], values["sample"])
            faults = _under("/sample", [Fault(**problem) for problem in preview["problems"]])
        if faults:
            raise Invalid(faults)
        return listed.action.version

    def _row(self, who: Who, name: str) -> dict[str, Any]:
        return row_of(self._database, tables.bindings, who, "binding", name)


class Replies:
    """Smart replies: what people ask, what they are told, and what is done."""

    def __init__(self, database: Database, directories: Directories, corridor: Corridor, clock: Clock) -> None:
        self._database = database
        self._directories = directories
        self._corridor = corridor
        self._clock = clock

    def make(self, who: Who, values: Mapping[str, Any]) -> dict[str, Any]:
        row = {**self._columns(who, values), "org": who.organisation, "created_at": self._clock()}
        with self._database.write() as connection:
            number = resources.make(connection, tables.replies, row)
        return _public_reply({**row, "id": number})

    def get(self, who: Who, name: str) -> dict[str, Any]:
        return _public_reply(row_of(self._database, tables.replies, who, "reply", name))

    def page(self, who: Who, limit: int, cursor: str | None) -> dict[str, Any]:
        return page_of(self._database, tables.replies, who, "reply", limit, cursor, _public_reply)

    def change(self, who: Who, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        row = row_of(self._database, tables.replies, who, "reply", name)
        merged = {**_public_reply(row), "channel": Channel(row["channel"]), **values}
        columns = self._columns(who, merged, row)
        with self._database.write() as connection:
            resources.change(connection, tables.replies, who.organisation, row["id"], columns)
        return _public_reply({**row, **columns})

    def drop(self, who: Who, name: str) -> None:
        row = row_of(self._database, tables.replies, who, "reply", name)
        with self._database.write() as connection:
            resources.drop(connection, tables.replies, who.organisation, row["id"])

    def in_order(self, who: Who) -> list[dict[str, Any]]:
        """All of them, as messages are held against them: the first that fits answers."""
        with self._database.read() as connection:
            return [_shown(one) for one in resources.smart_replies(connection, who.organisation)]

    def move(self, who: Who, name: str, by: int) -> None:
        """Ask it so many places earlier (negative) or later; all get priorities that say so."""
        row = row_of(self._database, tables.replies, who, "reply", name)
        with self._database.write() as connection:
            order = [one.id for one in resources.smart_replies(connection, who.organisation)]
            place = order.index(row["id"])
            order.insert(max(0, place + by), order.pop(place))
            resources.order_replies(connection, who.organisation, order)

    def _action_faults(self, actions: Sequence[Mapping[str, Any]]) -> list[Fault]:
        faults = []
        for index, one in enumerate(actions):
            try:
                checked = self._corridor.check(one["action"], one["mapping"])
            except NotFound:
                faults.append(Fault(f"/actions/{index}/action", "unknown_action", "there is no such action"))
            else:
                faults += _under(f"/actions/{index}/mapping", checked)
        return faults

    def _columns(self, who: Who, values: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> dict[str, Any]:
        words = [] if before and list(values["keywords"]) == before["keywords"] else values["keywords"]
        faults = [*wordless("keywords", words), *self._action_faults(values["actions"])]
        if values.get("reply"):
            text = {"text": values["reply"]}
            faults += [Fault("/reply", one.code, one.detail) for one in content_faults(text, Channel.SMS)]
        sender = None
        if values.get("sender"):
            found = self._directories.current(who.organisation).find_sender(values["sender"])
            if found is None:
                faults.append(Fault("/sender", "unknown_sender", "there is no such sender"))
            sender = found.id if found else None
        if faults:
            raise Invalid(faults)
        columns = {
            "keywords": list(values["keywords"]), "match": values["match"], "channel": int(values["channel"]),
            "sender": sender, "reply": values.get("reply"), "actions": list(values["actions"]),
        }  # fmt: skip
        if before is None or any(before[name] != value for name, value in columns.items()):
            for one in columns["actions"]:  # whoever writes a message sets them off, with no key at all
                self._corridor.insist_may_run(who, one["action"])
        return {**columns, "priority": values["priority"]}


def _public_binding(row: Mapping[str, Any]) -> dict[str, Any]:
    name = public_id("binding", row["id"])
    return {
        "id": name, "name": row["name"], "action": row["action"], "version": row["version"],
        "mapping": row["mapping"], "sample": row["sample"], "run_url": f"/v1/bindings/{name}/run",
    }  # fmt: skip


def _public_reply(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": public_id("reply", row["id"]), "keywords": row["keywords"], "match": row["match"],
        "channel": Channel(row["channel"]).label,
        "sender": public_id("sender", row["sender"]) if row["sender"] else None,
        "reply": row["reply"], "actions": row["actions"], "priority": row["priority"],
    }  # fmt: skip


def _shown(one: SmartReply) -> dict[str, Any]:
    return {
        "id": public_id("reply", one.id), "keywords": one.keywords, "match": one.match, "channel": one.channel.label,
        "sender": public_id("sender", one.sender) if one.sender else None, "reply": one.reply,
        "actions": one.actions, "priority": one.priority,
    }  # fmt: skip


def _under(pointer: str, faults: list[Fault]) -> list[Fault]:
    return [Fault(f"{pointer}{one.pointer}", one.code, one.detail) for one in faults]
