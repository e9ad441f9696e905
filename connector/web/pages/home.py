"""The first page: what happened, what was kept back, and what needs a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, request

from connector.engine.overview import MOST_KEPT_BACK, Told
from connector.engine.targets import Who
from connector.web import plots
from connector.web.house import house
from connector.web.page import go, page, say, show
from connector.web.texts import _

blueprint = Blueprint("home", __name__)

_SPANS = (7, 30)
#: So many kinds have a colour of their own; the rest are drawn together.
_TONES = "abcdef"


@blueprint.get("/")
@page("read")
def home(who: Who) -> Response:
    days = 30 if request.args.get("days") == "30" else 7
    by = "source" if request.args.get("by") == "source" else "channel"
    overview = house().desk.overview
    said, kept_back = overview.said(who, days), overview.kept_back(who, days)
    return show(
        "home.html", days=days, by=by, spans=_SPANS, said=said, labels=[_day(day) for day in said["out"].days],
        out=_series(said["out"], by), into=_series(said["in"], by), waiting=overview.waiting(who),
        kept_back=sorted(kept_back.items(), key=lambda one: -one[1]), place=house().guard.look().public,
        is_all=sum(kept_back.values()) < MOST_KEPT_BACK,
    )  # fmt: skip


@blueprint.post("/database/confirm")
@page("admin")
def confirm(who: Who) -> Response:
    """Nothing else sends from this database: sending goes on."""
    house().guard.confirm(who.actor)
    say(_("Sending goes on within seconds."))
    return go("/")


def _series(told: Told, by: str) -> list[plots.Series]:
    """The numbers by channel or source, the most frequent in colours of their own."""
    parts = list((told.by_channel if by == "channel" else told.by_source).items())
    rest = [sum(values) for values in zip(*(values for _name, values in parts[5:]), strict=True)]
    series = [plots.Series(name, values, _TONES[place]) for place, (name, values) in enumerate(parts[:5])]
    return [*series, plots.Series("rest", rest, "f")] if rest else series


def _day(day: int) -> str:
    """Nov 28, by the calendar in UTC."""
    return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day):%b %-d}"
