"""A06, A07, A08: the workbench: fields from the schema, a sample mapped and seen, run through the corridor, kept."""

import json
import re
from html import unescape

import pytest

from tests.heed import Heed
from tests.oracles import row_counts
from tests.web.console import Console, signed_in

DATA = {"contact": {"phone": "+14155550123", "name": "Ada"}, "lists": ["default"]}
BENCH = "/workbench/add_to_opt_out"
MAPPED = {"data": json.dumps(DATA), "text.number": "{{ contact.phone }}"}


def post(console: Console, path: str, fields: dict, status: int = 200) -> str:
    """A page of the workbench, with fields as browsers name them."""
    answer = console.client.post(path, data={**fields, "csrf": console.token()})
    assert answer.status_code == status, (answer.status_code, answer.text[:2000])
    return answer.text


def part(html: str, id: str) -> str:
    """The text of what has this id, without tags."""
    found = re.search(rf'<(\w+)[^>]* id="{re.escape(id)}"[^>]*>', html)
    assert found, id
    depth, end = 0, len(html)
    for tag in re.finditer(rf"<(/?){found[1]}\b[^>]*>", html[found.start() :]):
        depth += -1 if tag[1] else 1
        if depth == 0:
            end = found.start() + tag.end()
            break
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html[found.start() : end])).split())


def test_a06_every_action_has_a_bench_with_every_field_of_its_schema(heed: Heed):
    console = signed_in(heed)
    assert heed.house.catalog.listed
    chosen = console.get("/workbench")

    for name, listed in heed.house.catalog.listed.items():
        assert f'href="/workbench/{name}"' in chosen
        page = console.get(f"/workbench/{name}")
        for field, schema in listed.input_schema["properties"].items():
            assert f'id="field-{field}"' in page, (name, field)
            assert unescape(page).count(schema["description"]) >= 1, (name, field)
    assert "There is nothing here" in console.get("/workbench/no_such_action", 404)


def test_a08_each_field_shows_what_it_comes_out_as_and_its_faults(heed: Heed):
    console = signed_in(heed)
    fields = MAPPED | {"text.reason": "{{ contact. }}", "pick.channel": '"sms"', "text.lists": "{{ lists }}"}

    page = post(console, BENCH, fields)

    assert part(page, "v-number") == 'comes out as "+14155550123" text'
    assert part(page, "v-lists") == 'comes out as ["default"] list of 1'
    assert part(page, "v-channel") == 'comes out as "sms" text'
    assert "ends too early" in part(page, "v-reason")
    assert "1 fault" in part(page, "outcome")
    assert part(page, "v-email") == ""


def test_a08_a_dry_run_changes_nothing_and_a_run_goes_through_the_corridor(heed: Heed):
    console = signed_in(heed)
    rows = row_counts(heed)
    assert "Ready to run" in part(post(console, BENCH, MAPPED), "outcome")
    assert row_counts(heed) == rows

    page = post(console, f"{BENCH}/run", MAPPED)

    assert "It ran 200" in part(page, "result")
    event = heed.act("get_consent_history", number="+14155550123")["events"][0]
    assert (event["state"], event["source"]) == ("out", "action")
    assert event["actor"].startswith("Anna the admin (usr_")


def test_a_run_sent_twice_happens_once(heed: Heed):
    console = signed_in(heed)
    once = re.search(r'name="once" value="([^"]+)"', console.get(BENCH))
    assert once

    pages = [post(console, f"{BENCH}/run", MAPPED | {"once": once[1]}) for _ in range(2)]

    assert all("added" in part(page, "result") for page in pages)


def test_what_can_not_be_read_or_run_says_so_and_keeps_what_was_typed(heed: Heed):
    console = signed_in(heed)

    page = post(console, f"{BENCH}/run", {"data": "{'a': 1}", "text.number": "{{ a }}", "text.evidence": "{"})
    assert "is not JSON" in part(page, "v-data")
    assert "is not JSON" in part(page, "v-evidence")
    assert "{&#39;a&#39;: 1}" in page
    page = post(console, f"{BENCH}/run", {"text.number": "nobody"}, 422)
    assert "Nothing was done" in part(page, "result")
    assert "number" in part(page, "v-number")
    assert "needs a number" in part(post(console, f"{BENCH}/run", {}, 422), "result")


def test_a07_a_mapping_is_kept_as_a_binding_with_an_address_and_comes_back(heed: Heed):
    console = signed_in(heed)
    fields = MAPPED | {"name": "From the CRM", "rules": "reason: null", "text.reason": "{{ why }}"}

    answer = console.client.post(f"{BENCH}/save", data={**fields, "csrf": console.token()})
    assert answer.status_code == 303, answer.text[:2000]
    page = console.get(answer.headers["Location"])

    (kept,) = heed.get("/v1/bindings")["items"]
    assert kept["mapping"] == {
        "number": "{{ contact.phone }}", "reason": "{{ why }}", "$on_missing": {"reason": "null"},
    }  # fmt: skip
    assert part(page, "run-url") == f"http://heed.test{kept['run_url']}"
    assert "{{ contact.phone }}" in page
    assert "reason: null" in page
    assert heed.post(kept["run_url"], DATA)["results"][0]["status"] == "added"
    renamed = fields | {"name": "Renamed", "binding": kept["id"]}
    console.client.post(f"{BENCH}/save", data={**renamed, "csrf": console.token()})
    assert [one["name"] for one in heed.get("/v1/bindings")["items"]] == ["Renamed"]
    assert "Renamed" in console.get("/workbench")
    console.done(f"/workbench/bindings/{kept['id']}/delete")
    assert heed.get("/v1/bindings")["items"] == []


def test_a_binding_that_does_not_fit_is_refused_with_the_reason(heed: Heed):
    console = signed_in(heed)

    page = post(console, f"{BENCH}/save", {"text.number": "{{ x", "name": "Broken"}, 422)

    assert "kept yet" in part(page, "result")
    assert heed.get("/v1/bindings")["items"] == []


def test_a07_what_is_mapped_is_there_for_the_command_line_and_for_builders(heed: Heed):
    console = signed_in(heed)
    fields = MAPPED | {"text.reason": "{{ contact.name }} asked", "text.recipients": "{{ people[*].{number: phone} }}"}

    page = post(console, BENCH, fields)

    assert "http://heed.test/v1/actions/add_to_opt_out/mapped" in part(page, "code-curl")
    (node,) = json.loads(part(page, "code-node-red"))
    assert node["fields"] == [
        {"name": "number", "type": "msg", "value": "payload.contact.phone"},
        {"name": "reason", "type": "jsonata", "value": 'payload.contact.name & " asked"'},
    ]
    (node,) = json.loads(part(page, "code-n8n"))["nodes"]
    assert node["parameters"]["fields"]["value"] == {
        "number": "={{ $json.contact.phone }}", "reason": "={{ $json.contact.name }} asked",
    }  # fmt: skip
    assert "recipients" in part(page, "box-n8n")
    for one in heed.get("/v1/builders")["builders"]:
        answer = console.client.get(f"/workbench/builders/{one['name']}")
        assert (answer.status_code, len(answer.data) > 1000) == (200, True)
    assert console.client.get("/workbench/builders/none").status_code == 404


@pytest.mark.parametrize(("role", "runs", "keeps"), [("viewer", False, False), ("agent", True, True)])
def test_who_may_not_run_sees_no_button_and_is_refused(heed: Heed, role: str, runs: bool, keeps: bool):
    console = signed_in(heed, role)
    page = console.get(BENCH)

    assert (f"{BENCH}/run" in page, f"{BENCH}/save" in page) == (runs, keeps)
    if not runs:
        post(console, f"{BENCH}/run", MAPPED, 422)
        post(console, f"{BENCH}/save", MAPPED | {"name": "x"}, 403)
    assert "/workbench/send_with_suppression/run" not in console.get("/workbench/send_with_suppression")
