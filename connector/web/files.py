"""Files into lists and out of them, streamed both ways."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request
from werkzeug.http import quote_header_value

from connector.domain.errors import Invalid, UnsupportedMedia
from connector.engine.list_imports import Wish
from connector.engine.once import Answer
from connector.engine.targets import Who
from connector.engine.upload import Stream
from connector.web.endpoint import endpoint
from connector.web.house import house
from connector.web.incoming import take_file

blueprint = Blueprint("files", __name__, url_prefix="/v1")

_JSONL = ("application/x-ndjson", "application/jsonl", "application/x-jsonlines")
_PIECE = 65_536


@blueprint.post("/lists/<name>/import")
@endpoint("write", keyed=False)  # a file is not read into memory to be compared, and its rows count once anyway
def bring_in(who: Who, name: str) -> Any:
    stream, form = _file()
    wish = Wish(
        form, renamed(), request.args.get("preset") or None, request.args.get("channel") or None, _on("dry_run")
    )
    here = house().imports
    if _on("preview"):
        return here.preview(who, name, stream, wish)
    made = here.begin(who, name, stream, wish)
    ended = not _on("async") and here.ended(who, made)
    return Answer(200 if ended else 202, here.get(who, made), {"Location": f"/v1/imports/{made}"})


@blueprint.get("/imports/<name>")
@endpoint("read", "write")
def progress(who: Who, name: str) -> Any:
    return house().imports.get(who, name)


@blueprint.get("/imports/<name>/rejected.csv")
@endpoint("export", "write")
def rejected(who: Who, name: str) -> Response:
    path, length = house().imports.rejected(who, name)
    return download(parts_of(path, length), f"{name}.rejected.csv", "text/csv; charset=utf-8")


@blueprint.post("/imports/<name>/undo")
@endpoint("write")
def undo(who: Who, name: str) -> Any:
    here = house().imports
    here.undo(who, name)
    ended = here.ended(who, name)
    return Answer(200 if ended else 202, here.get(who, name), {"Location": f"/v1/imports/{name}"})


@blueprint.get("/lists/<name>/export")
@endpoint("export")
def export(who: Who, name: str) -> Response:
    form = request.args.get("format") or "csv"
    media = "text/csv; charset=utf-8" if form == "csv" else "application/x-ndjson"
    return download(house().exports.stream(who, name, request.args), f"{name}.{form}", media)


def download(parts: Iterator[bytes], name: str, media: str) -> Response:
    return Response(parts, headers=attachment(name), content_type=media)


def attachment(name: str) -> dict[str, str]:
    """The headers of a file that is kept under a name, whatever letters it has (RFC 6266)."""
    name = "".join(letter if letter.isprintable() else "_" for letter in name)
    plain = quote_header_value(re.sub(r"[^ -~]", "_", name), allow_token=False)
    whole = "" if name.isascii() else f"; filename*=UTF-8''{quote(name, safe='')}"
    return {"Content-Disposition": f"attachment; filename={plain}{whole}", "X-Content-Type-Options": "nosniff"}


def renamed() -> dict[str, str]:
    """``?map=their:ours``, as often as needed."""
    found = {}
    for pair in request.args.getlist("map"):
        theirs, separator, ours = pair.rpartition(":")
        if not separator or not theirs or not ours:
            raise Invalid.at("/map", "bad_format", "looks like their_column:our_column")
        found[theirs] = ours
    return found


def _file() -> tuple[Stream, str]:
    """The file of a call, as a stream, and how its rows are written."""
    if request.environ.get("HTTP_CONTENT_ENCODING"):
        raise UnsupportedMedia("Compressed bodies are not taken.")
    take_file()
    if request.mimetype == "text/csv":
        return request.stream, "csv"
    if request.mimetype in _JSONL:
        return request.stream, "jsonl"
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMedia("This call takes text/csv, application/x-ndjson, or multipart/form-data with a file.")
    file = request.files.get("file")
    if file is None:
        raise UnsupportedMedia("A multipart upload needs a part named file.")
    is_json = file.mimetype in _JSONL or (file.filename or "").endswith((".jsonl", ".ndjson"))
    return file.stream, "jsonl" if is_json else "csv"


def parts_of(path: Path, length: int) -> Iterator[bytes]:
    if not length:
        yield b"line,reason,row\n"
        return
    with path.open("rb") as file:
        while length > 0 and (part := file.read(min(_PIECE, length))):
            length -= len(part)
            yield part


def _on(name: str) -> bool:
    text = request.args.get(name, "")
    if text not in ("", "0", "1", "false", "true"):
        raise Invalid.at(f"/{name}", "not_allowed", "must be 1 or 0")
    return text in ("1", "true")
