"""A file as it comes in: written down in one encoding with one kind of line end, a piece at a time."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

_PIECE = 1 << 18


class Stream(Protocol):
    """Whatever can be read."""

    def read(self, size: int = ..., /) -> bytes: ...


def spool(stream: Stream, path: Path, limit: int | None = None) -> int:
    """Write the stream down, durably, at most about ``limit`` bytes of it; answers how many bytes the file has."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        for piece in _plain(_pieces(stream)):
            file.write(piece)
            if limit is not None and file.tell() >= limit:
                break
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def _pieces(stream: Stream) -> Iterator[bytes]:
    while piece := stream.read(_PIECE):
        yield piece


def _plain(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """UTF-16 as UTF-8, no byte order mark, every line end a newline. Other encodings are read line by line later."""
    first = next(pieces, b"")
    while len(first) < 4 and (more := next(pieces, b"")):
        first += more
    name = _wide(first)
    decoder = codecs.getincrementaldecoder(name)(errors="replace") if name else None
    held = False
    for piece in _chained(first.removeprefix(codecs.BOM_UTF8), pieces):
        data = decoder.decode(piece).removeprefix("\ufeff").encode("utf-8", "replace") if decoder else piece
        if held:
            data = b"\r" + data
        held = data.endswith(b"\r")
        yield (data[:-1] if held else data).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    yield b"\n" if held else b""


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _wide(start: bytes) -> str | None:
    """UTF-16, by its byte order mark or by where its zeros are."""
    if start.startswith(codecs.BOM_UTF16_LE) or (len(start) >= 4 and start[1] == start[3] == 0 != start[0]):
        return "utf-16-le"
    if start.startswith(codecs.BOM_UTF16_BE) or (len(start) >= 4 and start[0] == start[2] == 0 != start[1]):
        return "utf-16-be"
    return None
