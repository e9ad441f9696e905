"""A service account of Google's: its key signs a claim, the claim is exchanged for a token that lasts an hour."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from connector.domain.messages import Kind, Outcome, Permit, Rejected, Retry, Unknown
from connector.providers.dkim import read_key
from connector.providers.handing_over import FORM, hand_over
from connector.providers.http import HttpAnswer
from connector.providers.http_answers import by_status, read
from connector.providers.reading import text
from connector.providers.settings import Checked
from connector.providers.targets import RefusedTarget, check_target

_SCOPE = "https://www.googleapis.com/auth/rcsbusinessmessaging"
_EXCHANGE = "https://oauth2.googleapis.com/token"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LASTS_S, _EARLIER_S = 3600, 120
_MOST_TOKENS = 256

_turn = threading.Lock()
#: By account and key: the token, and until when (monotonic seconds) it is used.
_tokens: dict[tuple[str, str], tuple[str, float]] = {}


def check_account(checked: Checked, account: Any, allow_private: bool) -> None:
    """The content of the key file, an object; other members of it are left alone."""
    if not isinstance(account, dict):
        checked.fault("/service_account", "required", "must be the object in the account's key file")
        return
    if not isinstance(account.get("client_email"), str) or not account["client_email"]:
        checked.fault("/service_account/client_email", "required", "is required")
    try:
        read_key(str(account.get("private_key") or ""))
    except ValueError as why:
        checked.fault("/service_account/private_key", "invalid", str(why))
    try:
        check_target(str(account.get("token_uri") or _EXCHANGE), allow_private)
    except RefusedTarget as why:
        checked.fault("/service_account/token_uri", "refused_target", str(why))


def access_token(account: Mapping[str, Any], permit: Permit, *, allow_private: bool) -> str | Outcome:
    """A token, kept until shortly before it ends; else why there is none: then nothing of the message has left."""
    name = (account["client_email"], account["private_key"])
    with _turn:
        token, until = _tokens.get(name, ("", 0.0))
    if time.monotonic() < until:
        return token
    where = account.get("token_uri") or _EXCHANGE
    form = {"grant_type": _GRANT, "assertion": _claim(account, where)}
    answer = hand_over(
        where, {"Content-Type": FORM}, urlencode(form).encode(), permit, allow_private=allow_private, longest=3.0
    )
    if not isinstance(answer, HttpAnswer):
        return Retry(5.0, f"login: {answer.detail}") if isinstance(answer, Unknown) else answer
    data = read(answer.body)
    token = text(data.get("access_token")) if isinstance(data, dict) and answer.status == 200 else ""
    if not token.isprintable() or not token.isascii() or not token:
        why = by_status(answer, data) if 400 <= answer.status < 500 else None
        return why if isinstance(why, Retry) else _no_token(answer)
    lasts = data.get("expires_in") if isinstance(data.get("expires_in"), int) else _LASTS_S
    with _turn:
        if len(_tokens) >= _MOST_TOKENS:
            _tokens.clear()
        _tokens[name] = (token, time.monotonic() + lasts - _EARLIER_S)
    return token


def _no_token(answer: HttpAnswer) -> Outcome:
    detail = f"login: HTTP {answer.status}"
    return Rejected(Kind.AUTH, detail) if 400 <= answer.status < 500 else Retry(5.0, detail)


def _claim(account: Mapping[str, Any], where: str) -> str:
    now = int(time.time())
    said = {"iss": account["client_email"], "scope": _SCOPE, "aud": where, "iat": now, "exp": now + _LASTS_S}
    signed = f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(said)}"
    return f"{signed}.{_base64(read_key(account['private_key']).sign(signed.encode(), PKCS1v15(), SHA256()))}"


def _part(value: Mapping[str, Any]) -> str:
    return _base64(json.dumps(value).encode())


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
