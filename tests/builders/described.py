"""The document as tests judge by it: where schemas stand, and whether an answer is as described."""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from tests.heed import Heed

Document = dict[str, Any]


def operations(document: Document) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Operation id to method, path and operation."""
    return {
        operation["operationId"]: (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def schemas(node: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every schema of the document with its place: the components, and whatever stands under a key "schema"."""
    if place == "/components/schemas":
        yield from ((f"{place}/{name}", schema) for name, schema in node.items())
    elif isinstance(node, dict):
        for key, inner in node.items():
            if key == "schema":
                yield f"{place}/schema", inner
            elif key not in ("example", "examples"):
                yield from schemas(inner, f"{place}/{key}")
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            yield from schemas(inner, f"{place}/{index}")


def faults(document: Document, schema: dict[str, Any], value: Any) -> list[str]:
    """What is wrong with a value, by a schema of the document."""
    whole = {"components": document["components"], **schema}
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(whole).iter_errors(value)]


def read(answer: TestResponse) -> Any:
    """What an answer holds; the bytes of a file one character each."""
    if (answer.content_type or "").startswith("application/octet-stream"):
        return answer.data.decode("latin-1")
    return answer.json if answer.is_json else answer.text


def closed(document: Document) -> Document:
    """The document as it would be if answers could hold nothing that it does not name."""
    strict = copy.deepcopy(document)
    _close(strict)
    return strict


def _close(node: Any) -> None:
    if isinstance(node, dict):
        if node.get("type") == "object" and "properties" in node:
            node.setdefault("additionalProperties", False)
        for inner in node.values():
            _close(inner)
    elif isinstance(node, list):
        for inner in node:
            _close(inner)


class Described:
    """Calls a running Heed by operation id, and checks each answer against the document it serves.

    A POST is made twice with one Idempotency-Key: where the document says it is kept, the first answer comes again.
    """

    def __init__(self, heed: Heed) -> None:
        self.heed = heed
        self.document = heed.get("/openapi.json")
        self.strict = closed(self.document)
        self.operations = operations(self.document)
        self.called: set[str] = set()
        self.made = 0

    def call(self, id: str, body: Any = None, *, query: str = "", status: int | None = None, **parts: str) -> Any:
        """The body of the answer, which is as described; ``status``: a problem is what is expected."""
        method, path, operation = self.operations[id]
        path = re.sub(r"{(\w+)}", lambda part: parts[part[1]], path)
        answer = self._send(method, path + query, body, self.made)
        assert (answer.status_code < 300) if status is None else (answer.status_code == status), (id, read(answer))
        self.check(id, operation, answer)
        if status is None and method == "POST":
            again = self._send(method, path + query, body, self.made)
            kept = {"$ref": "#/components/parameters/IdempotencyKey"} in operation["parameters"]
            assert (again.headers.get("Idempotency-Replayed") == "true") == kept, id
        self.called.add(id)
        self.made += 1
        return read(answer)

    def _send(self, method: str, path: str, body: Any, number: int) -> TestResponse:
        if isinstance(body, str):
            headers = {"Authorization": f"Bearer {self.heed.key}", "Idempotency-Key": f"key-{number}"}
            return self.heed.app.test_client().post(path, data=body, content_type="text/csv", headers=headers)
        return self.heed.call(method, path, body, Idempotency_Key=f"key-{number}")

    def check(self, id: str, operation: dict[str, Any], answer: TestResponse) -> None:
        assert str(answer.status_code) in operation["responses"], (id, answer.status_code, answer.text)
        response = operation["responses"][str(answer.status_code)]
        if "$ref" in response:
            response = self.strict["components"]["responses"][response["$ref"].rpartition("/")[2]]
        media = answer.content_type.partition(";")[0]
        assert media in response["content"], (id, media)
        value = read(answer)
        found = faults(self.strict, response["content"][media]["schema"], value)
        assert found == [], (id, found, json.dumps(value)[:2000])
