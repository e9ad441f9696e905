"""The frame of every public page, and the headers that keep it private. Every value in it is escaped."""

from __future__ import annotations

import functools
import unicodedata
from base64 import b64encode
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any

import structlog
from flask import Response, request
from markupsafe import Markup

from connector.domain.errors import HeedError, NotFound, Unavailable
from connector.domain.words import Channel
from connector.web.incoming import LARGEST_OF_STRANGERS
from connector.web.public.style import STYLE
from connector.web.shown import text

log = structlog.get_logger()
View = Callable[..., Response]

_PAGE = Markup("""<!doctype html>
<html lang="en"{}><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">
<title>{}</title><style>{}</style></head><body><main{}>{}</main></body></html>
""")
_STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
_PRIVATE = {
    "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
}  # fmt: skip

#: How a channel is called where people choose.
CHANNELS = {
    Channel.ALL: "every channel", Channel.SMS: "text message (SMS)", Channel.WHATSAPP: "WhatsApp",
    Channel.RCS: "RCS", Channel.TRUECALLER: "Truecaller", Channel.VOICE: "phone call", Channel.EMAIL: "email",
}  # fmt: skip


def page(
    title: str, parts: Iterable[Any], *, status: int = 200, framed_by: Iterable[str] | None = None,
    direction: str = "ltr",
) -> Response:  # fmt: skip
    """A whole page. ``framed_by``: the origins that may show it within theirs; None: nobody, and it stands alone."""
    html = document(title, parts, framed=framed_by is not None, direction=direction)
    return Response(html, status, {**_PRIVATE, "Content-Security-Policy": policy(framed_by or ())})


def document(title: str, parts: Iterable[Any], *, framed: bool = False, direction: str = "ltr") -> str:
    root = Markup(' class="framed"') if framed else ""
    way = Markup(' dir="rtl"') if direction == "rtl" else ""
    return _PAGE.format(root, title, Markup(STYLE), way, Markup("").join(parts))  # noqa: S704 - our own text


def policy(framed_by: Iterable[str]) -> str:
    """Only this very stylesheet, forms to ourselves, and nothing else."""
    origins = " ".join(framed_by) or "'none'"
    return (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors {origins}"
    )


def plain(said: str) -> Response:
    """A few words for a program."""
    return Response(said, 200, {**_PRIVATE, "Content-Security-Policy": policy(())}, content_type="text/plain")


def public(view: View) -> View:
    """A view for anybody: what is wrong is told as a page, and says nothing about whom it is about."""

    @functools.wraps(view)
    def call(**arguments: Any) -> Response:
        request.max_content_length = LARGEST_OF_STRANGERS
        try:
            if not all(map(_is_ours, arguments.values())):
                raise NotFound
            return view(**arguments)
        except NotFound:
            return page("Nothing here", (_GONE,), status=404)
        except Unavailable as error:
            log.error("page_failed", path=request.url_rule.rule if request.url_rule else "?", code=error.code)
            answer = page("Try again", (_LATER,), status=503)
            answer.headers["Retry-After"] = "1"
            return answer
        except HeedError as error:
            log.error("page_failed", path=request.url_rule.rule if request.url_rule else "?", code=error.code)
            return page("This did not work", (_FAILED,), status=error.status)

    return call


def _is_ours(end: str) -> bool:
    """Whether the end of an address could be one that we gave out: of others a database can't always be asked."""
    return end.isascii() and end.replace("-", "").replace("_", "").isalnum()


def words(said: str) -> Markup:
    """What an organisation wrote, in its own direction and with its own lines."""
    return Markup('<p class="words" dir="{}">{}</p>').format(direction_of(said), text(said))


def ours(said: str) -> Markup:
    """Our own words, which are English, on a page that may be read from the right."""
    return Markup("<bdi>{}</bdi>").format(said)


def direction_of(said: str) -> str:
    """The way a text is read: that of its first letter."""
    found = (unicodedata.bidirectional(one) for one in said)
    return "ltr" if next((one for one in found if one in ("L", "R", "AL")), "L") == "L" else "rtl"


_GONE = Markup(
    "<h1>There is nothing here</h1><p>The address may have been cut off on its way. Open the link in the message once "
    "more, whole.</p>"
)
_LATER = Markup(
    "<h1>This did not work, and nothing was changed</h1><p>We can&#8217;t reach our records right now. Please try "
    "again in a moment.</p>"
)
_FAILED = Markup("<h1>This did not work, and nothing was changed</h1><p>Please open the link once more.</p>")
