"""People brought into a campaign from a file, a thousand at a time; every refused row is told with its line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from connector.domain.campaigns import Campaign
from connector.domain.recipients import FIELDS, Batch, Recipient, read_person
from connector.engine.audience import Numbered
from connector.engine.enrolling import Enrolling
from connector.engine.rows import Row
from connector.engine.targets import Who

_PART = 1000
_MOST_TOLD = 10_000


def enrol_rows(of: Enrolling, who: Who, campaign: Campaign, rows: Iterable[Row], region: str | None) -> dict[str, Any]:
    """Enrol a file: counts, and the rows that were refused (the first ten thousand, and how many in all)."""
    counted: Counter[str] = Counter()
    refused: list[dict[str, Any]] = []
    numbered = Numbered()
    for part in _parts(iter(rows)):
        broken = [row for row in part if row.fault]
        fit = [row for row in part if not row.fault]
        answers = of.enrol(who, campaign, _batch(fit, region), numbered) if fit else []
        counted.update(answer["status"] for answer in answers)
        counted["rejected"] += len(broken)
        told: list[dict[str, Any]] = [{"line": row.line, "code": "bad_row", "detail": row.fault} for row in broken]
        told += [
            {"line": row.line, **answer["errors"][0]}
            for row, answer in zip(fit, answers, strict=True)
            if answer["status"] == "rejected"
        ]
        refused += sorted(told, key=lambda one: one["line"])[: _MOST_TOLD - len(refused)]
    names = ("enrolled", "already", "opted_out", "rejected")
    return {"rows": counted.total(), **{name: counted[name] for name in names}, "rejected_rows": refused}


def _batch(rows: list[Row], region: str | None) -> Batch:
    """Rows as a batch; a column that is no address is an attribute. A bad template is one bad row, not a bad call."""
    people: list[Recipient] = []
    for index, row in enumerate(rows):
        known = {name: row.values[name] for name in FIELDS if row.values.get(name)}
        attributes = {name: value for name, value in row.values.items() if name not in FIELDS}
        people.append(read_person({**known, "attributes": attributes}, f"/recipients/{index}", region))
    return Batch(tuple(people), single=False)


def _parts(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while part := list(islice(rows, _PART)):
        yield part
