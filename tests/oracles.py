"""What tests judge by: how a problem must look, and whether anything in the database has changed."""

from typing import Any

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from connector.store.tables import metadata
from tests.heed import Heed

MEMBERS = {"type", "title", "status", "detail", "instance", "errors"}
#: A process says here that it lives; that is no effect of a call.
BESIDE = {"incarnations"}


def problem(answer: TestResponse, status: int, code: str | None = None) -> dict[str, Any]:
    """The problem document of a refused call, whose form is checked whole (RFC 9457 and CONTRACT.md)."""
    assert answer.status_code == status, (answer.status_code, answer.text[:500])
    assert answer.content_type == "application/problem+json"
    body = answer.json
    assert set(body) == MEMBERS
    assert body["status"] == status
    assert body["instance"] == answer.request.path
    assert all(isinstance(body[name], str) and body[name] for name in ("type", "title", "detail", "instance"))
    for fault in body["errors"]:
        assert set(fault) == {"pointer", "code", "detail"}
        assert fault["pointer"] == "" or fault["pointer"].startswith("/")
        assert fault["code"]
        assert fault["detail"]
    if code is not None:
        assert body["type"].endswith(f":{code}"), body["type"]
    return body


def pointers(answer: TestResponse, status: int = 422) -> dict[str, str]:
    """The faults of a refused call: pointer to code."""
    return {fault["pointer"]: fault["code"] for fault in problem(answer, status)["errors"]}


def row_counts(heed: Heed) -> dict[str, int]:
    """How many rows each table has."""
    with heed.house.database.read() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
            if table.name not in BESIDE
        }


def post_bytes(
    heed: Heed, path: str, body: bytes, content_type: str | None = "application/json", **headers: str
) -> TestResponse:
    """A POST of exactly these bytes."""
    sent = {"Authorization": f"Bearer {heed.key}"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return heed.app.test_client().post(path, data=body, content_type=content_type, headers=sent)


def other_organisation(heed: Heed) -> str:
    """The admin key of a second organisation."""
    return heed.post("/v1/organisations", {"name": "Somebody else"})["admin_key"]


def key_with(heed: Heed, *scopes: str, **values: Any) -> str:
    """A key of the same organisation that may do just this."""
    return heed.post("/v1/keys", {"name": "Narrow", "scopes": list(scopes), **values})["key"]
