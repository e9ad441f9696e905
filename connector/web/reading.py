"""Whom a call is about, read the same way by every call."""

from __future__ import annotations

from typing import Any

from flask import request

from connector.domain.errors import Fault, Invalid
from connector.domain.recipients import FIELDS, Batch, read_batch, tidy_people
from connector.domain.words import Channel
from connector.engine import validation
from connector.engine.targets import Who
from connector.web.body import json_object
from connector.web.house import house
from schemas.vocabulary import PEOPLE

_PEOPLE = validation.Schema(
    {"type": "object", "properties": dict(PEOPLE.properties), "additionalProperties": False, **PEOPLE.rule}
)


def region_of(who: Who) -> str | None:
    """Where the national numbers of this caller are at home."""
    services = house().services
    return services.directories.kept(who.organisation).accounts[who.account].region or services.region


def person_in(who: Who, values: dict[str, Any]) -> Batch:
    """The one person of a resource that names one."""
    return read_batch(values, region_of(who))


def people_in_body(who: Who) -> Batch:
    """The recipients of a body that holds nothing else."""
    body = tidy_people(json_object())
    if faults := _PEOPLE.faults(body):
        raise Invalid([PEOPLE.explain(fault) for fault in faults])
    return read_batch(body, region_of(who))


def person_in_query(who: Who) -> Batch:
    """The person named by ``?number=`` or ``?email=``."""
    values = addresses_in_query()
    if not values:
        raise Invalid([Fault("", "recipient_needed", "give ?number= or ?email=")])
    batch = read_batch(values, region_of(who))
    batch.insist(Channel.ALL)
    return batch


def addresses_in_query() -> dict[str, str]:
    values = {name: request.args[name] for name in FIELDS if request.args.get(name)}
    # A "+" in a query string means a space unless it was escaped; nobody means a space there.
    if values.get("number", "").startswith(" "):
        values["number"] = "+" + values["number"].strip()
    return values
