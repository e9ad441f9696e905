"""R12: what is another organisation's is what is not there: every call, every place where an id can stand."""

import copy
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.test import TestResponse

from connector.builders.openapi_shared import PATH_PARTS
from connector.domain.ids import PREFIXES, public_id
from tests.builders.described import Described, operations
from tests.builders.world import filled, shown, the_world
from tests.heed import Heed
from tests.oracles import other_organisation, post_bytes, problem, row_counts

KINDS = {prefix: kind for kind, prefix in PREFIXES.items()}
#: Fields of bodies and of queries that take an id or a key, and of what.
FIELDS = {
    "account": "acc", "add": "lst", "bypass_groups": "grp", "campaign": "cmp", "group": "grp", "groups": "grp",
    "lists": "lst", "remove": "lst", "sender": "sdr", "sequence": "cmp",
}  # fmt: skip
#: Parts of paths that are no ids of an organisation's things.
OPEN_PARTS = {"action", "builder", "code", "event", "source", "token"}
NOWHERE = 10**7 + 7
#: What a filter finds whose value nothing has.
FOUND_NOTHING = (200, '{"items":[],"next_cursor":null}')


@dataclass(frozen=True)
class Place:
    """One place for an id in one call: ``put`` says how the call looks with an id there."""

    call: str
    name: str
    prefix: str
    method: str
    path: str
    body: Any = None
    where: str = "path"

    def put(self, id: str) -> tuple[str, Any]:
        if self.where == "path":
            return self.path.replace(f"{{{self.name}}}", id), self.body
        if self.where == "query":
            return f"{self.path}?{self.name}={id}", self.body
        return self.path, {**self.body, self.name: [id] if isinstance(self.body[self.name], list) else id}


def places(document: dict[str, Any], mine: dict[str, str]) -> Iterator[Place]:
    """Every place of the document, in calls that are otherwise right for the one who owns ``mine``."""
    for call, (method, path, operation) in operations(document).items():
        takes = operation.get("requestBody", {}).get("content", {})
        rows = "number\n+14155550178\n" if "text/csv" in takes and "application/json" not in takes else None
        examples = [filled(one, mine) for one in shown(operation)] or [rows]
        parts = [name for name in re.findall(r"{(\w+)}", path) if name not in OPEN_PARTS]
        for name in parts:
            whole = _other_parts(path, name, mine)
            yield Place(call, name, _prefix(name), method, whole, examples[0])
        address = _other_parts(path, None, mine)
        if "{" in address:
            continue
        for parameter in operation["parameters"]:
            name = parameter.get("$ref", "").rpartition("/")[2]
            if name in FIELDS:
                yield Place(call, name, FIELDS[name], method, address, examples[0], "query")
        if isinstance(examples[0], dict):
            for name, shape in _fields(document, operation).items():
                body = {**examples[0], name: [] if shape == "array" else ""}
                yield Place(call, name, FIELDS[name], method, address, body, "body")


def _fields(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, str]:
    """The fields of a body that take ids, with their types."""
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    found = {name: one.get("type") for name, one in schema.get("properties", {}).items() if name in FIELDS}
    return {name: "array" if "array" in (type or "") else "string" for name, type in found.items()}


def _prefix(name: str) -> str:
    return "lst" if name == "list" else PATH_PARTS[name][1][:3]


def _other_parts(path: str, but: str | None, mine: dict[str, str]) -> str:
    def part(match: re.Match[str]) -> str:
        name = match[1]
        return match[0] if name == but or name in OPEN_PARTS else mine[_prefix(name)]

    filled_in = re.sub(r"{(\w+)}", part, path)
    for name, value in (("action", "add_to_opt_out"), ("source", "lists"), ("builder", "node-red")):
        filled_in = filled_in.replace(f"{{{name}}}", value)
    return filled_in


def a_world(heed: Heed) -> dict[str, str]:
    call = Described(heed).call
    made = the_world(call)
    hook = call("create_webhook", {"url": "http://127.0.0.1:9/hook"})["id"]
    call("add_to_opt_out", {"number": "+14155550188"})
    heed.house.notify.work(5.0)
    (delivery, *_) = call("list_deliveries", webhook=hook)["items"]
    return made | {"whk": hook, "dlv": delivery["id"]}


@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
def test_r12_what_is_foreign_is_what_is_not_there(heed: Heed) -> None:
    other = copy.copy(heed)
    other.key = other_organisation(heed)
    theirs, mine = a_world(heed), a_world(other)
    assert set(theirs) == set(mine)
    assert all(theirs[prefix] != mine[prefix] for prefix in mine)
    count: Counter[str] = Counter()
    wrong: list[Any] = []

    for place in places(heed.get("/openapi.json"), mine):
        before = row_counts(heed)
        told = []
        for id in (theirs[place.prefix], public_id(KINDS[place.prefix], NOWHERE)):
            path, body = place.put(id)
            answer = _send(other, place.method, path, body)
            told.append((answer.status_code, answer.get_data(as_text=True).replace(id, "IT")))
        count[place.where] += 1
        right = told[0] == told[1] and (told[0] == FOUND_NOTHING or _is_refused(place, *told[0]))
        if not right or row_counts(heed) != before:
            wrong.append((place.call, place.where, place.name, told))

    print(f"tenant matrix: {sum(count.values())} places in {dict(count)}")
    for one in wrong:
        print(one)
    assert wrong == []
    assert count["path"] > 50
    assert count["body"] > 30
    assert count["query"] > 3


def _send(heed: Heed, method: str, path: str, body: Any) -> TestResponse:
    if isinstance(body, str):
        return post_bytes(heed, path, body.encode(), "text/csv")
    return heed.call(method, path, body)


def _is_refused(place: Place, status: int, text: str) -> bool:
    """Whether it was refused for what stands there, not for anything else."""
    if status not in (404, 422):
        return False
    told = json.loads(text)
    pointers = [fault["pointer"] for fault in told["errors"]]
    return told["status"] == 404 or all(one.startswith(f"/{place.name}") for one in pointers)


@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
def test_r12_no_call_is_answered_without_a_key_or_with_a_wrong_one(heed: Heed) -> None:
    document = heed.get("/openapi.json")
    count = 0

    for method, path, operation in operations(document).values():
        if operation.get("security", document["security"]) == []:
            continue
        address = re.sub(r"{(\w+)}", "nothing", path)
        plain = heed.app.test_client().open(address, method=method, json={})
        wrong = heed.call(method, address, {}, key=heed.key[:-1] + "x")
        problem(plain, 401)
        problem(wrong, 401)
        assert plain.json == wrong.json
        count += 1

    assert count > 100
