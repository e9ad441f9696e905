"""Webhooks of an account: who subscribes to what, what was delivered, and once more on request."""

from __future__ import annotations

import base64
import secrets as randomness
from collections.abc import Mapping
from typing import Any

from connector.domain.errors import Fault, Invalid, NotFound
from connector.domain.ids import public_id, row_number
from connector.domain.instants import rfc3339
from connector.engine.directories import Directories
from connector.engine.named_rows import page_of, row_of
from connector.engine.notify import Notify
from connector.engine.ports import Clock, Poster
from connector.engine.targets import Who
from connector.store import hooks, resources, tables
from connector.store.database import Database


class Webhooks:
    """Endpoints are checked when they are made; their secret is shown once."""

    def __init__(
        self, database: Database, directories: Directories, clock: Clock, post: Poster, notify: Notify
    ) -> None:
        self._database = database
        self._directories = directories
        self._clock = clock
        self._post = post
        self._notify = notify

    def make(self, who: Who, values: Mapping[str, Any]) -> dict[str, Any]:
        """A subscription; its answer is the only one that holds the secret."""
        secret = values.get("secret") or "whsec_" + base64.b64encode(randomness.token_bytes(32)).decode()
        row = {
            "org": who.organisation, "account": who.account, "url": values["url"], "events": sorted(values["events"]),
            "secret": secret, "format": values["format"], "expires_at": values.get("expires_at"),
            "created_at": self._clock(), "failing_since": None, "disabled_at": None,
        }  # fmt: skip
        self._check(row)
        with self._database.write() as connection:
            number = resources.make(connection, tables.webhooks, row)
            self._directories.changed(connection, who.organisation)
        return {**_public({**row, "id": number}), "secret": secret}

    def get(self, who: Who, name: str) -> dict[str, Any]:
        return _public(row_of(self._database, tables.webhooks, who, "webhook", name))

    def page(self, who: Who, limit: int, cursor: str | None) -> dict[str, Any]:
        return page_of(self._database, tables.webhooks, who, "webhook", limit, cursor, _public)

    def change(self, who: Who, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Merge; a change of the address gives an endpoint that was switched off another chance."""
        row = row_of(self._database, tables.webhooks, who, "webhook", name)
        columns = {**values, "failing_since": None, "disabled_at": None}
        if "events" in columns:
            columns["events"] = sorted(columns["events"])
        self._check({**row, **columns})
        with self._database.write() as connection:
            resources.change(connection, tables.webhooks, who.organisation, row["id"], columns)
            self._directories.changed(connection, who.organisation)
        return _public({**row, **columns})

    def drop(self, who: Who, name: str) -> None:
        row = row_of(self._database, tables.webhooks, who, "webhook", name)
        with self._database.write() as connection:
            resources.drop(connection, tables.webhooks, who.organisation, row["id"])
            self._directories.changed(connection, who.organisation)

    def deliveries(self, who: Who, name: str, limit: int, cursor: str | None) -> dict[str, Any]:
        """What was sent there, newest first: of a webhook, or of a list's own (``lst_``)."""
        before = row_number("delivery", cursor) if cursor else None
        if cursor and before is None:
            raise Invalid.at("/cursor", "bad_cursor", "is not a cursor of this listing")
        of_list = row_number("list", name)
        endpoint = {"list_id": of_list} if of_list is not None else {"webhook": self._number(who, name)}
        with self._database.read() as connection:
            rows = hooks.sent_to(connection, who.organisation, before, limit + 1, **endpoint)
        return {
            "items": [_delivery(row) for row in rows[:limit]],
            "next_cursor": public_id("delivery", rows[limit - 1]["id"]) if len(rows) > limit else None,
        }

    def replay(self, who: Who, name: str, delivery: str) -> dict[str, Any]:
        """Deliver once more, under the same id, from the first attempt."""
        number = row_number("delivery", delivery)
        items = self.deliveries(who, name, 1, public_id("delivery", number + 1))["items"] if number else []
        if number is None or not items or items[0]["id"] != delivery:
            raise NotFound
        with self._database.write() as connection:
            hooks.replay(connection, who.organisation, number, self._clock())
        return {**items[0], "status": "pending", "attempts": 0}

    def _number(self, who: Who, name: str) -> int:
        return int(row_of(self._database, tables.webhooks, who, "webhook", name)["id"])

    def list_secret(self, list_id: int) -> str:
        return self._notify.list_secret(list_id)

    def _check(self, row: Mapping[str, Any]) -> None:
        faults = []
        if refusal := self._post.refusal(row["url"]):
            faults.append(Fault("/url", "refused_target", refusal))
        if not _is_secret(row["secret"]):
            faults.append(Fault("/secret", "bad_format", "must be whsec_ and 24 to 64 bytes in base 64"))
        if faults:
            raise Invalid(faults)


def _is_secret(text: str) -> bool:
    """As Standard Webhooks 1.0.0 has it."""
    try:
        return text.startswith("whsec_") and 24 <= len(base64.b64decode(text[6:], validate=True)) <= 64
    except ValueError:
        return False


def _public(row: Mapping[str, Any]) -> dict[str, Any]:
    times = ("expires_at", "failing_since", "disabled_at")
    return {
        "id": public_id("webhook", row["id"]), "url": row["url"], "events": list(row["events"]),
        "format": row["format"], **{name: rfc3339(row[name]) if row[name] else None for name in times},
    }  # fmt: skip


def _delivery(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": public_id("delivery", row["id"]), "event": row["message_id"], "type": row["type"],
        "status": row["status"], "attempts": row["attempts"], "last_status": row["last_status"],
        "last_error": row["last_error"], "duration_ms": row["duration_ms"],
        "next_attempt_at": rfc3339(row["due_at"]) if row["status"] == "pending" else None,
        "delivered_at": rfc3339(row["delivered_at"]) if row["delivered_at"] else None,
        "created_at": rfc3339(row["created_at"]),
    }  # fmt: skip
