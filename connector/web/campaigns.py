"""Broadcasts and sequences."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, request

from connector.domain.campaigns import Campaign, Step
from connector.domain.cells import safe_cell
from connector.domain.durations import format_duration
from connector.domain.errors import UnsupportedMedia
from connector.domain.ids import public_id
from connector.domain.timing import format_time_of_day
from connector.engine.audience import Numbered
from connector.engine.imports import enrol_rows
from connector.engine.once import Answer
from connector.engine.rows import read_rows
from connector.engine.targets import Who
from connector.web.body import json_object, raw
from connector.web.endpoint import created, endpoint, page_limits
from connector.web.files import attachment, renamed
from connector.web.house import house
from connector.web.incoming import take_file
from connector.web.reading import people_in_body, region_of
from schemas import campaigns as of_campaigns
from schemas import resources

blueprint = Blueprint("campaigns", __name__, url_prefix="/v1/campaigns")


@blueprint.get("")
@endpoint("read")
def campaigns(who: Who) -> Any:
    limit, cursor = page_limits()
    page = house().journal.campaigns(who, limit, cursor)
    return {"items": [public_campaign(one) for one in page[0]], "next_cursor": page[1]}


@blueprint.post("")
@endpoint("send")
def make(who: Who) -> Answer:
    values = resources.load(of_campaigns.CampaignResource(), json_object())
    return created("/v1/campaigns", public_campaign(house().campaigns.make(who, values)))


@blueprint.get("/<name>")
@endpoint("read")
def one(who: Who, name: str) -> Any:
    return public_campaign(house().campaigns.find(who.organisation, name))


@blueprint.patch("/<name>")
@endpoint("send")
def change(who: Who, name: str) -> Answer:
    values = resources.load(of_campaigns.CampaignChange(partial=True), json_object())
    campaign, settled = house().campaigns.change(who, name, values)
    return Answer(200 if settled else 202, {**public_campaign(campaign), "settled": settled})


@blueprint.post("/<name>/enrol")
@endpoint("send", keyed=False)  # nobody is enrolled twice, and a file is not read into memory to be compared
def enrol(who: Who, name: str) -> Any:
    here = house()
    campaign = here.campaigns.find(who.organisation, name)
    if request.mimetype in ("text/csv", "multipart/form-data"):
        return enrol_rows(here.enrolling, who, campaign, read_rows(_file(), renamed()), region_of(who))
    return {"results": here.enrolling.enrol(who, campaign, people_in_body(who), Numbered())}


@blueprint.post("/<name>/start")
@endpoint("send")
def start(who: Who, name: str) -> Any:
    """Members of its groups who lack an attribute keep it from starting, unless ``skip_incomplete`` reports them."""
    here = house()
    values = resources.load(of_campaigns.Start(), json_object() if raw() else {})
    if not values["skip_incomplete"]:
        here.gathering.insist_complete(who.organisation, here.campaigns.find(who.organisation, name))
    return _turned(who, name, "start")


@blueprint.post("/<name>/pause")
@endpoint("send")
def pause(who: Who, name: str) -> Any:
    return _turned(who, name, "pause")


@blueprint.post("/<name>/resume")
@endpoint("send")
def resume(who: Who, name: str) -> Any:
    return _turned(who, name, "resume")


@blueprint.post("/<name>/cancel")
@endpoint("send")
def cancel(who: Who, name: str) -> Any:
    return _turned(who, name, "cancel")


@blueprint.get("/<name>/report")
@endpoint("read")
def report(who: Who, name: str) -> Any:
    here = house()
    return here.campaigns.report(who.organisation, here.campaigns.find(who.organisation, name))


@blueprint.get("/<name>/report.csv")
@endpoint("export", "read")
def report_csv(who: Who, name: str) -> Response:
    here = house()
    campaign = here.campaigns.find(who.organisation, name)
    return csv_of(here.journal.campaign_rows(who, campaign), name)


def _turned(who: Who, name: str, turn: str) -> Answer:
    here = house()
    settled = getattr(here.campaigns, turn)(who.organisation, here.campaigns.find(who.organisation, name))
    return Answer(
        200 if settled else 202, {**public_campaign(here.campaigns.find(who.organisation, name)), "settled": settled}
    )


def public_campaign(campaign: Campaign) -> dict[str, Any]:
    return {
        "id": public_id("campaign", campaign.id), "kind": campaign.kind, "name": campaign.name,
        "status": campaign.status, "sender": public_id("sender", campaign.sender),
        "lists": [public_id("list", number) for number in campaign.lists], "purpose": campaign.purpose.value,
        "require_opt_in": campaign.require_opt_in, "on_opt_out": campaign.on_opt_out,
        "groups": [public_id("group", number) for number in campaign.groups],
        "bypass_groups": [public_id("group", number) for number in campaign.bypass],
        "timezone": campaign.timezone, "quiet_hours": _quiet(campaign.quiet_hours),
        "exit_on_reply": campaign.exit_on_reply, "re_entry": campaign.re_entry,
        "steps": [
            {"id": public_id("step", step.id), "position": step.position, "delay": format_duration(step.delay),
             "at": None if step.at is None else format_time_of_day(step.at), **_content(step)}
            for step in campaign.steps
        ],
    }  # fmt: skip


def _quiet(hours: Any) -> Any:
    if not isinstance(hours, dict):
        return hours
    return {name: format_time_of_day(hours[name]) for name in ("from", "to")}


def _content(step: Step) -> dict[str, Any]:
    if (use := step.content.template) is None:
        return dict(step.content.parts)
    return {"template": {"name": use.name, "language": use.language, "parameters": dict(use.parameters)}}


def _file() -> Any:
    """The CSV of a call, as a stream."""
    take_file()
    if request.mimetype == "text/csv":
        return buffered(request.stream)
    file = request.files.get("file")
    if file is None:
        raise UnsupportedMedia("A multipart upload needs a part named file.")
    return buffered(file.stream)


def buffered(stream: Any) -> io.BufferedReader:
    """The server's stream, or a file of a form, as Python's readers want it."""
    return io.BufferedReader(_Stream(stream))


class _Stream(io.RawIOBase):
    """The server's stream with the methods that Python's readers want."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def csv_of(rows: Iterator[dict[str, Any]], name: str) -> Response:
    """The rows of a report, streamed."""
    return Response(_csv(rows), headers=attachment(f"{name}.csv"), content_type="text/csv; charset=utf-8")


def _csv(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    names = ("recipient", "step", "status", "error", "reasons", "provider_id", "at")
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(names)
    for count, row in enumerate(rows, start=1):
        writer.writerow([safe_cell(row[name]) for name in names])
        if count % 500 == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()
