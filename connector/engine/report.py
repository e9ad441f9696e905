"""Reports: what became of everybody, in the words that campaign people know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from connector.domain.campaigns import Campaign, SendRow
from connector.domain.ids import public_id
from connector.domain.instants import rfc3339
from connector.domain.words import skipped_summary
from connector.engine.judge import public_reasons
from connector.store import campaigns, reports
from connector.store.database import Connection
from connector.store.directory import Directory
from connector.store.schedule import PARKED

_OPT_OUTS = ("opted_out", "erased")
_COUNTED = ("sent", "suppressed", "failed", "unknown", "cancelled")
_OPEN = ("due", "held", "scheduled")


def delivery(directory: Directory, public: str, rows: Sequence[SendRow], now: int) -> dict[str, Any]:
    """The answer of a direct send: counts, the summary, and a result for everybody."""
    results = [result_of(directory, row, now) for row in rows]
    statuses = Counter(result["status"] for result in results)
    skipped = sum(any(reason["code"] in _OPT_OUTS for reason in row.reasons) for row in rows)
    return {
        "id": public, "sent": statuses["sent"], "suppressed": statuses["suppressed"], "failed": statuses["failed"],
        "unknown": statuses["unknown"], "scheduled": statuses["scheduled"], "summary": skipped_summary(skipped),
        "results": results,
    }  # fmt: skip


def result_of(directory: Directory, row: SendRow, now: int) -> dict[str, Any]:
    """One send as callers read it: why it was or was not sent."""
    waiting = row.status == "pending" and row.due_at > now
    return {
        "recipient": {row.kind: row.address}, "status": _status(row, waiting), "error": row.error,
        "reasons": public_reasons(directory, row.reasons), "provider_id": row.provider_id,
        "not_before": rfc3339(row.due_at) if waiting and row.due_at < PARKED else None,
    }  # fmt: skip


def campaign_report(connection: Connection, org: int, campaign: Campaign, now: int) -> dict[str, Any]:
    """Counts of a campaign and of each of its steps."""
    counts = reports.counts(connection, org, campaign.id, now)
    reasons = reports.reasons(connection, org, campaign.id)
    failures = reports.failures(connection, org, campaign.id)
    filling = campaigns.is_filling(connection, org, campaign.id) if campaign.groups else False
    whole = _counts(row[1:] for row in counts)
    by_reason = _sum((code, number) for _, code, number in reasons)
    steps = [
        {
            "id": public_id("step", one.id), "position": one.position,
            **_counts(row[1:] for row in counts if row[0] == one.id),
            "reasons": _sum((code, number) for step, code, number in reasons if step == one.id),
            "failures": _sum((kind, number) for step, kind, number in failures if step == one.id),
        }
        for one in campaign.steps
    ]  # fmt: skip
    is_open = filling or any(whole[name] for name in _OPEN)
    finished = campaign.kind == "broadcast" and campaign.status == "running" and not is_open and whole["total"]
    return {
        "status": "done" if finished else campaign.status, **whole, "filling": filling, "reasons": by_reason,
        "failures": _sum((kind, number) for _, kind, number in failures), "steps": steps,
        "summary": skipped_summary(sum(by_reason.get(code, 0) for code in _OPT_OUTS)),
    }  # fmt: skip


def _status(row: SendRow, waiting: bool) -> str:
    if waiting:
        return "scheduled"
    return "pending" if row.status == "sending" else row.status


def _counts(rows: Iterable[tuple[str, bool, bool, int]]) -> dict[str, int]:
    counted = dict.fromkeys(("total", "due", *_COUNTED, "held", "scheduled"), 0)
    for status, due, held, number in rows:
        counted["total"] += number
        open_as = "due" if due or status == "sending" else "held" if held else "scheduled"
        counted[status if status in _COUNTED else open_as] += number
    return counted


def _sum(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for code, number in rows:
        counted[code] += number
    return dict(counted)
