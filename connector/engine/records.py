"""The records of a file that was written down, from any place on, each with where it ends.

Nothing of it can stop the reading: what can't be read is one record with a fault, and reading goes on with the next
line. A record that spoils several lines, as an open quote does, is given up by its first line alone.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

import orjson

#: No line of a list of people is longer, in bytes, and no record has more lines.
LONGEST, MOST_LINES = 65_536, 100
csv.field_size_limit(100_000)


class Record(NamedTuple):
    """One row: its cells (CSV) or its object (JSON Lines), or what is wrong with it."""

    line: int
    #: Where the next one begins: byte and line.
    place: int
    after: int
    cells: list[str]
    values: Mapping[str, Any]
    fault: str | None = None
    raw: bytes = b""


class _Unreadable(Exception):
    """A line that can't be part of a record."""


class _Lines:
    """The lines from a place on, and which of them belong to the record that is being read."""

    def __init__(self, file: BinaryIO, place: int, line: int) -> None:
        self._file = file
        file.seek(place)
        self.place, self.line = place, line
        self.raw: list[bytes] = []
        self.ended = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        raw = self._file.readline(LONGEST)
        if not raw:
            self.ended = True
            raise StopIteration
        self.place += len(raw)
        self.line += 1
        self.raw.append(raw)
        if len(raw) == LONGEST and raw[-1] != 10:
            self._skip()
            raise _Unreadable(f"is longer than {LONGEST} bytes")
        if len(self.raw) > MOST_LINES:
            raise _Unreadable("has a quote that is not closed")
        try:
            return raw.decode()
        except UnicodeDecodeError:
            return raw.decode("cp1252", "replace")

    def back_to_second(self, place: int, line: int) -> None:
        """Forget all lines of the record but the first."""
        if len(self.raw) > 1:
            self.place, self.line = place + len(self.raw[0]), line
            self._file.seek(self.place)
        self.ended = False

    def _skip(self) -> None:
        while rest := self._file.readline(LONGEST):
            self.place += len(rest)
            if rest[-1] == 10:
                return


def read_csv(file: BinaryIO, place: int, line: int, delimiter: str, width: int | None) -> Iterator[Record]:
    """Rows from a place on, ``line`` lines into the file; each has ``width`` cells, or a fault."""
    lines = _Lines(file, place, line)
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        start, number = lines.place, lines.line + 1
        lines.raw.clear()
        cells: list[str] = []
        fault = None
        try:
            cells = next(reader)
        except StopIteration:
            return
        except _Unreadable as why:
            fault = str(why)
        except csv.Error as why:
            fault = f"can't be read as CSV: {why}"
        if fault is None:
            fault = _fault(lines, cells, width)
        if fault is None and not any(map(str.strip, cells)):
            continue
        raw = b"".join(lines.raw[:1] if fault else lines.raw)
        if fault:
            lines.back_to_second(start, number)
        yield Record(number, lines.place, lines.line, cells, {}, fault, raw)


def _fault(lines: _Lines, cells: list[str], width: int | None) -> str | None:
    if lines.ended and lines.raw:
        return "has a quote that is not closed"
    if width is not None and len(cells) != width and any(map(str.strip, cells)):
        return f"has {len(cells)} columns instead of {width}"
    return "holds a NUL character" if any(b"\x00" in raw for raw in lines.raw) else None


def read_json(file: BinaryIO, place: int, line: int) -> Iterator[Record]:
    """One object a line."""
    lines = _Lines(file, place, line)
    while True:
        lines.raw.clear()
        values: Any = {}
        fault = None
        try:
            text = next(lines)
        except StopIteration:
            return
        except _Unreadable as why:
            fault = str(why)
        else:
            if not text.strip():
                continue
            try:
                values = orjson.loads(text)
            except orjson.JSONDecodeError as why:
                fault = f"is not JSON: {why.msg}"
            if not fault and not isinstance(values, dict):
                values, fault = {}, "is not a JSON object"
        yield Record(lines.line, lines.place, lines.line, [], values, fault, b"".join(lines.raw))
