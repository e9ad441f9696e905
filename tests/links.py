"""The public links of a Heed that runs, got as people get them: in messages, in embed codes, from the API."""

import re
from typing import Any

import requests

from connector.demo.client import Client
from connector.demo.launch import Running
from tests.engine.scenes import eventually


def of_person(client: Client, **values: Any) -> tuple[str, str]:
    """The ways out and to the preferences of one person, whole."""
    links = client.post("/v1/profiles/links", values)
    return links["unsubscribe_url"], links["preferences_url"]


def form(client: Client, **values: Any) -> dict[str, Any]:
    """A new form; its ``url`` is whole."""
    made: dict[str, Any] = client.post(
        "/v1/forms", {"channel": "sms", "description": "Yes, send me offers. I can stop at any time.", **values}
    )
    return made


def fill_in(url: str, address: str) -> requests.Response:
    """Open a form and send it, as a browser does."""
    page = requests.get(url, timeout=10).text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    name = re.search(r'<input id="address" name="(\w+)"', page)
    assert name, page
    return requests.post(url, data={**fields, name[1]: address}, timeout=10)


def in_message(provider: Running, to: str, way: str) -> str:
    """The newest link of a kind ("o", "confirm") that somebody got, whole."""

    def found() -> str | None:
        texts = [one.text or "" for one in provider.handoffs() if one.to == to]
        links = re.findall(rf"http://\S+/{way}/[\w-]+", "\n".join(texts))
        return links[-1] if links else None

    return eventually(found)


def every(client: Client, provider: Running) -> list[str]:
    """One link of each kind, whole: /u, /p, /f (with and without a second yes), /o, /confirm and /in."""
    settings = {"url": provider.url}
    mute = client.post(
        "/v1/senders", {"provider": "http_api", "channel": "sms", "number": "ACME", "settings": settings}
    )
    heard = client.post(
        "/v1/senders", {"provider": "http_api", "channel": "sms", "number": "+15005550006", "settings": settings}
    )
    person, asked = "+14155550123", "+14155550124"
    client.post(
        "/v1/actions/send_with_suppression",
        {"sender": mute["id"], "number": person, "text": "Sale {{ opt_out }} {{ preferences }}"},
    )
    double = form(client, double_opt_in=True, sender=heard["id"])
    assert fill_in(double["url"], asked).status_code == 200
    return [
        *of_person(client, number=person, channel="sms", lists=["default"]),
        form(client)["url"], double["url"], in_message(provider, person, "o"), in_message(provider, person, "p"),
        in_message(provider, asked, "confirm"), heard["inbound_url"],
    ]  # fmt: skip
