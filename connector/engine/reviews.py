"""Messages that sound like a refusal and hold no keyword: somebody reads them; the person may be held back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.domain.errors import Conflict, Invalid
from connector.domain.ids import public_id, row_number
from connector.domain.instants import latest, rfc3339
from connector.domain.words import Channel, FactKind, State
from connector.engine.consent_book import ConsentBook
from connector.engine.directories import Directories
from connector.engine.heard import Heard
from connector.engine.named_rows import row_of
from connector.engine.ports import Clock
from connector.engine.targets import Target, Who, target_from
from connector.engine.words_written import NewWord
from connector.store import inbound, resources, tables
from connector.store.database import Database

STATUSES = ("open", "opted_out", "dismissed")


class Reviews:
    """The queue: what came in, and what was decided."""

    def __init__(self, database: Database, directories: Directories, book: ConsentBook, clock: Clock) -> None:
        self._database = database
        self._directories = directories
        self._book = book
        self._clock = clock

    def put(self, heard: Heard) -> bool:
        """Keep a message to be read; where the account wants it, hold the person back. Answers whether all is quiet."""
        org, target = heard.who.organisation, heard.target
        held = self._directories.current(org).accounts[heard.who.account].hold_unclear
        row = {
            "org": org, "account": heard.who.account, "sender": heard.sender.id, "channel": int(heard.channel),
            "key": target.key, "bucket": target.bucket, "kind": target.address.kind.value,
            "address": target.address.wire, "text": heard.message.text[:2000], "held": held, "status": "open",
            "received_at": heard.at,
        }  # fmt: skip
        with self._database.write() as connection:
            resources.make(connection, tables.reviews, row)
        if not held:
            return True
        return self._book.set_fact(
            heard.who, FactKind.HELD_BACK, [target], holds=True, reason="an unclear reply waits for review"
        )  # fmt: skip

    def page(self, who: Who, status: str, limit: int, cursor: str | None) -> dict[str, Any]:
        """The newest first."""
        if status not in STATUSES:
            raise Invalid.at("/status", "not_allowed", f"must be one of {', '.join(STATUSES)}")
        before = row_number("review", cursor) if cursor else None
        if cursor and before is None:
            raise Invalid.at("/cursor", "bad_cursor", "is not a cursor of this listing")
        with self._database.read() as connection:
            rows = inbound.reviews_page(connection, who.organisation, status, limit, before)
        more = public_id("review", rows[-1]["id"]) if len(rows) == limit else None
        return {"items": [_public(row) for row in rows], "next_cursor": more}

    def decide(self, who: Who, name: str, decision: str) -> tuple[dict[str, Any], bool]:
        """``opt_out`` writes the word the person meant; ``dismiss`` lets them go on. And whether all is quiet."""
        row = row_of(self._database, tables.reviews, who, "review", name)
        if row["status"] != "open":
            raise Conflict(f"This was decided before: {row['status']}.", code="decided")
        settled = self._opt_out(who, row) if decision == "opt_out" else True
        status = "opted_out" if decision == "opt_out" else "dismissed"
        with self._database.write() as connection:
            if not inbound.decide(connection, who.organisation, row["id"], status, who.actor, self._clock()):
                raise Conflict("This has just been decided.", code="decided")
            still = inbound.is_held(connection, who.organisation, row["key"])
        if row["held"] and not still:
            self._book.set_fact(who, FactKind.HELD_BACK, [_target(row)], holds=False, reason=f"review {decision}")
        return self.get(who, name), settled

    def get(self, who: Who, name: str) -> dict[str, Any]:
        return _public(row_of(self._database, tables.reviews, who, "review", name))

    def _opt_out(self, who: Who, row: Mapping[str, Any]) -> bool:
        directory = self._directories.current(who.organisation)
        default = directory.default_list(row["account"])
        word = NewWord(
            State.OUT, Channel(row["channel"]), row["text"][:100], latest(row["received_at"], self._clock()),
            {"text": row["text"], "review": public_id("review", row["id"])},
        )  # fmt: skip
        return self._book.write(who, word, [_target(row)], [default])[2]


def _target(row: Mapping[str, Any]) -> Target:
    return target_from(row["kind"], row["address"], row["key"], row["bucket"])


def _public(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": public_id("review", row["id"]), "sender": public_id("sender", row["sender"]),
        "channel": Channel(row["channel"]).label, row["kind"]: row["address"] or None, "text": row["text"],
        "held": row["held"] and row["status"] == "open", "status": row["status"],
        "received_at": rfc3339(row["received_at"]), "decided_by": row["decided_by"],
        "decided_at": rfc3339(row["decided_at"]) if row["decided_at"] else None,
    }  # fmt: skip
