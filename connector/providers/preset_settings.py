"""From ``{"preset": "vonage", "api_key": …}`` to the settings that ``http_api`` works by."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from connector.domain.errors import Fault
from connector.domain.messages import Message
from connector.providers.google_login import check_account
from connector.providers.presets import PRESETS, Preset
from connector.providers.settings import Checked
from connector.providers.standard_webhooks import read_secret
from connector.providers.telnyx_signature import read_key

#: What a preset leaves to the sender's settings, whichever it is.
_COMMON = ("preset", "timeout_s", "secret")
#: A setting's name in braces; doubled braces are expressions and stay.
_NAMED = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")
_ONE_LINE = re.compile(r"[\x20-\x7e]{1,4096}")

SECRETS = frozenset(name for preset in PRESETS.values() for name in preset.secrets)


def expand(settings: Mapping[str, Any], message: Message) -> dict[str, Any]:
    """The settings of ``http_api`` for this message."""
    preset = PRESETS[settings["preset"]]
    values = {**preset.usual, **{name: value for name, value in settings.items() if value not in (None, "")}}
    name = str(uuid.uuid5(uuid.NAMESPACE_URL, f"heed:{message.send_id}"))
    of_url = {key: value if key == "base_url" else quote(str(value), safe="") for key, value in values.items()}
    of_url |= {"base_url": str(values["base_url"]).rstrip("/"), "to": quote(message.to, safe="+"), "uuid": name}
    headers = _filled(preset.headers, values)
    if preset.login is not None:
        pair = ":".join(str(values[part]) for part in preset.login)
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return {
        "url": _filled(preset.url, of_url),
        "headers": headers,
        "body": _filled(preset.body, values),
        "id": preset.id,
        "accepted": preset.accepted,
        "errors": [{"when": when, "kind": kind} for when, kind in preset.errors],
        "timeout_s": settings.get("timeout_s"),
    }


def check_preset(settings: Mapping[str, Any], allow_private: bool) -> list[Fault]:
    """Every fault, with pointers from the settings down."""
    preset = PRESETS.get(settings["preset"]) if isinstance(settings["preset"], str) else None
    if preset is None:
        return [Fault("/preset", "not_allowed", f"must be one of {', '.join(PRESETS)}")]
    checked = Checked(settings, tuple(dict.fromkeys((*_COMMON, *_texts(preset), *preset.needs))))
    for name in _texts(preset):
        if name == "base_url":
            checked.target(name, allow_private, required=name in preset.needs)
        else:
            checked.matching(name, _ONE_LINE, "one line of ASCII", required=name in preset.needs)
    if preset.google:
        check_account(checked, settings.get("service_account"), allow_private)
    if settings["preset"] == "telnyx" and isinstance(key := settings.get("public_key"), str) and key:
        try:
            read_key(key)
        except ValueError:
            checked.fault("/public_key", "invalid", "must be the account's public key: 32 bytes in base64")
    checked.number("timeout_s", 0.5, 60)
    secret = checked.text("secret")
    if secret is not None:
        try:
            read_secret(secret)
        except ValueError as why:
            checked.fault("/secret", "invalid", str(why))
    return checked.faults


def _texts(preset: Preset) -> list[str]:
    """Its settings that are plain text."""
    names = dict.fromkeys((*preset.needs, *preset.usual, *preset.may))
    return [name for name in names if name != "service_account"]


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        return _NAMED.sub(lambda found: str(values[found[1]]), value)
    if isinstance(value, Mapping):
        return {name: _filled(part, values) for name, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, values) for part in value]
    return value
