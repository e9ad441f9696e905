"""Which column of a file is what: as the caller says, as another tool calls it, as it looks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from connector.domain.addresses import AddressKind, InvalidAddress, parse
from connector.domain.errors import Invalid
from connector.domain.recipients import FIELDS
from connector.engine.presets import PRESETS
from connector.engine.records import Record, read_csv, read_json

OURS = (*FIELDS, "channel", "state", "occurred_at", "reason", "expires_at", "basis")
_DELIMITERS = ",;\t|"
_SAMPLE = 50
#: What columns are called elsewhere, in small letters with underscores.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "number": ("number", "phone", "phone_number", "phonenumber", "mobile", "mobile_number", "mobile_phone", "msisdn",
               "cell", "cell_phone", "telephone", "tel", "recipient_number", "contact_number", "phone_e164"),
    "email": ("email", "e_mail", "email_address", "emailaddress", "mail", "recipient_email"),
    "whatsapp_id": ("whatsapp_id", "wa_id", "bsuid"),
    "channel": ("channel",),
    "state": ("state", "opt_state"),
    "occurred_at": ("occurred_at", "created_at", "created", "date", "datetime", "timestamp", "date_added",
                    "unsubscribed_at", "opted_out_at", "opt_out_date", "unsubscribe_date", "suppressed_at"),
    "reason": ("reason", "suppression_reason", "comment", "comments", "note"),
    "expires_at": ("expires_at", "expires", "expiry"),
    "basis": ("basis", "consent_basis"),
}  # fmt: skip
_GUESSED = {theirs: ours for ours, several in _NAMES.items() for theirs in several}


def layout(
    file: BinaryIO, form: str, rename: Mapping[str, str], preset: str | None, region: str | None
) -> dict[str, Any]:
    """How to read a file: JSON that an import keeps. Invalid where no column holds addresses."""
    known = _known(rename, preset)
    if form == "jsonl":
        names = list(dict.fromkeys(name for record in _first(read_json(file, 0, 0)) for name in record.values))
        fields = _once([_ours(name, known, preset) for name in names])
        _insist(fields, names)
        return {"format": form, "names": dict(zip(names, fields, strict=True)), "place": 0, "line": 0, "header": True}
    place, line, delimiter = _start(file)
    sample = _first(read_csv(file, place, line, delimiter, None))
    if not sample:
        return {"format": "csv", "delimiter": delimiter, "columns": ["number"], "place": place, "line": line,
                "names": {}, "header": False}  # fmt: skip
    head = [cell.strip() for cell in sample[0].cells]
    fields = _once([_ours(name, known, preset) for name in head])
    header = bool(set(fields) & set(FIELDS))
    if not header:
        fields, header = _by_values(sample, fields, region)
    _insist(fields, head)
    start = sample[0] if header else None
    return {
        "format": "csv", "delimiter": delimiter, "columns": fields, "header": header,
        "names": dict(zip(head, fields, strict=False)) if header else {},
        "place": start.place if start else place, "line": start.after if start else line,
    }  # fmt: skip


def folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")


def _known(rename: Mapping[str, str], preset: str | None) -> dict[str, str]:
    wrong = sorted(set(rename.values()) - set(OURS))
    if wrong:
        raise Invalid.at("/map", "unknown_column", f"ours are {', '.join(OURS)}; not {', '.join(wrong)}")
    if preset is not None and preset not in PRESETS:
        raise Invalid.at("/preset", "not_allowed", f"must be one of {', '.join(PRESETS)}")
    return {name.strip(): ours for name, ours in rename.items()}


def _ours(name: str, rename: Mapping[str, str], preset: str | None) -> str:
    if name.strip() in rename:
        return rename[name.strip()]
    plain = folded(name)
    if preset is not None:
        return next((ours for ours, theirs in PRESETS[preset].columns.items() if plain in theirs), "")
    return _GUESSED.get(plain, "")


def _once(fields: Sequence[str]) -> list[str]:
    """The first column of each kind counts."""
    return [field if field and field not in fields[:index] else "" for index, field in enumerate(fields)]


def _by_values(sample: Sequence[Record], fields: list[str], region: str | None) -> tuple[list[str], bool]:
    """No name tells which column holds addresses: the one that looks like it. And whether the first row is names."""
    width = len(sample[0].cells)
    if width == 1:
        return ["address"], False
    rows = [record.cells for record in sample if len(record.cells) == width]
    for place in range(width):
        read = [_is_address(row[place], region) for row in rows]
        if sum(read[1:]) * 5 >= max(1, len(read) - 1) * 4 and (len(read) > 1 or read[0]):
            header = not read[0]
            kept = fields if header else [""] * width
            return [*kept[:place], "address", *kept[place + 1 :]], header
    return fields, False


def _is_address(cell: str, region: str | None) -> bool:
    try:
        parse(AddressKind.EMAIL if "@" in cell else AddressKind.NUMBER, cell, region)
    except InvalidAddress:
        return False
    return True


def _insist(fields: Sequence[str], names: Sequence[str]) -> None:
    if not set(fields) & {*FIELDS, "address"}:
        there = ", ".join(repr(name[:50]) for name in names[:20])
        detail = f"no column holds numbers, emails or WhatsApp ids; there are {there}. Name one by ?map=theirs:number"
        raise Invalid.at("", "no_address_column", detail)


def _start(file: BinaryIO) -> tuple[int, int, str]:
    """Where the first row begins, and the delimiter. Spreadsheets may say it in a line of its own."""
    file.seek(0)
    first = file.readline(65_536).decode("utf-8", "replace")
    if first.lower().startswith("sep=") and len(first.strip()) == 5:
        return len(first.encode()), 1, first[4]
    return 0, 0, max(_DELIMITERS, key=first.count) if any(one in first for one in _DELIMITERS) else ","


def _first(records: Any) -> list[Record]:
    """The first rows without a fault, out of twice as many."""
    found: list[Record] = []
    for count, record in enumerate(records):
        if record.fault is None:
            found.append(record)
        if len(found) >= _SAMPLE or count >= 2 * _SAMPLE:
            break
    return found
