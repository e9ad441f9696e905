"""The one way out over HTTP: pooled, bounded in time and size, never repeated, never redirected.

What a caller must know after a fault is whether the provider can have the message. That is not guessed from
the kind of the fault: the connection notes when the first byte of the request is about to leave. Before it
`NotSent`, after it `MaybeSent`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException

import requests
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError

from connector.providers import transport
from connector.providers.deadlines import Deadline
from connector.providers.targets import NotSent, RefusedTarget, check_target, read_target

__all__ = ["HttpAnswer", "MaybeSent", "NotSent", "RefusedTarget", "check_target", "post"]


class MaybeSent(Exception):
    """Bytes may have left and no readable answer came: nobody can say whether the provider has it."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What the provider answered."""

    status: int
    #: Names in lower case.
    headers: Mapping[str, str]
    #: Cut off at the limit asked for.
    body: bytes


def post(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes,
    deadline: float,
    allow_private: bool,
    max_answer: int = 64 * 1024,
) -> HttpAnswer:
    """One request, once, over by ``deadline`` (seconds of `uptime`) whatever the server does.

    A redirect is an answer like another. The header names and values must be fit for HTTP.
    Raises NotSent (RefusedTarget among them) or MaybeSent, with a phrase that holds no address and no secret.
    """
    target = read_target(url)
    with Deadline(deadline) as limit:
        if limit.left() <= 0:
            raise NotSent("no time was left")
        exchange = transport.here.exchange = transport.Exchange(limit, allow_private)
        try:
            answer = transport.adapter(allow_private).send(
                _request(method, target.url, headers, body), stream=True, timeout=limit.left(), proxies={}
            )
            with answer:
                content: bytes = answer.raw.read(max_answer + 1, decode_content=True)
        # Their own families, what slips through them, and ValueError for what does not fit into a request.
        except (requests.RequestException, HTTPError, HTTPException, OSError, ValueError) as fault:
            raise _judge(fault, exchange) from fault
        if limit.cut:
            # An answer without a length ends where the connection does: a cut one looks whole.
            raise MaybeSent("no whole answer in time")
    named = {name.lower(): value for name, value in answer.headers.items()}
    return HttpAnswer(answer.status_code, named, content[:max_answer])


def _request(method: str, url: str, headers: Mapping[str, str], body: bytes) -> requests.PreparedRequest:
    """Filled in by hand: preparing it would parse the URL anew each time and look for passwords."""
    request = requests.PreparedRequest()
    request.method, request.url, request.body = method, url, body
    request.headers = CaseInsensitiveDict({"Accept-Encoding": "identity", **headers})
    request.headers["Content-Length"] = str(len(body))
    return request


def _judge(fault: Exception, exchange: transport.Exchange) -> NotSent | MaybeSent:
    late = exchange.limit.cut or isinstance(fault, requests.Timeout | TimeoutError)
    if exchange.begun:
        return MaybeSent("no answer in time" if late else "the connection ended or the answer can't be read")
    if isinstance(fault, requests.exceptions.SSLError):
        return NotSent("no trusted TLS connection")
    return NotSent("no connection in time" if late else "no connection, or no possible request")
