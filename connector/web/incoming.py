"""Calls as the server hands them over: how much of a body is read, and what no text of a call may hold."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from typing import IO, Any, cast

from flask import Flask, Request, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.utils import cached_property
from werkzeug.wsgi import LimitedStream

from connector.domain.errors import Fault, Invalid, Malformed, NotFound, TooLarge
from connector.domain.filling import escape

#: No body is larger, in bytes, except for files.
LARGEST = 2 * 1024 * 1024
#: Nor of whoever is not known, where a page takes any.
LARGEST_OF_STRANGERS = 64 * 1024
#: So many fields a form with a file has at most: each may be as large as a body.
_MOST_PARTS = 20


class Whole(io.BytesIO):
    """A body that was read before the call, to its end as the server tells it."""


class Incoming(Request):
    """A call whose body ends where it must, also where nobody said how long it is; TooLarge."""

    _begun: tuple[IO[bytes], ...] = ()

    @cached_property
    def stream(self) -> IO[bytes]:
        try:
            inner = super().stream
        except RequestEntityTooLarge:
            raise TooLarge from None
        limit, length, begun = self.max_content_length, self.content_length, self.environ["wsgi.input"]
        if limit is None or not self.environ.get("wsgi.input_terminated"):
            return inner
        return cast(IO[bytes], _Exact(begun, length) if length else _Capped(begun, limit, is_max=True))

    def whole(self) -> bytes:
        """The body's bytes; TooLarge."""
        body = self.environ["wsgi.input"]
        if not isinstance(body, Whole):
            return self.get_data(cache=True)
        content = body.getvalue()  # as it is: the usual way takes ten times as long
        if len(content) > (self.max_content_length or LARGEST):
            raise TooLarge
        return content

    def _load_form_data(self) -> None:
        try:
            super()._load_form_data()
        except RequestEntityTooLarge:
            raise TooLarge from None
        if None in self.form or None in self.files:  # whatever the types of the library say
            raise Malformed.at("", "bad_form", "a part of the form has no name that can be read")
        if faults := _nul_in(self.form.items(multi=True)):
            raise Malformed(faults)

    def _get_file_stream(self, *about: Any, **more: Any) -> IO[bytes]:
        file = super()._get_file_stream(*about, **more)
        self._begun = (*self._begun, file)
        return file

    def close(self) -> None:
        """Files are closed, and so are those of a form that was given up halfway."""
        for file in self._begun:
            file.close()


class _Exact(LimitedStream):
    """A body that says how long it is. The server ends one that was cut off as if it were whole."""

    def on_disconnect(self, error: Exception | None = None) -> None:
        raise Malformed.at("", "cut_off", "the body ends before it is as long as it said") from error


class _Capped(LimitedStream):
    """Werkzeug's own hands over the beginning of a body that is too long where all of it is asked for, and refuses
    one that is just as long as is allowed.
    """

    def on_exhausted(self) -> None:
        if self._stream.read(1):
            raise TooLarge

    def readall(self) -> bytes:
        whole = super().readall()
        if self.is_exhausted:
            self.on_exhausted()
        return whole


def guard(app: Flask) -> None:
    """Every call of an app is read so."""
    app.request_class = Incoming
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST
    app.before_request(_refuse_nul_in_address)


def take_file() -> None:
    """This call brings a file, read as it comes however long it is; to be said before anything of it is read."""
    request.max_content_length = sys.maxsize
    request.max_form_parts = _MOST_PARTS


def _refuse_nul_in_address() -> None:
    """No database keeps a NUL, so nothing has one in its name. Headers can't hold any; cookies are only hashed."""
    environ = request.environ
    if "\x00" in environ.get("PATH_INFO", ""):
        raise NotFound
    if "%00" in environ.get("QUERY_STRING", "") and (faults := _nul_in(request.args.items(multi=True))):
        raise Invalid(faults)


def _nul_in(pairs: Iterable[tuple[str, str]]) -> list[Fault]:
    names = {name.replace("\x00", "\ufffd") for name, value in pairs if "\x00" in name or "\x00" in value}
    return [Fault(f"/{escape(name)}", "bad_value", "holds a NUL character") for name in sorted(names)]
