"""Checks of an ``http_api`` sender's settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connector.domain.errors import Fault
from connector.domain.expressions import BadExpression
from connector.domain.filling import at_character, escape, read_mapped
from connector.domain.mapping import ON_MISSING, RULES
from connector.domain.messages import Kind
from connector.providers.settings import Checked
from connector.providers.standard_webhooks import read_secret

METHODS = ("POST", "PUT", "PATCH")
ENCODINGS = ("json", "form")
_KNOWN = ("url", "method", "headers", "encoding", "body", "id", "accepted", "errors", "timeout_s", "secret")
#: What the connection, or the identity of a send, depends on. A constant Idempotency-Key would let one message
#: through and swallow all others.
_OURS = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "idempotency-key",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]{0,4096}")
_MOST_ERRORS, _MOST_HEADERS = 100, 50


def check_http_settings(settings: Mapping[str, Any], allow_private: bool) -> list[Fault]:
    """Every fault, with pointers from the settings down."""
    checked = Checked(settings, _KNOWN)
    checked.target("url", allow_private, required=True)
    checked.choice("method", METHODS)
    checked.choice("encoding", ENCODINGS)
    checked.number("timeout_s", 0.5, 60)
    _check_headers(checked, settings.get("headers"))
    _check_body(checked, settings.get("body"))
    for name in ("id", "accepted"):
        if settings.get(name) not in (None, ""):
            checked.expression(f"/{name}", settings[name])
    _check_errors(checked, settings.get("errors"))
    check_secret(checked)
    return checked.faults


def _check_headers(checked: Checked, headers: Any) -> None:
    if headers is None:
        return
    if not isinstance(headers, dict) or len(headers) > _MOST_HEADERS:
        checked.fault("/headers", "invalid", f"must be an object of at most {_MOST_HEADERS} names and texts")
        return
    for name, value in headers.items():
        pointer = f"/headers/{escape(str(name))}"
        if not _HEADER_NAME.fullmatch(str(name)):
            checked.fault(pointer, "invalid", "is not the name of a header")
        elif str(name).lower() in _OURS:
            checked.fault(pointer, "reserved", "is set by Heed")
        elif not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
            checked.fault(pointer, "invalid", "must be text of one line")


def _check_body(checked: Checked, body: Any) -> None:
    if body is None:
        return
    if not isinstance(body, dict) or not body:
        checked.fault("/body", "invalid", "must be an object, the mapping of the request's body")
        return
    rules = body.get(ON_MISSING)
    if rules is not None and not (isinstance(rules, dict) and all(rule in RULES for rule in rules.values())):
        checked.fault(f"/body/{ON_MISSING}", "invalid", f"must be an object of fields and {', '.join(RULES)}")
    for name, value in body.items():
        if name != ON_MISSING:
            _check_mapped(checked, value, f"/body/{escape(name)}")


def _check_mapped(checked: Checked, value: Any, pointer: str) -> None:
    if isinstance(value, dict):
        for name, part in value.items():
            _check_mapped(checked, part, f"{pointer}/{escape(name)}")
    elif isinstance(value, list):
        for place, part in enumerate(value):
            _check_mapped(checked, part, f"{pointer}/{place}")
    elif isinstance(value, str):
        try:
            read_mapped(value)
        except BadExpression as why:
            checked.fault(pointer, why.code, at_character(why))


def _check_errors(checked: Checked, rows: Any) -> None:
    if rows is None:
        return
    if not isinstance(rows, list) or len(rows) > _MOST_ERRORS:
        checked.fault("/errors", "invalid", f"must be a list of at most {_MOST_ERRORS} rows of when and kind")
        return
    for place, row in enumerate(rows):
        pointer = f"/errors/{place}"
        if not isinstance(row, dict) or row.keys() != {"when", "kind"}:
            checked.fault(pointer, "invalid", "must have when, an expression over the answer, and kind")
            continue
        checked.expression(f"{pointer}/when", row["when"])
        if row["kind"] not in list(Kind):
            checked.fault(f"{pointer}/kind", "invalid", f"must be one of {', '.join(Kind)}")


def check_secret(checked: Checked) -> None:
    """The secret that calls to us are signed with, where there is one."""
    secret = checked.text("secret")
    if secret is not None:
        try:
            read_secret(secret)
        except ValueError as why:
            checked.fault("/secret", "invalid", str(why))
