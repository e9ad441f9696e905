"""R16: addresses, texts and secrets that were planted are in the database and at the provider, and nowhere else."""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import redis
import requests

from connector.demo.launch import Running
from tests.engine.scenes import eventually
from tests.journeys.up import Up

NUMBER, STOPPED, BROKEN, ENROLLED = "+14155557431", "+14155557432", "+14155557433", "+14155557434"
MAIL = "canary.8c1f@mail.example"
WORDS = ("canary-text-51e0", "canary-name-77ab", "canary-reason-9d2c", "canary-evidence-3f3f")
SECRETS = ("canary-token-e41b", "whsec_Y2FuYXJ5LXNlY3JldC0yMjIy", "canary-password-0c0c")
#: What is looked for; a number as people may write it as well.
CANARIES = (
    *(form for one in (NUMBER, STOPPED, BROKEN, ENROLLED) for form in (one, one[1:], one[2:])), MAIL, MAIL.upper(),
    "canary.8c1f", *WORDS, *SECRETS,
)  # fmt: skip


@dataclass
class Caller:
    """Calls Heed, and keeps what refused calls said."""

    url: str
    key: str
    refusals: list[str] = field(default_factory=list)

    def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.key}", **more.pop("headers", {})}
        answer = requests.request(method, self.url + path, json=body, headers=headers, timeout=30, **more)
        if answer.status_code >= 400:
            self.refusals.append(f"{answer.status_code} {answer.text}")
            return None
        return answer.json() if answer.text.startswith(("{", "[")) else answer.text


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    here = Up(tmp_path, None, workers=1)
    try:
        here.start()
        yield here
    finally:
        here.end()


def test_r16_canaries_are_where_they_belong_and_nowhere_else(up: Up, provider: Running, tmp_path: Path) -> None:
    call = Caller(f"http://127.0.0.1:{up._port}", up.key)
    provider.behave({BROKEN: {"do": "reset-after"}})

    what_goes_right(call, provider)
    what_goes_wrong(call)
    eventually(lambda: {one.to for one in provider.handoffs()} >= {NUMBER, BROKEN, ENROLLED}, 60)
    metrics = requests.get(f"{call.url}/metrics", timeout=10).text
    log, queue = (tmp_path / "up.log").read_bytes(), b"\n".join(said_to(up.queue(), tmp_path))
    up.end()

    assert len(call.refusals) >= 12
    assert b"connector.jobs.drain" in queue, "the queue was used, and is read here as it is written"
    kept = b"".join(path.read_bytes() for path in (tmp_path / "home").glob("heed.db*") if path.is_file())
    assert NUMBER[1:].encode() in kept, "where it belongs"
    told = "\n".join(call.refusals).encode()
    for place, text in {"log": log, "queue": queue, "errors": told, "metrics": metrics.encode()}.items():
        assert text, place
        assert hits(text) == [], place


def what_goes_right(call: Caller, provider: Running) -> None:
    settings = {"url": provider.url, "headers": {"X-Token": SECRETS[0]}}
    sender = {"provider": "http_api", "channel": "sms", "number": "+15005550006", "settings": settings}
    made = call("POST", "/v1/senders", sender)
    call("POST", "/v1/webhooks", {"url": "http://127.0.0.1:9/hook", "secret": SECRETS[1]})
    attributes = {"first_name": WORDS[1]}
    call("POST", "/v1/contacts", {"number": NUMBER, "email": MAIL, "attributes": attributes})
    for number in (NUMBER, BROKEN):
        body = {"sender": made["id"], "number": number, "text": WORDS[0], "async": True}
        call("POST", "/v1/actions/send_with_suppression", body)
    evidence = {"reason": WORDS[2], "evidence": {"shown": WORDS[3]}}
    call("POST", "/v1/actions/add_to_opt_out", {"number": STOPPED, **evidence})
    call("POST", "/v1/actions/record_opt_in", {"email": MAIL, **evidence})
    call("GET", "/v1/profiles", params={"number": NUMBER})
    call("GET", "/v1/history", params={"email": MAIL})
    inbound = made["inbound_url"].rpartition("/in/")[2]
    call("POST", f"/in/{inbound}", {"id": "m-1", "from": NUMBER, "text": f"leave me alone {WORDS[0]}"})
    csv = f"number,reason\n{STOPPED},{WORDS[2]}\n{MAIL},{WORDS[2]}\n"
    imported = requests.post(
        f"{call.url}/v1/lists/default/import?async=1", data=csv,
        headers={"Authorization": f"Bearer {call.key}", "Content-Type": "text/csv"}, timeout=30,
    )  # fmt: skip
    assert imported.status_code == 202, imported.text
    steps = [{"text": f"{WORDS[0]} {{{{ first_name }}}}"}]
    campaign = {"kind": "broadcast", "name": "Canary", "sender": made["id"], "steps": steps}
    name = call("POST", "/v1/campaigns", campaign)["id"]
    people = [{"number": ENROLLED, "attributes": attributes}, {"number": STOPPED, "attributes": attributes}]
    call("POST", f"/v1/campaigns/{name}/enrol", {"recipients": people})
    call("POST", f"/v1/campaigns/{name}/start", {})


def what_goes_wrong(call: Caller) -> None:
    """Each of these is refused, with a canary in what was refused."""
    before = len(call.refusals)
    wrong: list[tuple[str, str, Any]] = [
        ("POST", "/v1/actions/add_to_opt_out", {"number": f"{NUMBER}99999999", "email": f"{MAIL} {WORDS[0]}"}),
        ("POST", "/v1/actions/add_to_opt_out", {"number": NUMBER, WORDS[0]: 1} | {"lists": [SECRETS[0]]}),
        ("POST", "/v1/actions/check_consent", {"number": [NUMBER], "channel": WORDS[0]}),
        ("POST", "/v1/actions/send_with_suppression", {"sender": SECRETS[0], "number": NUMBER, "text": WORDS[0]}),
        ("POST", "/v1/actions/add_to_opt_out", {"number": NUMBER, "idempotency_key": f"{{{{ {WORDS[0]} }}}}"}),
        ("POST", "/v1/actions/add_to_opt_out/mapped", {"mapping": {"number": "{{ ( }}"}, "data": {"n": NUMBER}}),
        ("POST", "/v1/senders", {"provider": "smtp", "channel": "email", "number": MAIL,
                                 "settings": {"host": 5, "password": SECRETS[2]}}),
        ("POST", "/v1/contacts", {"number": NUMBER}),
        ("POST", "/v1/contacts", {"email": MAIL.replace("@", " "), "attributes": {"first_name": WORDS[1]}}),
        ("POST", "/v1/webhooks", {"url": f"nowhere:{SECRETS[2]}", "secret": SECRETS[1]}),
        ("PUT", "/v1/profiles/block", {"number": NUMBER, "blocked": WORDS[0]}),
        ("POST", "/in/nobody", {"id": "m", "from": NUMBER, "text": WORDS[0]}),
        ("POST", "/mcp", {"jsonrpc": "2.0", "id": 1, "method": WORDS[0], "params": [NUMBER]}),
    ]  # fmt: skip
    for method, path, body in wrong:
        if WORDS[0] in body:
            body.pop(WORDS[0])  # a field's own name is its pointer, which its caller must be told
        call(method, path, body)
    for query in ({"number": f"{NUMBER}9999999999"}, {"email": f"{MAIL} x"}):
        call("GET", "/v1/profiles", params=query)
    call("GET", "/v1/me", headers={"Authorization": f"Bearer {SECRETS[0]}"})
    broken = {"Authorization": f"Bearer {call.key}", "Content-Type": "application/json"}
    text = json.dumps({"number": NUMBER})[:-1]
    answer = requests.post(f"{call.url}/v1/actions/check_consent", data=text, headers=broken, timeout=10)
    call.refusals.append(answer.text)
    assert len(call.refusals) - before >= 12


def said_to(queue: redis.Redis, folder: Path) -> Iterator[bytes]:
    """All that Redis was told, from its own file, and what RQ packed within it."""
    queue.execute_command("PING")
    for path in sorted(folder.rglob("*.aof")):
        content = path.read_bytes()
        yield content
        start = content.find(b"\x78\x9c")
        while start >= 0:
            yield unpacked(content[start : start + 65536])
            start = content.find(b"\x78\x9c", start + 1)


def unpacked(content: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(content)
    except zlib.error:
        return b""


def hits(text: bytes) -> list[str]:
    return [one for one in CANARIES if one.encode() in text]
