"""The Zapier app: a definition made from the catalogue, and a small index that fills in what JSON cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.builders.form import fields, first_line, sample
from connector.builders.kit import Catalogue, Files, action_table, json_file, kit
from connector.builders.zapier_fields import input_fields, output_fields

#: The platform that the package names as its dependency.
PLATFORM = "19.1.0"
#: Zapier's own limits of a label and a description.
_LABEL, _TEXT = 64, 1000
_KEY = "Bearer {{bundle.authData.api_key}}"


def zapier(catalogue: Catalogue, server: str) -> Files:
    """The files of the app; its calls go to ``server``, so another address is another export."""
    content = kit("zapier")
    content["definition.json"] = json_file(definition(catalogue, server))
    content["README.md"] += f"\n## Actions of {server}\n\n{action_table(catalogue)}".encode()
    return content


def definition(catalogue: Catalogue, server: str) -> dict[str, Any]:
    """The app as Zapier's schema has it; a create for each action, a hook for each trigger."""
    return {
        "version": "1.0.0",
        "platformVersion": PLATFORM,
        "authentication": _authentication(server),
        "requestTemplate": {"headers": {"Authorization": _KEY, "Accept": "application/json"}},
        "triggers": {one["name"]: _hook(one, server) for one in catalogue["triggers"]},
        "creates": {one["name"]: _create(one, server) for one in catalogue["actions"]},
    }


def _authentication(server: str) -> dict[str, Any]:
    return {
        "type": "custom",
        "test": {"method": "GET", "url": f"{server}/v1/me"},
        "connectionLabel": "{{name}}",
        "fields": [{
            "key": "api_key", "label": "API key", "type": "password", "required": True,
            "helpText": f"A key of {server}; an admin makes one there, with the scopes that the zap needs.",
        }],
    }  # fmt: skip


def _create(entry: Mapping[str, Any], server: str) -> dict[str, Any]:
    """An action. No run of a zap has an id of its own, so no key is made up that might repeat an old answer."""
    names = [one.name for one in fields(entry["input_schema"])]
    shown = next((one["output"] for one in entry["examples"] if "output" in one), sample(entry["output_schema"]))
    return {
        "key": entry["name"],
        "noun": entry["title"],
        "display": {"label": entry["title"][:_LABEL], "description": first_line(entry["description"])[:_TEXT]},
        "operation": {
            # index.js puts values of their right types in the place of this body.
            "perform": {
                "method": "POST", "url": server + entry["links"]["run"],
                "body": {name: f"{{{{bundle.inputData.{name}}}}}" for name in names},
                "removeMissingValuesFrom": {"body": True},
            },
            "inputFields": input_fields(entry["input_schema"], server),
            "outputFields": output_fields(entry["output_schema"]),
            "sample": shown,
        },
    }  # fmt: skip


def _hook(trigger: Mapping[str, Any], server: str) -> dict[str, Any]:
    subscribe, hooks = trigger["subscribe"], server + trigger["subscribe"]["path"]
    return {
        "key": trigger["name"],
        "noun": trigger["title"],
        "display": {
            "label": trigger["title"][:_LABEL],
            "description": f"Triggers at once. {first_line(trigger['description'])}"[:_TEXT],
        },
        "operation": {
            "type": "hook",
            "performSubscribe": {
                "method": "POST", "url": hooks, "body": {**subscribe["body"], "url": "{{bundle.targetUrl}}"},
            },
            "performUnsubscribe": {"method": "DELETE", "url": f"{hooks}/{{{{bundle.subscribeData.id}}}}"},
            # index.js makes a list of the one.
            "performList": {"method": "GET", "url": server + trigger["samples"]["path"]},
            "perform": {"source": "return [bundle.cleanedRequest];"},
            "outputFields": output_fields(trigger["payload_schema"]),
            "sample": dict(trigger["sample"]),
        },
    }  # fmt: skip
