"""The files of imports: where they lie, and their rows in parts."""

from __future__ import annotations

import csv
import fcntl
import io
import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from connector.domain.cells import safe_cell
from connector.engine.records import Record, read_csv, read_json
from connector.engine.spoken import Manner, Spoken

PART = 4_000
_RAW = 1_000


@dataclass(frozen=True, slots=True)
class Files:
    """The folder of imports. A file is its workers' own while they hold its lock."""

    folder: Path
    #: For how many days; 0: for ever.
    kept: int = 30

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.upload"

    def rejected(self, name: str) -> Path:
        return self.folder / f"{name}.rejected.csv"

    def older(self, than: int) -> list[Path]:
        """Files of any kind that were last written before a time."""
        if not self.folder.is_dir():
            return []
        return [path for path in self.folder.iterdir() if path.stat().st_mtime_ns // 1000 < than]

    @contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO | None]:
        """The upload, for one worker at a time; None for every other. FileNotFoundError where it is gone."""
        with self.path(name).open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield None
                return
            yield file

    def tell(self, name: str, told: int, rejected: Sequence[tuple[Record, str]]) -> int:
        """Add rows to the report, after those that count already; answers its new length."""
        if not rejected:
            return told
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        if not told:
            writer.writerow(("line", "reason", "row"))
        for record, reason in rejected:
            row = record.raw[:_RAW].decode("utf-8", "replace").rstrip("\n").replace("\x00", "\ufffd")
            writer.writerow((record.line, reason, safe_cell(row)))
        data = text.getvalue().encode("utf-8", "replace")
        handle = os.open(self.rejected(name), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "r+b") as file:
            file.truncate(told)
            file.seek(told)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return told + len(data)


def records_of(file: BinaryIO, options: Mapping[str, Any], place: int, line: int) -> Iterator[Record]:
    if options["format"] == "jsonl":
        return read_json(file, place, line)
    return read_csv(file, place, line, options["delimiter"], len(options["columns"]))


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows that go into the book together, those that can't be read, and where the next one begins."""

    spoken: list[Spoken]
    rejected: list[tuple[Record, str]]
    place: int
    line: int


def pieces(records: Iterator[Record], manner: Manner) -> Iterator[Piece]:
    while part := list(islice(records, PART)):
        spoken: list[Spoken] = []
        rejected: list[tuple[Record, str]] = []
        for record in part:
            read = manner.read(record)
            if isinstance(read, str):
                rejected.append((record, read))
            else:
                spoken.append(read)
        yield Piece(spoken, rejected, part[-1].place, part[-1].after)


def ahead(several: Iterator[Piece]) -> Generator[Piece]:
    """The same pieces, each read while the database is busy with the one before it. Close it before the file."""
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as reader:
        coming = reader.submit(next, several, None)
        while (piece := coming.result()) is not None:
            coming = reader.submit(next, several, None)
            yield piece
