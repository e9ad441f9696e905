"""Whether what Heed accepted is what its own document allows: an oracle beside schemathesis's own checks."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema_rs
import schemathesis
from schemathesis import Case, CheckContext
from schemathesis.core.transport import Response

_NUMBER = re.compile(r"-?[0-9]+\Z")


class Judge:
    """Compiled once for each call of the document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._validators: dict[tuple[str, str], Any] = {}

    def accepted_wrongly(self, method: str, path: str, url: str, body: bytes | str | None) -> str | None:
        """What is wrong with a call that was answered as if nothing were; None where it fits."""
        operation = self._document["paths"][path][method.lower()]
        given: dict[str, str] = {}
        for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True):
            given.setdefault(name, value)
        for parameter in map(self._found, operation["parameters"]):
            value = given.get(parameter["name"]) if parameter["in"] == "query" else None
            if value and not _fits(value, parameter["schema"]):
                return f"{parameter['name']}={value!r}"
        content = operation.get("requestBody", {}).get("content", {})
        if not body or "application/json" not in content:
            return None
        return self._fault(method, path, content, body)

    def _fault(self, method: str, path: str, content: dict[str, Any], body: bytes | str) -> str | None:
        try:
            value = json.loads(body)
        except ValueError:
            return None if len(content) > 1 else "no JSON"
        if (method, path) not in self._validators:
            whole = {"components": self._document["components"], **content["application/json"]["schema"]}
            self._validators[method, path] = jsonschema_rs.validator_for(whole)
        validator = self._validators[method, path]
        error = None if validator.is_valid(value) else next(validator.iter_errors(_present(value)), None)
        return None if error is None else f"/{'/'.join(map(str, error.instance_path))}: {error.message[:200]}"

    def _found(self, parameter: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in parameter:
            return parameter
        return self._document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]


def check_of(judge: Judge) -> Callable[[CheckContext, Response, Case], bool | None]:
    """The judge as a check that schemathesis runs on each answer."""

    @schemathesis.check
    def accepts_only_what_fits(ctx: CheckContext, response: Response, case: Case) -> bool | None:
        # JSON-RPC says no with a 200 that holds an error.
        refused = response.status_code >= 300 or (case.operation.path == "/mcp" and b'"error"' in response.content)
        if not refused and response.status_code >= 200 and case.method.upper() == case.operation.method.upper():
            sent = response.request
            wrong = judge.accepted_wrongly(case.method, case.operation.path, sent.url or "", sent.body)
            assert wrong is None, f"accepted, though {wrong}"
        return None

    return accepts_only_what_fits


def _present(value: Any) -> Any:
    """A body without what counts as absent: "" and null of fields. One that is required is then missed."""
    if isinstance(value, dict):
        return {name: _present(one) for name, one in value.items() if one is not None and one != ""}
    return [_present(one) for one in value] if isinstance(value, list) else value


def _fits(text: str, schema: dict[str, Any]) -> bool:
    if "enum" in schema:
        return text in schema["enum"]
    if schema.get("type") != "integer":
        return True
    least, most = schema.get("minimum", float("-inf")), schema.get("maximum", float("inf"))
    return bool(_NUMBER.match(text)) and least <= int(text) <= most
