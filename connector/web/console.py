"""The console: its pages, found by themselves, and what their templates may use."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, abort, g, request, url_for

from connector.web import pages, plots, safety, shown, texts
from connector.web.nav import Place, is_served, places
from connector.web.page import may, told
from connector.web.texts import marked as later

STATIC = Path(__file__).parent / "static"
_YEAR_S = 365 * 24 * 3600
_KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

blueprint = Blueprint("console", __name__)


def register(app: Flask) -> None:
    """Every module of ``pages`` that has a blueprint, in the order of their names."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    install: Any = getattr(app.jinja_env, "install_gettext_callables")  # noqa: B009 - made by the extension
    install(texts.gettext, texts.ngettext, newstyle=True)
    app.jinja_env.filters |= {"said": shown.text, **OPTIONS}
    app.jinja_env.globals |= {
        "may": may,
        "plots": plots,
        "asset": asset,
        "told": told,
        "ticketed": _ticketed,
        "is_served": is_served,
        "language": texts.language,
    }
    app.context_processor(_of_the_frame)
    app.register_blueprint(blueprint)
    for module in sorted(one.name for one in pkgutil.iter_modules(pages.__path__)):
        found = import_module(f"{pages.__name__}.{module}")
        if hasattr(found, "blueprint"):
            app.register_blueprint(found.blueprint)


#: How channels are called where people choose.
LABELS = {
    "all": later("Every channel"), "sms": later("SMS"), "whatsapp": later("WhatsApp"), "rcs": later("RCS"),
    "truecaller": later("Truecaller"), "voice": later("Voice"), "email": later("Email"),
}  # fmt: skip
#: How things of the house are offered for a choice: value and label.
OPTIONS: dict[str, Callable[[Any], Any]] = {
    "zip_self": lambda names: [(name, name) for name in names],
    "sender_option": lambda one: (one["id"], f"{one['number']} ({one['channel']}, {one['provider']})"),
    "list_option": lambda one: (one["id"] if not one["is_default"] else "default", one["name"]),
    "account_option": lambda one: (one["id"], one["name"]),
    "channel_option": lambda name: (name, texts.gettext(LABELS[name])),
}


@blueprint.get("/static/<version>/<path:name>")
def static(version: str, name: str) -> Response:
    """Styles and scripts. Under the version of today they never change."""
    content = _files().get(name)
    if content is None:
        abort(404)
    fresh = f"public, max-age={_YEAR_S}, immutable" if version == _version() else "no-cache"
    headers = {"Cache-Control": fresh, "X-Content-Type-Options": "nosniff"}
    return Response(content, headers=headers, content_type=_KINDS[Path(name).suffix])


def asset(name: str) -> str:
    return url_for("console.static", version=_version(), name=name)


@lru_cache(maxsize=1)
def _version() -> str:
    """Of all files together, since scripts name one another."""
    return sha256(b"\n".join(_files().values())).hexdigest()[:12]


@lru_cache(maxsize=1)
def _files() -> dict[str, bytes]:
    """They are few and small: read once, so that a path in a call never reaches the disk."""
    found = sorted(path for path in STATIC.rglob("*") if path.suffix in _KINDS)
    return {path.relative_to(STATIC).as_posix(): path.read_bytes() for path in found}


def _of_the_frame() -> dict[str, Any]:
    """What the frame of a page shows."""
    session = g.get("session")
    if session is None:
        return {"theme": _theme()}
    return {"theme": _theme(), "session": session, "csrf": safety.token_of(session), "places": _places()}


def _ticketed() -> str:
    """The ticket of the side panel, where one opened it, for the addresses of its forms."""
    return "?" + urlencode({"ticket": g.ticket}) if g.get("ticket") else ""


def _theme() -> str:
    """What the viewer chose: light, dark, or nothing, which follows the system."""
    chosen = request.cookies.get("heed-theme", "")
    return chosen if chosen in ("light", "dark") else ""


def _places() -> list[Place]:
    return [one for one in places() if may(*one.scopes)]
