"""What forms were sent, remembered: so that nobody asks an address, or sends a form, without end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.domain.forms import (
    ASK_AGAIN_AFTER,
    ASK_AT_MOST,
    ASK_AT_MOST_WITHIN,
    NETWORK_AT_MOST,
    NETWORK_WITHIN,
    Form,
)
from connector.domain.words import FactKind
from connector.engine.targets import Target
from connector.engine.words_written import fact_row
from connector.store import book, forms
from connector.store.database import Connection, Database


def to_ask(database: Database, connection: Connection, form: Form, row: Mapping[str, Any]) -> bool | None:
    """Remember the question, where it may be asked (again); None where the network asks too often."""
    org, now = form.org, row["requested_at"]
    if _is_flood(connection, row):
        return None
    before = forms.asked_since(connection, org, row["key"], now - ASK_AT_MOST_WITHIN)
    if len(before) >= ASK_AT_MOST or (before and before[0] > now - ASK_AGAIN_AFTER):
        return False
    forms.ask(connection, row)
    book.put_facts(database, connection, [fact_row(org, row["key"], FactKind.PENDING, int(form.channel), now)])
    return True


def taken_as_it_is(connection: Connection, form: Form, row: Mapping[str, Any]) -> bool | None:
    """Remember a form that needs no second yes; False where it was sent just now, None where the network floods."""
    if _is_flood(connection, row):
        return None
    if forms.is_taken(connection, form.org, form.id, row["key"], row["requested_at"] - ASK_AGAIN_AFTER):
        return False
    forms.ask(connection, {**row, "confirmed_at": row["requested_at"]})
    return True


def request_row(form: Form, target: Target, code: str, evidence: Mapping[str, Any], now: int) -> dict[str, Any]:
    return {
        "code": code, "org": form.org, "form": form.id, "key": target.key, "bucket": target.bucket,
        "kind": target.address.kind.value, "address": target.address.wire, "network": evidence["network"],
        "evidence": dict(evidence), "requested_at": now,
    }  # fmt: skip


def _is_flood(connection: Connection, row: Mapping[str, Any]) -> bool:
    since = row["requested_at"] - NETWORK_WITHIN
    return forms.asked_from(connection, row["org"], row["network"], since) >= NETWORK_AT_MOST
