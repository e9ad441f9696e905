"""Faults: what a caller did wrong or what is out of order. A refusal to send is not here: it is an outcome."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with an input, and where (an RFC 6901 JSON pointer, "" for the whole body)."""

    pointer: str
    code: str
    detail: str


class HeedError(Exception):
    """Something went wrong in Heed."""

    status = 500
    code = "internal_error"

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or (self.__doc__ or "").strip())

    @property
    def detail(self) -> str:
        return str(self.args[0])


class Invalid(HeedError):
    """The input has faults; nothing was changed."""

    status = 422
    code = "invalid_input"

    def __init__(self, faults: list[Fault] | tuple[Fault, ...], detail: str | None = None) -> None:
        super().__init__(detail)
        self.faults = tuple(faults)

    @classmethod
    def at(cls, pointer: str, code: str, detail: str) -> Invalid:
        return cls([Fault(pointer, code, detail)])


class Malformed(Invalid):
    """The body can't be read; nothing was changed."""

    status = 400
    code = "malformed_body"


class Unauthorised(HeedError):
    """This call needs a valid API key: Authorization: Bearer heed_<keyid>_<secret>."""

    status = 401
    code = "unauthorised"


class Forbidden(HeedError):
    """This key may not do that."""

    status = 403
    code = "forbidden"


class NotFound(HeedError):
    """There is nothing at this address."""

    status = 404
    code = "not_found"


class Conflict(HeedError):
    """This can't be done in the present state."""

    status = 409
    code = "conflict"

    def __init__(self, detail: str | None = None, code: str = "conflict") -> None:
        super().__init__(detail)
        self.code = code


class Gone(HeedError):
    """There was something here, and it is not kept any more."""

    status = 410
    code = "gone"


class TooLarge(HeedError):
    """The body is larger than this call takes."""

    status = 413
    code = "too_large"


class UnsupportedMedia(HeedError):
    """This call does not take a body of that content type."""

    status = 415
    code = "unsupported_media_type"


class Unavailable(HeedError):
    """Heed can't answer now. Nothing was allowed; try again."""

    status = 503
    code = "unavailable"


def innermost(error: BaseException) -> str:
    """Where an error arose, as file and line: all that a log may hold of it, since its message may hold an address."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
