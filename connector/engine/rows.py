"""CSV as people export it: any encoding they have, any delimiter, a header or none; each refused row with its line."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from connector.domain.errors import Malformed
from connector.domain.recipients import FIELDS

#: No row is longer, in characters, whatever lines and cells it has.
_LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file: the values by name, or what is wrong with it."""

    line: int
    values: Mapping[str, Any]
    fault: str | None = None


def read_rows(stream: io.BufferedReader, rename: Mapping[str, str]) -> Iterator[Row]:
    """Every row after the header. ``rename``: their column names to ours. No header and one column: addresses."""
    csv.field_size_limit(_LONGEST)
    text = io.TextIOWrapper(stream, encoding=_encoding(stream), newline="")
    try:
        yield from _rows(text, rename)
    except UnicodeDecodeError as error:
        raise Malformed.at("", "bad_encoding", "the file is neither UTF-8 nor UTF-16") from error
    except csv.Error as error:
        raise Malformed.at("", "bad_csv", f"the file can't be read as CSV: {error}") from error


def _rows(text: io.TextIOBase, rename: Mapping[str, str]) -> Iterator[Row]:
    records = _records(text)
    first = next(records, None)
    if first is None:
        return
    line, header = first
    names = [rename.get(name.strip(), name.strip().lower()) for name in header]
    if not set(names) & set(FIELDS):
        if len(header) != 1:
            raise Malformed.at("", "no_address_column", "no column is named number, email or whatsapp_id")
        yield _address(line, header[0])
        for line, cells in records:
            yield _address(line, cells[0] if cells else "")
        return
    for line, cells in records:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(names):
            yield Row(line, {}, f"has {len(cells)} columns instead of {len(names)}")
            continue
        values = {name: cell.strip() for name, cell in zip(names, cells, strict=True) if name}
        yield Row(line, values, "holds a NUL character" if "\x00" in "".join(cells) else None)


def _address(line: int, cell: str) -> Row:
    return Row(line, {"email" if "@" in cell else "number": cell.strip()})


def _records(text: io.TextIOBase) -> Iterator[tuple[int, list[str]]]:
    """Every record with its last line; csv.Error where one is too long."""
    left = _LONGEST

    def line() -> str:
        nonlocal left
        read = text.readline(left + 1)
        left -= len(read)
        if left < 0:
            raise csv.Error(f"a row is longer than {_LONGEST} characters")
        return read

    first = line()
    delimiter = max(",;\t|", key=first.count)
    reader = csv.reader(chain([first], iter(line, "")) if first else (), delimiter=delimiter)
    for cells in reader:
        left = _LONGEST
        yield reader.line_num, cells


def _encoding(stream: io.BufferedReader) -> str:
    """By the byte order mark; UTF-8 where there is none."""
    start = stream.peek(4)[:4]
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig"
