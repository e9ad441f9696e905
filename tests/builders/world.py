"""One of each thing that an organisation can have, and the document's examples with their ids in place."""

import re
from typing import Any

#: What an example takes for granted, by the id or the name that stands in it: made before, and put in its place.
PLACES = re.compile(r"[a-z]{3}_0123456789ab")
SENDER = {"provider": "console", "channel": "sms", "number": "+15005550006"}
STEP = [{"text": "Hello"}]
BOUND = {"number": "{{ ticket.phone }}"}


def the_world(call: Any) -> dict[str, str]:
    """One of each thing; the prefix of its id to the id."""
    sender = call("create_sender", SENDER)["id"]
    person = {"number": "+14155550177"}
    campaign = {"kind": "sequence", "name": "Welcome", "sender": sender, "steps": STEP}
    made = {
        "sdr": sender,
        "acc": call("create_account", {"name": "Store"})["id"],
        "bnd": call("create_binding", {"name": "B", "action": "add_to_opt_out", "mapping": BOUND})["id"],
        "cmp": call("create_campaign", campaign)["id"],
        "ctc": call("create_contact", person)["id"],
        "frm": call("create_form", {"channel": "sms", "description": "Yes, send me offers."})["id"],
        "grp": call("create_group", {"name": "Readers"})["id"],
        "imp": call("import_into_list", "number\n+14155550178\n", list="default", query="?async=1")["id"],
        "key": call("create_key", {"name": "n8n", "scopes": ["read"]})["id"],
        "lst": call("create_list", {"name": "News", "keywords": ["NO NEWS"]})["id"],
        "rpl": call("create_reply", {"keywords": ["hours"], "reply": "9 to 5"})["id"],
        "rul": call("create_rule", {"begins_with": "no thanks", "state": "out"})["id"],
        "usr": call("create_user", {"name": f"Ada {sender}", "role": "viewer"})["id"],
        "tpl": call("create_template", {"name": "hello", "text": "Hello"})["id"],
        "whk": call("create_webhook", {"url": "https://flows.example/hook"})["id"],
        "snd": call("send_with_suppression", {"sender": sender, "text": "Hi", "async": True, **person})["id"],
    }
    call("start_campaign", {}, campaign=made["cmp"])
    http = {"provider": "http_api", "channel": "sms", "number": "+15005550007"}
    inbound = call("create_sender", {**http, "settings": {"url": "https://gateway.example/"}})["inbound_url"]
    unclear = {"id": "m-1", "from": "+14155550179", "text": "leave me alone"}
    call("receive", unclear, token=inbound.rpartition("/")[2])
    return made | {"rvw": call("list_reviews")["items"][0]["id"]}


def shown(operation: dict[str, Any]) -> list[Any]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    more = [one["value"] for one in content.get("examples", {}).values()]
    return more + ([content["example"]] if "example" in content else [])


def filled(value: Any, made: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: filled(one, made) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, made) for one in value]
    if isinstance(value, str) and PLACES.fullmatch(value):
        return made.get(value[:3], value)
    return value
