"""Settings of the organisation: where they stand, defaults, quiet hours, and who may show the side panel."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for

from connector.domain.errors import Invalid
from connector.domain.quiet import BY_COUNTRY, Quiet, Week
from connector.domain.timing import format_time_of_day
from connector.domain.words import CHANNEL_NAMES
from connector.engine.targets import Who
from connector.web.form_body import lines, read_form, text
from connector.web.house import house
from connector.web.page import by_field, go, page, say, show
from connector.web.texts import _
from schemas import people as of_people
from schemas import resources, staff

blueprint = Blueprint("settings", __name__)


@blueprint.get("/settings")
@page("read")
def first(_who: Who) -> Response:
    return go(url_for("senders.all_senders"))


@blueprint.get("/settings/defaults")
@page("read")
def defaults(who: Who) -> Response:
    hours = [(country, *_open(quiet)) for country, quiet in sorted(BY_COUNTRY.items())]
    return show("settings_defaults.html", defaults=house().desk.defaults.of(who), hours=hours)


@blueprint.post("/settings/defaults")
@page("write")
def change_defaults(who: Who) -> Response:
    body = read_form(dict.fromkeys(CHANNEL_NAMES[1:], text))
    late = house().desk.defaults.put(who, who.account, resources.load(of_people.DefaultStates(), body))
    if late:
        say(_("Changed. Messages that were already on their way may still arrive."), tone="warn")
    else:
        say(_("Changed, and in force for everybody who never said anything."))
    return go(url_for("settings.defaults"))


@blueprint.get("/settings/panel")
@page("admin")
def panel(who: Who) -> Response:
    return _panel(house().desk.staff.panel.origins(who), {})


@blueprint.post("/settings/panel")
@page("admin")
def change_panel(who: Who) -> Response:
    origins = lines(request.form.getlist("origins"))
    try:
        values = resources.load(staff.PanelOrigins(), {"origins": origins})
    except Invalid as error:
        return _panel(origins, by_field(error))
    house().desk.staff.panel.allow(who, values["origins"])
    say(_("Changed. The pages named may show the side panel."))
    return go(url_for("settings.panel"))


def _open(quiet: Quiet | Week) -> list[str]:
    """When it is not quiet: on weekdays, on Saturdays, on Sundays; empty where it is quiet all day."""
    days = quiet.days if isinstance(quiet, Week) else ((quiet.end, quiet.start),) * 7
    return [f"{format_time_of_day(day[0])}–{format_time_of_day(day[1])}" if day else "" for day in days[4:]]


def _panel(origins: list[str], faults: dict[str, str]) -> Response:
    status = 422 if faults else 200
    return show(
        "settings_panel.html", _status=status, origins=origins, faults=faults, base=house().public_url
    )  # fmt: skip
