"""``heed campaigns enrol``: the people of a file, with a bar on a terminal and lines elsewhere."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from connector.commands.common import at_desk, err, out, plain, refusals, show_json, tell_held
from connector.commands.resolve import campaign_named
from connector.engine.imports import enrol_rows
from connector.engine.rows import Row, read_rows

_LINE_EVERY_S = 5.0
#: So many rejected rows are shown.
_SHOWN = 20
_COLUMNS = (TextColumn("enrolling"), BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"),
            TimeRemainingColumn())  # fmt: skip


@click.command()
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE.csv")
@click.option("--map", "pairs", multiple=True, metavar="THEIRS:OURS", help="A column with another name.")
@click.option("--json", "as_json", is_flag=True)
def enrol(name: str, file: Path, pairs: tuple[str, ...], as_json: bool) -> None:
    """Take the people of a CSV in, each once; other columns become attributes. Exit 1 where nobody could be taken."""
    rename = dict(_pair(pair) for pair in pairs)
    here, who = at_desk()
    region = here.services.directories.current(who.organisation).accounts[who.account].region or here.services.region
    with refusals("campaign"), file.open("rb") as stream:
        campaign = campaign_named(here, who, name)
        counted = _Counted(stream)
        rows = _watched(read_rows(io.BufferedReader(counted), rename), counted, file.stat().st_size, quiet=as_json)
        done = enrol_rows(here.enrolling, who, campaign, rows, region)
    if as_json:
        show_json(done)
    else:
        _tell(done)
    tell_held(here)
    sys.exit(1 if done["rejected"] == done["rows"] > 0 else 0)


class _Counted(io.RawIOBase):
    """A file, and how much of it has been read."""

    def __init__(self, file: Any) -> None:
        self._file, self.count = file, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = int(self._file.readinto(buffer))
        self.count += size
        return size


def _pair(text: str) -> tuple[str, str]:
    theirs, _, ours = text.rpartition(":")
    if not theirs or not ours:
        raise click.BadParameter("looks like THEIRS:OURS", param_hint="--map")
    return theirs, ours


def _watched(rows: Iterator[Row], stream: _Counted, size: int, *, quiet: bool) -> Iterator[Row]:
    """The rows, and how far that is."""
    terminal, said, count = err.is_terminal and not quiet, time.monotonic(), 0
    with Progress(*_COLUMNS, console=err, disable=not terminal, transient=True) as bar:
        task = bar.add_task("", total=max(size, 1))
        for row in rows:
            yield row
            count += 1
            if count % 1000 == 0:
                bar.update(task, completed=stream.count, description=f"{count} rows")
                if not terminal and not quiet and time.monotonic() - said > _LINE_EVERY_S:
                    said = time.monotonic()
                    err.print(f"heed: {stream.count / size:.0%} {count} rows")


def _tell(done: dict[str, Any]) -> None:
    out.print(" ".join(f"{name}={done[name]}" for name in ("rows", "enrolled", "already", "opted_out", "rejected")))
    for one in done["rejected_rows"][:_SHOWN]:
        err.print(f"  line {one['line']}: ", plain(one["detail"]), sep="")
    if done["rejected"] > _SHOWN:
        err.print(f"  and {done['rejected'] - _SHOWN} more: --json has {len(done['rejected_rows'])} of them")
