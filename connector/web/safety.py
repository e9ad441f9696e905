"""What keeps the console safe in a browser: cookies, the token on every form, and the headers of every page."""

from __future__ import annotations

import secrets as randomness
from collections.abc import Iterable
from hmac import compare_digest
from urllib.parse import urlsplit

from flask import Response, request
from itsdangerous import BadSignature

from connector.domain.users import Session
from connector.web.house import house

#: The name of the field that every form carries, and of the header that scripts send.
FIELD, HEADER = "csrf", "X-CSRF"
_FORM = "console form"
_HEADERS = {
    "Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow", "Cross-Origin-Opener-Policy": "same-origin", "Vary": "Cookie",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}  # fmt: skip


def policy(framed_by: Iterable[str] = ()) -> str:
    """Own scripts, styles and pictures, calls and forms to ourselves, and nothing else."""
    framing = " ".join(framed_by) or "'none'"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"form-action 'self'; base-uri 'none'; frame-ancestors {framing}"
    )


def guarded(answer: Response, framed_by: Iterable[str] = ()) -> Response:
    """A page with its headers; those that the view has set stay."""
    for name, value in _HEADERS.items():
        answer.headers.setdefault(name, value)
    answer.headers.setdefault("Content-Security-Policy", policy(framed_by))
    return answer


def is_https() -> bool:
    return house().public_url.startswith("https://")


def cookie_name(use: str) -> str:
    """With https the name itself makes browsers refuse it from anywhere but this very host over https."""
    return f"__Host-heed-{use}" if is_https() else f"heed-{use}"


def set_cookie(answer: Response, use: str, value: str, *, seconds: int | None = None) -> None:
    name = cookie_name(use)
    answer.set_cookie(name, value, max_age=seconds, path="/", secure=is_https(), httponly=True, samesite="Lax")


def drop_cookie(answer: Response, use: str) -> None:
    answer.delete_cookie(cookie_name(use), path="/", secure=is_https(), httponly=True, samesite="Lax")


def cookie(use: str) -> str:
    return request.cookies.get(cookie_name(use), "")


def token_of(session: Session) -> str:
    """What the forms of this session carry."""
    return _made(session.hash.hex())


def has_token(session: Session) -> bool:
    """Whether this call came from a form of this session, on a page of ours."""
    given = request.headers.get(HEADER) or request.form.get(FIELD, "")
    return is_ours() and compare_digest(given.encode(), token_of(session).encode())


def door_token() -> tuple[str, str]:
    """For forms of whoever is not signed in yet: what the cookie holds, and what the form carries."""
    door = cookie("door")
    door = door if len(door) == 43 and door.isascii() else randomness.token_urlsafe(32)
    return door, _made(door)


def has_door_token() -> bool:
    try:
        signed = house().secrets.serializer(_FORM).loads(request.form.get(FIELD, ""))
    except BadSignature:
        return False
    door = cookie("door")
    return is_ours() and bool(door) and isinstance(signed, str) and compare_digest(signed.encode(), door.encode())


def is_ours() -> bool:
    """Whether the browser says that the call came from a page of this very origin; one that says nothing may."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc in (request.host, urlsplit(house().public_url).netloc)


def _made(value: str) -> str:
    return str(house().secrets.serializer(_FORM).dumps(value))
