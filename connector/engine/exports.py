"""A list as a file, streamed: what is exported can be imported again, and then changes nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

import orjson

from connector.domain.errors import Fault, Invalid, NotFound
from connector.domain.words import Channel, State
from connector.engine.directories import Directories
from connector.engine.targets import Who
from connector.store import exports
from connector.store.database import Database

FORMATS = ("csv", "jsonl")
_HEAD = (",".join(exports.COLUMNS) + "\n").encode()
#: Parts of an answer are about so large.
_PART = 65_536


class Exports:
    """Writes lists down."""

    def __init__(self, database: Database, directories: Directories) -> None:
        self._database = database
        self._directories = directories

    def stream(self, who: Who, name: str, asked: Mapping[str, str]) -> Iterator[bytes]:
        """The file's parts; Invalid names what of ``asked`` can't be."""
        form = asked.get("format") or "csv"
        channels = {channel.label: channel for channel in Channel}
        states = {state.label: state for state in State}
        allowed = {"format": FORMATS, "channel": tuple(channels), "state": tuple(states)}
        faults = [
            Fault(f"/{field}", "not_allowed", f"must be one of {', '.join(names)}")
            for field, names in allowed.items()
            if asked.get(field) and asked[field] not in names
        ]
        if faults:
            raise Invalid(faults)
        found = self._directories.current(who.organisation).find_list(who.account, name)
        if found is None:
            raise NotFound
        channel, state = channels.get(asked.get("channel", "")), states.get(asked.get("state", ""))
        return _gathered(self._parts(form, who.organisation, found.id, channel, state))

    def _parts(
        self, form: str, org: int, list_id: int, channel: Channel | None, state: State | None
    ) -> Iterator[bytes]:
        if form == "csv":
            yield _HEAD
        with self._database.read() as connection:
            if not self._database.is_sqlite:
                yield from exports.copied(connection, form, org, list_id, channel, state)
                return
            for rows in exports.selected(connection, form, org, list_id, channel, state):
                if form == "csv":
                    text = io.StringIO()
                    csv.writer(text, lineterminator="\n").writerows(rows)
                    yield text.getvalue().encode()
                else:
                    yield b"".join(orjson.dumps(dict(zip(exports.COLUMNS, row, strict=True))) + b"\n" for row in rows)


def _gathered(parts: Iterator[bytes]) -> Iterator[bytes]:
    """COPY gives a row at a time; an answer goes out in larger parts."""
    held, size = [], 0
    for part in parts:
        held.append(part)
        size += len(part)
        if size >= _PART:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)
