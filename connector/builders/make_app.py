"""The Make app: its files as Make's own editor keeps them on disk, and the list that names them all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.builders.form import fields as form_fields
from connector.builders.form import first_line, sample
from connector.builders.kit import Catalogue, Files, action_table, json_file, kit
from connector.builders.make_fields import interface, parameters

_CONNECTION = "heed"
#: Make shows so much of a dropdown at once.
_MOST = 500
_FOLDERS = {"connection": "connections", "module": "modules", "rpc": "rpcs", "webhook": "webhooks"}


def make_app(catalogue: Catalogue, server: str) -> Files:
    """The files of a custom app; its calls go to ``server``, so another address is another export."""
    app = _App(server)
    app.connection()
    for entry in catalogue["actions"]:
        app.action(entry)
    for trigger in catalogue["triggers"]:
        app.trigger(trigger)
    for source in sorted(_sources(catalogue)):
        app.rpc(source)
    content = {**kit("make"), **app.files()}
    content["README.md"] += f"\n## Actions of {server}\n\n{action_table(catalogue)}".encode()
    return content


def camel(name: str) -> str:
    """Make's ids are letters and digits: ``add_to_opt_out`` is ``addToOptOut``."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def rpc_name(source: str) -> str:
    return f"list{source.capitalize()}"


def _sources(catalogue: Catalogue) -> set[str]:
    found = (one for entry in catalogue["actions"] for one in form_fields(entry["input_schema"]))
    return {one.source for one in found if one.source}


class _App:
    """The files as they come together, and the components that the list names."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._files: Files = {}
        self._components: dict[str, dict[str, Any]] = {kind: {} for kind in (*_FOLDERS, "function")}
        self._groups: dict[str, list[str]] = {"Actions": [], "Events": []}

    def files(self) -> Files:
        groups = [{"label": label, "modules": names} for label, names in self._groups.items() if names]
        general = {"base": "general/base.iml.json", "common": None, "groups": "general/groups.json"}
        listed = {
            "fileVersion": 1, "generalCodeFiles": {**general, "readme": "README.md"}, "components": self._components,
            "origins": [],
        }  # fmt: skip
        return {
            "general/base.iml.json": json_file(_base(self._server)), "general/groups.json": json_file(groups),
            **self._files, "makecomapp.json": json_file(listed),
        }  # fmt: skip

    def connection(self) -> None:
        # A connection is tried without the base: its address is whole, and the key is the one just typed.
        test = {
            "url": f"{self._server}/v1/me", "method": "GET",
            "headers": {"authorization": "Bearer {{parameters.apiKey}}"},
            "response": {"metadata": {"type": "text", "value": "{{body.name}}"}, "error": _errors()},
            "log": {"sanitize": ["request.headers.authorization"]},
        }  # fmt: skip
        key = {"name": "apiKey", "type": "password", "label": "API key", "required": True, "editable": True,
               "help": f"A key of {self._server}, with the scopes that the scenario needs."}  # fmt: skip
        self._add("connection", _CONNECTION, {"label": "Heed", "connectionType": "basic"},
                  communication=test, params=[key])  # fmt: skip

    def action(self, entry: Mapping[str, Any]) -> None:
        asked = parameters(entry["input_schema"], rpc_name)
        call = {
            "url": entry["links"]["run"], "method": "POST",
            "body": {one["name"]: f"{{{{parameters.{one['name']}}}}}" for one in asked},
            "response": {"output": "{{body}}"},
        }  # fmt: skip
        self._module(
            camel(entry["name"]), "Actions", entry["title"], first_line(entry["description"]),
            {"moduleType": "action", "actionCrud": "read" if entry["effects"]["read_only"] else "create",
             "connection": _CONNECTION},
            communication=call, staticParams=[], mappableParams=asked, interface=interface(entry["output_schema"]),
            samples=sample(entry["output_schema"]),
        )  # fmt: skip

    def trigger(self, trigger: Mapping[str, Any]) -> None:
        name, hooks = camel(trigger["name"]), trigger["subscribe"]["path"]
        attach = {
            "url": hooks, "method": "POST",
            "body": {**trigger["subscribe"]["body"], "url": "{{webhook.url}}"},
            "response": {"data": {"externalHookId": "{{body.id}}"}},
        }  # fmt: skip
        self._add(
            "webhook", name, {"label": trigger["title"], "webhookType": "web", "connection": _CONNECTION},
            communication={"output": "{{body}}"}, params=[], attach=attach,
            detach={"url": f"{hooks}/{{{{webhook.externalHookId}}}}", "method": "DELETE", "body": {}},
        )  # fmt: skip
        self._module(
            f"{name}Now", "Events", trigger["title"], f"Starts at once. {first_line(trigger['description'])}",
            {"moduleType": "instant_trigger", "webhook": name},
            communication={"response": {"output": "{{body}}"}}, staticParams=[],
            interface=interface(trigger["payload_schema"]), samples=dict(trigger["sample"]),
        )  # fmt: skip

    def rpc(self, source: str) -> None:
        call = {
            "url": f"/v1/options/{source}", "method": "GET",
            "response": {
                "limit": _MOST, "iterate": "{{body.options}}",
                "output": {"label": "{{item.label}}", "value": "{{item.value}}"},
            },
            "pagination": {"qs": {"cursor": "{{body.next_cursor}}"}, "condition": "{{body.next_cursor}}"},
        }  # fmt: skip
        self._add("rpc", rpc_name(source), {"label": f"List {source}", "connection": _CONNECTION},
                  communication=call, params=[])  # fmt: skip

    def _module(
        self, name: str, group: str, label: str, description: str, more: Mapping[str, Any], **code: Any
    ) -> None:
        self._groups[group].append(name)
        self._add("module", name, {"label": label, "description": description, **more}, **code)

    def _add(self, kind: str, name: str, about: Mapping[str, Any], **code: Any) -> None:
        """A component with its files, each named like it and after what it holds."""
        paths = {part: f"{_FOLDERS[kind]}/{name}/{name}.{part}.iml.json" for part in code}
        self._files |= {paths[part]: json_file(value) for part, value in code.items()}
        self._components[kind][name] = {**about, "codeFiles": paths}


def _base(server: str) -> dict[str, Any]:
    return {
        "baseUrl": server,
        "headers": {"authorization": "Bearer {{connection.apiKey}}", "accept": "application/json"},
        "response": {"error": _errors()},
        "log": {"sanitize": ["request.headers.authorization"]},
    }


def _errors() -> dict[str, Any]:
    """Problems in words, and as errors that Make's error handlers tell apart: what is retried, and what is not."""
    said = "[{{statusCode}}] {{ifempty(body.detail; body.title)}}"
    kinds = {
        "401": "InvalidAccessTokenError", "403": "InvalidConfigurationError", "409": "ConnectionError",
        "422": "DataError", "429": "RateLimitError", "503": "ConnectionError",
    }  # fmt: skip
    told: dict[str, Any] = {status: {"type": kind, "message": said} for status, kind in kinds.items()}
    return {"type": "RuntimeError", "message": said, **told}
