"""The form of a campaign, whose steps may be more or fewer, read into the body that the REST call takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import request

from connector.domain.errors import Invalid
from connector.web.form_body import chosen, flag, json, read_form, text, whole
from connector.web.texts import _
from connector.web.texts import marked as later

_FIELDS = {
    "kind": text, "name": text, "sender": text, "lists": chosen, "purpose": text, "require_opt_in": text,
    "groups": chosen, "on_opt_out": text, "timezone": text, "quiet_hours": text, "exit_on_reply": flag,
    "re_entry": text,
}  # fmt: skip
#: How long a step may wait, by the unit it is typed in: ISO 8601.
UNITS = (("M", later("minutes")), ("H", later("hours")), ("D", later("days")))
_DURATION = {"M": "PT{}M", "H": "PT{}H", "D": "P{}D"}
_STEP = re.compile(r"steps\.(\d{1,3})\.")
_MOST = 100
EMPTY: Mapping[str, Any] = {"text": None, "subject": None, "html": None, "amount": 0, "unit": "D", "at": None}


def typed() -> dict[str, Any]:
    """What was typed: the fields as they are, and the steps in their order."""
    body = read_form(_FIELDS)
    numbers = sorted({int(found[1]) for name in request.form if (found := _STEP.match(name))})[:_MOST]
    return {**body, "steps": [_step(number) for number in numbers] or [dict(EMPTY)]}


def turned(values: Mapping[str, Any], wish: str) -> dict[str, Any]:
    """The same with one step more, or without one."""
    steps = list(values["steps"])
    what, _colon, place = wish.partition(".")
    if what == "add" and len(steps) < _MOST:
        steps.append({**EMPTY, "amount": 1})
    if what == "drop" and place.isdigit() and int(place) < len(steps) > 1:
        del steps[int(place)]
    return {**values, "steps": steps}


def body_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON body of ``POST /v1/campaigns``."""
    asks = {"true": True, "explicit": "explicit"}.get(values["require_opt_in"] or "", False)
    steps = [{**_parts(one), "delay": _delay(one), "at": one["at"]} for one in values["steps"]]
    return {**values, "require_opt_in": asks, "steps": steps}


def _parts(step: Mapping[str, Any]) -> dict[str, Any]:
    return {name: step[name] for name in ("text", "subject", "html") if step[name]}


def _delay(step: Mapping[str, Any]) -> Any:
    """An ISO 8601 duration; what is no number stays as it was typed, for the resource to refuse."""
    amount = step["amount"] or 0
    return _DURATION.get(step["unit"] or "", "PT{}M").format(amount) if isinstance(amount, int) else amount


def _step(number: int) -> dict[str, Any]:
    readers = {"text": text, "subject": text, "html": text, "amount": whole, "unit": text, "at": text}
    return {name: reader(request.form.getlist(f"steps.{number}.{name}")) for name, reader in readers.items()}


def sample() -> dict[str, Any]:
    """Whom the preview is for; Invalid where the attributes are no JSON object."""
    attributes = json(request.form.getlist("sample.attributes"))
    if attributes is not None and not isinstance(attributes, dict):
        raise Invalid.at("/sample.attributes", "wrong_type", _("must be a JSON object"))
    address = text(request.form.getlist("sample.address")) or ""
    named = {"email" if "@" in address else "number": address} if address else {}
    return {**named, "attributes": attributes or {}}
