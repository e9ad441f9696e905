"""Where one can go: the left side of every page, the palette, and the keys for both."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request

from connector.web.texts import marked as _


@dataclass(frozen=True, slots=True)
class Place:
    """A row of the navigation; ``key`` follows a "g" on the keyboard."""

    path: str
    label: str
    icon: str
    key: str
    scopes: tuple[str, ...] = ("read",)

    @property
    def is_here(self) -> bool:
        return request.path == self.path or (self.path != "/" and request.path.startswith(f"{self.path}/"))


_PLACES = (
    Place("/", _("Home"), "home", "h"),
    Place("/lists", _("Lists"), "list", "l"),
    Place("/people", _("People"), "person", "p"),
    Place("/replies", _("Smart replies"), "reply", "r"),
    Place("/reviews", _("To review"), "check", "v"),
    Place("/campaigns", _("Campaigns"), "campaign", "c"),
    Place("/forms", _("Forms"), "form", "f"),
    Place("/webhooks", _("Webhooks"), "hook", "w"),
    Place("/workbench", _("Workbench"), "bench", "b"),
    Place("/settings", _("Settings"), "settings", "s"),
)


def places() -> list[Place]:
    """The rows whose pages there are."""
    return [one for one in _PLACES if is_served(one.path)]


def is_served(path: str) -> bool:
    """Whether there is a page at this path."""
    return any(rule.rule == path and "GET" in (rule.methods or ()) for rule in current_app.url_map.iter_rules())
