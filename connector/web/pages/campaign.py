"""One campaign: its steps, who is on the way, what became of everybody; started, paused, cancelled; people taken in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from connector.domain.campaigns import Campaign
from connector.domain.errors import Conflict, HeedError, Invalid
from connector.domain.instants import DAY, HOUR, MINUTE, SECOND
from connector.domain.recipients import Batch, read_batch
from connector.engine.audience import Numbered
from connector.engine.imports import enrol_rows
from connector.engine.rows import read_rows
from connector.engine.targets import Who
from connector.web import plots
from connector.web.campaigns import buffered, csv_of, public_campaign
from connector.web.endpoint import page_limits
from connector.web.form_body import chosen, flag, lines, read_form, text
from connector.web.house import house
from connector.web.page import go, may, page, say, show
from connector.web.reading import region_of
from connector.web.texts import _, ngettext
from connector.web.texts import marked as later
from schemas import campaigns as of_campaigns
from schemas import resources

blueprint = Blueprint("campaign", __name__)

#: What may be done with a campaign, by how it stands.
TURNS = {
    "draft": (("start", later("Start"), "play"),),
    "running": (("pause", later("Pause"), "pause"),),
    "paused": (("resume", later("Go on"), "play"),),
}
_SAID = {
    "start": later("It is on its way. Everybody's own word is asked once more before each message."),
    "pause": later("It is paused: nothing more leaves until it goes on."), "resume": later("It goes on."),
    "cancel": later("It is cancelled: nothing more leaves."),
}  # fmt: skip
#: What becomes of messages, in the order and with the tones of their plots.
ENDS = (
    ("sent", later("sent"), "good"), ("suppressed", later("skipped"), "warn"), ("failed", later("failed"), "bad"),
    ("unknown", later("unknown"), "d"), ("cancelled", later("cancelled"), "soft"), ("held", later("held"), "c"),
    ("due", later("due"), "b"), ("scheduled", later("scheduled"), "f"),
)  # fmt: skip
_UNITS = (
    (DAY, later("%(count)s day"), later("%(count)s days")), (HOUR, later("%(count)s hour"), later("%(count)s hours")),
    (MINUTE, later("%(count)s minute"), later("%(count)s minutes")),
    (SECOND, later("%(count)s second"), later("%(count)s seconds")),
)  # fmt: skip
_STATUSES = ("sent", "suppressed", "failed", "unknown", "pending", "scheduled", "cancelled")
_AT_ONCE = 1000
_CHANGES = {
    "name": text, "lists": chosen, "on_opt_out": text, "timezone": text, "quiet_hours": text, "exit_on_reply": flag,
    "re_entry": text,
}  # fmt: skip


@blueprint.get("/campaigns/<name>")
@page("read")
def overview(who: Who, name: str) -> Response:
    return _overview(who, _found(who, name))


@blueprint.post("/campaigns/<name>/<any(start, pause, resume, cancel):turn>")
@page("send")
def turn(who: Who, name: str, turn: str) -> Response:
    here, campaign = house(), _found(who, name)
    if turn == "start" and request.form.get("skip_incomplete") != "1":
        try:
            here.gathering.insist_complete(who.organisation, campaign)
        except Invalid as error:
            return _overview(who, campaign, incomplete="; ".join(one.detail for one in error.faults))
    settled = getattr(here.campaigns, turn)(who.organisation, campaign)
    say(_(_SAID[turn]))
    if not settled:
        say(_("Some messages were already being handed over; they end within seconds."), tone="warn")
    return go(url_for("campaign.overview", name=name))


@blueprint.post("/campaigns/<name>/people")
@page("send", file=True)
def take_in(who: Who, name: str) -> Response:
    """People by hand, one a line, or from a CSV file."""
    campaign, file = _found(who, name), request.files.get("file")
    try:
        if file is not None and file.filename:
            rows = read_rows(buffered(file.stream), {})
            counts = enrol_rows(house().enrolling, who, campaign, rows, region_of(who))
        else:
            counts = _by_hand(who, campaign)
    except (Invalid, Conflict) as error:
        return _overview(who, campaign, fault=_said(error))
    say(_("%(taken)s taken in, %(rest)s not.") % _counted(counts))
    return go(url_for("campaign.overview", name=name))


@blueprint.get("/campaigns/<name>/settings")
@page("read")
def settings(who: Who, name: str) -> Response:
    found = public_campaign(_found(who, name))
    return _settings(who, found, found, {})


@blueprint.post("/campaigns/<name>/settings")
@page("send")
def change(who: Who, name: str) -> Response:
    found, body = public_campaign(_found(who, name)), read_form(_CHANGES)
    try:
        values = resources.load(of_campaigns.CampaignChange(partial=True), body)
        _campaign, settled = house().campaigns.change(who, name, values)
    except (Invalid, Conflict) as error:
        return _settings(who, found, body, {"": _said(error)})
    say(_("It holds from the next message on."))
    if not settled:
        say(_("Some messages were already being handed over; they end within seconds."), tone="warn")
    return go(url_for("campaign.settings", name=name))


@blueprint.get("/campaigns/<name>/rows.csv")
@page("export", "read")
def rows(who: Who, name: str) -> Response:
    campaign = _found(who, name)
    return csv_of(house().journal.campaign_rows(who, campaign), name)


@blueprint.get("/campaigns/<name>/messages")
@page("read")
def messages(who: Who, name: str) -> Response:
    """Every message, newest first, of one end or to one person where that is asked."""
    campaign, wanted = _found(who, name), request.args.get("status", "")
    listing: dict[str, Any] = {"items": [], "next_cursor": None}
    fault, batch = "", None
    try:
        if sought := request.args.get("q", "").strip():
            batch = read_batch({"email" if "@" in sought else "number": sought}, region_of(who))
            batch.insist(house().services.directories.current(who.organisation).senders[campaign.sender].channel)
        status = wanted if wanted in _STATUSES else None
        listing = house().journal.search(who, batch, campaign.id, status, *page_limits(most=200, usual=50))
    except Invalid as error:
        fault = _said(error)
    return show(
        "campaign_messages.html", found=public_campaign(campaign), listing=listing, fault=fault, statuses=_STATUSES
    )


def _overview(who: Who, campaign: Campaign, *, fault: str = "", incomplete: str = "") -> Response:
    here, found = house(), public_campaign(campaign)
    report = here.campaigns.report(who.organisation, campaign)
    return show(
        "campaign.html", _status=422 if fault or incomplete else 200, found=found, report=report, fault=fault,
        share=_share(report), by_step=_by_step(report), waits=[_wait(one.delay) for one in campaign.steps],
        incomplete=incomplete, ends=ENDS, turns=TURNS.get(campaign.status, ()) if may("send") else (),
        names={one["id"]: one["name"] for one in (*here.lists.all(who), *here.desk.groups.all(who))},
        sender=next((one for one in here.setup.senders(who) if one["id"] == found["sender"]), None), given=request.form,
        goes_on=report["status"] == "running" or report["filling"],
    )  # fmt: skip


def _wait(delay: int) -> str:
    """How long a message waits, in words; "" where it does not."""
    for unit, one, many in _UNITS:
        if delay and delay % unit == 0:
            return ngettext(one, many, delay // unit) % {"count": delay // unit}
    return ""


def _share(report: dict[str, Any]) -> Any:
    parts = [plots.Series(_(label), [report[name]], tone) for name, label, tone in ENDS if report[name]]
    return plots.share(_("What became of them"), parts)


def _by_step(report: dict[str, Any]) -> Any:
    steps = report["steps"]
    series = [plots.Series(_(label), [one[name] for one in steps], tone) for name, label, tone in ENDS if report[name]]
    labels = [_("message %(number)s") % {"number": place} for place in range(1, len(steps) + 1)]
    return plots.bars(_("Message by message"), labels, series)


def _settings(who: Who, found: dict[str, Any], values: dict[str, Any], faults: dict[str, str]) -> Response:
    return show(
        "campaign_settings.html", _status=422 if faults else 200, found=found, values=values, faults=faults,
        lists=house().lists.all(who),
    )  # fmt: skip


def _found(who: Who, name: str) -> Campaign:
    return house().campaigns.find(who.organisation, name)


def _by_hand(who: Who, campaign: Campaign) -> dict[str, Any]:
    named = lines(request.form.getlist("people"))
    if not named or len(named) > _AT_ONCE:
        raise Invalid.at("/people", "too_many", _("Give 1 to 1,000 people, one a line; or a file."))
    batch: Batch = read_batch(
        {"recipients": [{"email" if "@" in one else "number": one} for one in named]}, region_of(who)
    )  # fmt: skip
    results = house().enrolling.enrol(who, campaign, batch, Numbered())
    taken = sum(one["status"] == "enrolled" for one in results)
    return {"enrolled": taken, "rest": len(results) - taken}


def _counted(counts: dict[str, Any]) -> dict[str, Any]:
    taken = counts.get("enrolled", 0)
    rest = sum(value for name, value in counts.items() if isinstance(value, int) and name not in ("enrolled", "rows"))
    return {"taken": taken, "rest": rest}


def _said(error: HeedError) -> str:
    if isinstance(error, Invalid):
        return "; ".join(f"{one.pointer.strip('/')} {one.detail}".strip() for one in error.faults)
    return error.detail
