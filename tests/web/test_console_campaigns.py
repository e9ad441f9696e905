"""Campaigns in the console, without scripts: composed, previewed, started, watched, paused, cancelled."""

import io
import re
from typing import Any

from tests.heed import Heed
from tests.web.console import Console, signed_in

ADA, BO, CY = "+14155550123", "+14155550124", "+14155550125"
FORM = {
    "kind": "sequence", "name": "Welcome", "lists": "default", "purpose": "marketing", "require_opt_in": "false",
    "on_opt_out": "exit", "timezone": "UTC", "re_entry": "never",
}  # fmt: skip


def step(number: int, text: str, amount: str = "0", unit: str = "D", **more: str) -> dict[str, str]:
    at = f"steps.{number}."
    return {f"{at}text": text, f"{at}amount": amount, f"{at}unit": unit, **{f"{at}{k}": v for k, v in more.items()}}


def send(console: Console, path: str, *steps: dict[str, str], **fields: Any):
    data: dict[str, Any] = {"csrf": console.token(), **FORM, **fields}
    for one in steps:
        data |= one
    return console.client.post(path, data=data)


def made(heed: Heed, console: Console, *steps: dict[str, str], **fields: Any) -> str:
    answer = send(console, "/campaigns", *steps, **{"sender": heed.sender()["id"], **fields})
    assert answer.status_code == 303, answer.text[:3000]
    return answer.headers["Location"]


def test_d02_a_sequence_is_composed_step_by_step_and_made(heed: Heed):
    console = signed_in(heed)
    assert "No campaign yet" in console.get("/campaigns")

    grown = send(console, "/campaigns/draft", step(0, "Hi"), do="add").text
    shrunk = send(console, "/campaigns/draft", step(0, "One"), step(1, "Two"), do="drop.0").text
    where = made(
        heed, console, step(0, "Hello {{ first_name }}. {{ opt_out }}"), step(3, "Still here?", "2", "H"),
        step(7, "Last one", "3", "D", at="09:30"), exit_on_reply="1", quiet_hours="default",
    )  # fmt: skip

    assert len(re.findall(r'name="steps\.\d+\.text"', grown)) == 2
    assert re.findall(r'name="steps\.\d+\.text"', shrunk) == ['name="steps.0.text"']
    assert "Two" in shrunk
    (one,) = heed.get("/v1/campaigns")["items"]
    assert [(s["delay"], s["at"]) for s in one["steps"]] == [("PT0S", None), ("PT2H", None), ("P3D", "09:30")]
    assert (one["exit_on_reply"], one["quiet_hours"], one["status"]) == (True, "default", "draft")
    page = console.get(where)
    assert "Still here?" in page
    assert "Welcome" in console.get("/campaigns")


def test_d12_a_message_is_seen_as_somebody_would_get_it_with_the_opt_out_tag_of_their_country(heed: Heed):
    console = signed_in(heed)
    sender = heed.sender()["id"]
    text = step(0, "Hello {{ first_name }}. {{ opt_out }}")

    seen = send(
        console, "/campaigns/draft", text, sender=sender, do="preview",
        **{"sample.address": ADA, "sample.attributes": '{"first_name": "Ada"}'},
    ).text  # fmt: skip
    lacking = send(console, "/campaigns/draft", text, sender=sender, do="preview").text
    broken = send(
        console, "/campaigns/draft", text, sender=sender, do="preview", **{"sample.attributes": "[1]"}
    ).text  # fmt: skip

    assert "Hello Ada. Reply STOP to opt out" in re.sub(r"<[^>]+>", "", seen)
    assert "first_name" in lacking.partition('class="preview"')[2]
    assert 'class="fault"' in broken.partition('class="preview"')[2]
    assert heed.get("/v1/campaigns")["items"] == []


def test_what_is_wrong_with_a_campaign_is_said_at_its_field_and_what_was_typed_stays(heed: Heed):
    console = signed_in(heed)

    answer = send(
        console, "/campaigns", step(0, "Typed {{ before"), step(1, "Fine", "soon"), name="N" * 101, sender="x"
    )

    assert answer.status_code == 422
    assert "Typed {{ before" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert heed.get("/v1/campaigns")["items"] == []


def test_d01_a_broadcast_is_filled_started_and_reported_with_the_line_that_people_know(heed: Heed):
    console = signed_in(heed)
    heed.act("add_to_opt_out", number=BO)
    where = made(heed, console, step(0, "Sale"), kind="broadcast", name="Sale")

    taken = console.done(f"{where}/people", people=f"{ADA}\n{BO}\nnobody\n")
    rows = "number,first_name\n" + CY + ",Cy\n"
    data = {"csrf": console.token(), "file": (io.BytesIO(rows.encode()), "people.csv")}
    assert console.client.post(f"{where}/people", data=data).status_code == 303
    page = console.done(f"{where}/start")
    heed.work()
    report = console.get(where)

    assert "2 taken in, 1 not." in taken
    assert 'data-poll="2"' in page
    assert "1 contacts skipped (opted-out)" in report
    assert "data-poll" not in report
    assert re.search(r"<dt>sent</dt><dd>2", report)
    skipped = console.get(f"{where}/messages?status=suppressed")
    assert (BO in skipped, ADA in skipped) == (True, False)
    assert "opted out" in skipped
    assert CY in console.get(f"{where}/messages?q={CY.replace('+', '%2B')}")
    assert 'class="fault"' in console.get(f"{where}/messages?q=12")
    table = console.client.get(f"{where}/rows.csv")
    assert table.text.count("Optout Number") == 1


def test_d10_a_campaign_is_paused_goes_on_and_is_cancelled(heed: Heed):
    console = signed_in(heed)
    where = made(heed, console, step(0, "One"), step(1, "Two", "1"))
    console.done(f"{where}/people", people=ADA)
    console.done(f"{where}/start")
    heed.work()

    assert "It is paused" in console.done(f"{where}/pause")
    assert "It goes on" in console.done(f"{where}/resume")
    page = console.done(f"{where}/cancel")

    assert "It is cancelled" in page
    assert "Take people in" not in page
    (one,) = heed.get("/v1/campaigns")["items"]
    assert one["status"] == "cancelled"
    assert re.search(r"Message by message", console.get(where))


def test_d12_people_who_lack_an_attribute_keep_a_campaign_for_groups_from_starting_until_one_says_so(heed: Heed):
    console = signed_in(heed)
    group = heed.post("/v1/groups", {"name": "All"})["id"]
    heed.post(f"/v1/groups/{group}/members", {"recipients": [{"number": ADA}]})
    where = made(heed, console, step(0, "Hi {{ first_name }}"), kind="broadcast", name="Hi", groups=group)

    refused = console.post(f"{where}/start")
    assert (refused.status_code, "first_name" in refused.text) == (422, True)
    assert "It is on its way" in console.done(f"{where}/start", skip_incomplete="1")


def test_d02_the_lists_of_a_running_campaign_are_changed(heed: Heed):
    console = signed_in(heed)
    offers = heed.post("/v1/lists", {"name": "Offers", "keywords": ["NO OFFERS"]})["id"]
    where = made(heed, console, step(0, "One"))
    console.done(f"{where}/start")

    console.done(f"{where}/settings", name="Changed", lists=["default", offers], on_opt_out="skip", timezone="UTC",
                 quiet_hours="", re_entry="never")  # fmt: skip

    (one,) = heed.get("/v1/campaigns")["items"]
    assert (one["name"], one["on_opt_out"], offers in one["lists"]) == ("Changed", "skip", True)
    assert "Nowhere" in console.post(f"{where}/settings", name="X", lists=["default"], timezone="Nowhere").text


def test_b04_a_viewer_reads_campaigns_and_starts_none(heed: Heed):
    owner = signed_in(heed)
    where = made(heed, owner, step(0, "One"))
    console = signed_in(heed, "viewer")

    page = console.get(where)

    assert "One" in page
    assert "Start" not in page.partition("<main")[2]
    assert console.post(f"{where}/start").status_code == 403
    assert console.client.get("/campaigns/new").status_code == 403
    assert console.post(f"{where}/people", people=ADA).status_code == 403


def test_campaigns_of_another_organisation_are_not_there(heed: Heed):
    from tests.oracles import other_organisation

    owner = signed_in(heed)
    where = made(heed, owner, step(0, "One"))
    other = Console(heed)
    assert other.sign_in_with_key(other_organisation(heed)).status_code == 303

    assert other.client.get(where).status_code == 404
    assert "No campaign yet" in other.get("/campaigns")
