"""Every text of the console goes through here: English in the source, other languages from ``locale/``."""

from __future__ import annotations

import gettext as catalogues
from functools import lru_cache
from pathlib import Path

from flask import has_request_context, request

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "heed"


def gettext(message: str) -> str:
    """The text in the viewer's language; ``%(name)s`` in it is filled by whoever asks."""
    return _catalogue(language()).gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    return _catalogue(language()).ngettext(one, many, count)


_ = gettext


def marked(message: str) -> str:
    """A text that is written in a table, and translated where it is shown."""
    return message


def language() -> str:
    """The best of the languages there are for this viewer."""
    if not has_request_context():
        return "en"
    return request.accept_languages.best_match(_languages()) or "en"


@lru_cache(maxsize=1)
def _languages() -> tuple[str, ...]:
    return ("en", *sorted(path.parts[-3] for path in LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")))


@lru_cache(maxsize=100)
def _catalogue(name: str) -> catalogues.NullTranslations:
    return catalogues.translation(DOMAIN, LOCALE, [name], fallback=True)
