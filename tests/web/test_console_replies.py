"""R05, R08, R10, L14: smart replies, rules, packs and the review queue in the console; the phone to try them on."""

import json
import re

from tests.actions.people import says
from tests.heed import Heed
from tests.oracles import row_counts
from tests.web.console import Console, signed_in
from tests.web.test_console_workbench import part, post

MAPPING = {"number": "{{ contact.number }}", "lists": ["default"]}


def reply(heed: Heed, *keywords: str, **values) -> str:
    return heed.post("/v1/replies", {"keywords": list(keywords), "match": "contains", **values})["id"]


def order(console: Console) -> list[str]:
    """The ids of the replies, as the page has them."""
    return re.findall(r'<h2><a href="/replies/(rpl_\w+|\w+)">', console.get("/replies"))


def test_r10_a_smart_reply_is_made_changed_and_deleted(heed: Heed):
    console = signed_in(heed)
    assert "No smart reply yet" in console.get("/replies")
    fields = {
        "keywords": "hours\nopening", "match": "contains", "channel": "sms", "sender": "", "reply": "9 to 5",
        "priority": "20", "action": "add_to_opt_out", "a0_text.number": "{{ contact.number }}",
        "a0_pick.channel": '"sms"',
    }  # fmt: skip

    answer = console.client.post("/replies", data={**fields, "csrf": console.token()})
    assert answer.status_code == 303, answer.text[:3000]

    (made,) = heed.get("/v1/replies")["items"]
    assert made["keywords"] == ["hours", "opening"]
    assert (made["reply"], made["priority"], made["channel"]) == ("9 to 5", 20, "sms")
    mapping = {"number": "{{ contact.number }}", "channel": "sms"}
    assert made["actions"] == [{"action": "add_to_opt_out", "mapping": mapping}]
    page = console.get(f"/replies/{made['id']}")
    assert 'comes out as "+14155550123"' in part(page, "v-a0_number")
    answer = console.client.post(f"/replies/{made['id']}", data={**fields, "reply": "10 to 6", "csrf": console.token()})
    assert answer.status_code == 303
    assert heed.get(f"/v1/replies/{made['id']}")["reply"] == "10 to 6"
    console.done(f"/replies/{made['id']}/delete")
    assert heed.get("/v1/replies")["items"] == []


def test_actions_are_added_and_left_out_and_what_was_typed_stays(heed: Heed):
    console = signed_in(heed)
    fields = {"keywords": "hours", "match": "exact", "channel": "all", "priority": "1"}

    page = post(console, "/replies", fields | {"do": "add", "add": "add_to_opt_out"})
    assert 'id="text-a0_number"' in page
    fields |= {"action": "add_to_opt_out", "a0_text.number": "{{ contact.number }}"}
    page = post(console, "/replies", fields | {"do": "add", "add": "record_opt_in"})
    assert 'value="{{ contact.number }}"' in page
    assert 'id="text-a1_number"' in page
    page = post(console, "/replies", fields | {"do": "drop:0"})
    assert "text-a0_number" not in page
    assert heed.get("/v1/replies")["items"] == []


def test_every_fault_of_a_smart_reply_stands_at_its_field(heed: Heed):
    console = signed_in(heed)
    fields = {
        "keywords": "", "match": "exact", "channel": "all", "priority": "soon", "reply": "Hi {{ first_name",
        "action": "add_to_opt_out", "a0_text.number": "{{ contact.", "a0_text.evidence": "{",
    }  # fmt: skip

    page = post(console, "/replies", fields, 422)
    assert "is not JSON" in part(page, "v-a0_evidence")
    page = post(console, "/replies", fields | {"a0_text.evidence": ""}, 422)
    assert "priority" in page
    page = post(console, "/replies", fields | {"a0_text.evidence": "", "keywords": "a", "priority": "1"}, 422)
    assert 'value="{{ contact."' in page
    assert part(page, "v-a0_number") != ""
    assert heed.get("/v1/replies")["items"] == []


def test_r10_they_are_moved_up_and_down(heed: Heed):
    console = signed_in(heed)
    one, two, three = (reply(heed, word, reply=word, priority=100) for word in ("a", "b", "c"))
    assert order(console) == [one, two, three]

    console.done(f"/replies/{three}/move", by="up")
    assert order(console) == [one, three, two]
    console.done(f"/replies/{one}/move", by="down")
    console.done(f"/replies/{three}/move", by="up")
    assert order(console) == [three, one, two]
    assert [heed.get(f"/v1/replies/{name}")["priority"] for name in (three, one, two)] == [10, 20, 30]


def test_r05_the_phone_shows_what_matches_why_and_what_would_be_done(heed: Heed):
    console, sender = signed_in(heed), heed.sender()["id"]
    assert "no sender yet" not in console.get("/replies")
    reply(heed, "hours", reply="9 to 5", actions=[{"action": "add_to_opt_out", "mapping": MAPPING}])
    messages = {"first_opt_out": {"text": "You are out."}}
    heed.call("PATCH", "/v1/lists/default", {"messages": messages, "send_response": True})
    rows = row_counts(heed)

    page = post(console, "/replies/try", {"sender": sender, "address": "", "text": "what are your hours?"})
    phone = part(page, "phone")
    assert re.search("what are your hours\\? 9 to 5", phone)
    assert "contains one of 'hours'" in phone
    assert '"number": "+14155550123"' in phone
    before = json.dumps([["what are your hours?", "9 to 5"]])
    page = post(console, "/replies/try", {"sender": sender, "address": "", "text": "STOP", "before": before})
    assert "what are your hours? 9 to 5 STOP You are out." in part(page, "phone")
    assert "Opted out" in part(page, "phone")
    page = post(console, "/replies/try", {"sender": sender, "address": "", "text": "leave me alone"})
    assert "somebody reads it" in part(page, "phone")
    assert row_counts(heed) == rows
    page = post(console, "/replies/try", {"sender": sender, "address": "nobody", "text": "x"}, 422)
    assert "address" in part(page, "phone")
    assert "sender" in part(post(console, "/replies/try", {"sender": "sdr_x", "text": "x"}, 422), "phone")


def test_r08_rules_are_made_refused_deleted_and_taken_back(heed: Heed):
    console = signed_in(heed)
    page = console.done("/replies/rules", begins_with="no thanks", state="out", channel="sms", sender="")
    assert "no thanks" in page
    (rule,) = heed.get("/v1/rules")["items"]
    assert (rule["state"], rule["channel"]) == ("out", "sms")

    page = console.done(f"/replies/rules/{rule['id']}/delete")
    assert heed.get("/v1/rules")["items"] == []
    assert 'name="begins_with" value="no thanks"' in page
    refused = console.post("/replies/rules", begins_with="...", state="out", channel="all", sender="")
    assert refused.status_code == 422
    assert "no letter" in refused.text


def test_the_undo_of_a_deleted_rule_makes_it_again(heed: Heed):
    console = signed_in(heed)
    heed.post("/v1/rules", {"begins_with": "no thanks", "state": "out", "channel": "whatsapp"})
    (rule,) = heed.get("/v1/rules")["items"]
    page = console.done(f"/replies/rules/{rule['id']}/delete")
    note = page[page.index('action="/replies/rules"') :]
    fields = dict(re.findall(r'name="([\w]+)" value="([^"]*)"', note[: note.index("</form>")]))

    assert console.client.post("/replies/rules", data=fields).status_code == 303
    (again,) = heed.get("/v1/rules")["items"]
    assert {**again, "id": ""} == {**rule, "id": ""}


def test_packs_are_listed_and_searched(heed: Heed):
    console = signed_in(heed)

    assert "law:US" in console.get("/replies/packs")
    assert "law:US" not in console.get("/replies/packs?q=nobody-says-this")


def test_r08_the_queue_is_decided_message_by_message(heed: Heed):
    console, sender = signed_in(heed), heed.sender()
    for place, text in enumerate(("leave me alone", "leave me alone")):
        says(heed, sender, text, f"+1415555012{place}", id=f"m-{place}")
    open_ones = heed.get("/v1/reviews")["items"]
    assert len(open_ones) == 2
    page = console.get("/reviews")
    assert all(one["text"] in page for one in open_ones)

    first, second = open_ones
    console.done(f"/reviews/{first['id']}", decision="opt_out")
    console.done(f"/reviews/{second['id']}", decision="dismiss")
    assert heed.get("/v1/reviews")["items"] == []
    assert heed.act("check_consent", number=first["number"], channel="sms")["allowed"] is False
    assert heed.act("check_consent", number=second["number"], channel="sms")["allowed"] is True
    assert "Nothing to read" in console.get("/reviews")
    assert "Anna the admin" in console.get("/reviews?status=opted_out")
    assert "decided before" in console.done(f"/reviews/{first['id']}", decision="dismiss")


def test_a_viewer_sees_all_and_changes_nothing(heed: Heed):
    name = reply(heed, "hours", reply="9 to 5")
    console = signed_in(heed, "viewer")

    for path in ("/replies", f"/replies/{name}", "/replies/rules", "/replies/packs", "/reviews"):
        assert "Save" not in re.sub('class="unseen".*?</button>', "", console.get(path)), path
    for path in ("/replies", f"/replies/{name}", f"/replies/{name}/move", f"/replies/{name}/delete", "/replies/rules"):
        assert console.post(path).status_code == 403, path
