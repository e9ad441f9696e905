"""One person in the console: found, shown whole, changed at once; the same in the side panel of another page."""

import re

import pytest

from connector.domain.instants import MINUTE, rfc3339
from tests.heed import Heed
from tests.oracles import other_organisation
from tests.web.console import Console, signed_in

NUMBER = "+14155550123"
HERE = "/people?q=%2B14155550123"


@pytest.mark.parametrize(
    "typed", ["%2B14155550123", "+14155550123", "(415)%20555-0123", "number", "MAIN@Gmail.com", "email"]
)
def test_b04_one_box_takes_a_number_or_an_email(heed: Heed, typed: str):
    console = signed_in(heed)
    query = {"number": "?number=%2B14155550123", "email": "?email=main@gmail.com"}.get(typed, f"?q={typed}")

    page = console.get(f"/people{query}")

    assert f"<h1>{'main@gmail.com' if 'mail' in typed.lower() else NUMBER}</h1>" in page.replace("MAIN@", "main@")
    assert "Nothing was ever said" in page


def test_who_is_known_by_a_part_of_the_number_is_offered(heed: Heed):
    console = signed_in(heed)
    heed.act("add_to_opt_out", number=NUMBER)
    heed.act("add_to_opt_out", email="ann@shop.example")

    assert NUMBER in console.get("/people?q=0123").partition("<main")[2]
    assert "ann@shop.example" in console.get("/people?q=shop.example")
    assert "Nobody found" in console.get("/people?q=zzz")


def test_s01_a_flag_is_a_switch_effective_at_once_under_the_users_name(heed: Heed):
    console = signed_in(heed, name="Anna")

    page = console.done("/people/flag", q=NUMBER, channel="sms", state="out")

    assert "Changed, and in force" in page
    assert heed.act("check_consent", number=NUMBER, channel="sms")["allowed"] is False
    assert heed.act("check_consent", number=NUMBER, channel="whatsapp")["allowed"] is True
    event = heed.act("get_consent_history", number=NUMBER)["events"][0]
    assert event["actor"].startswith("Anna (usr_")
    assert "Anna (usr_" in page
    assert re.search(r'aria-checked="false" aria-label="Messages by SMS"', page)
    back = console.done("/people/flag", q=NUMBER, channel="sms", state="in")
    assert re.search(r'aria-checked="true" aria-label="Messages by SMS"', back)


def test_l08_lists_are_added_to_and_removed_from_in_one_go(heed: Heed):
    console = signed_in(heed)
    for name in ("News", "Offers"):
        heed.post("/v1/lists", {"name": name, "keywords": [name]})
    data = {"csrf": console.token(), "q": NUMBER, "channel": "all", "lists": ["news", "offers"], "do": "add"}

    console.client.post("/people/lists", data=data)
    assert {one["key"] for one in heed.get(f"/v1/profiles?number=%2B{NUMBER[1:]}")["lists"]} == {"news", "offers"}
    console.client.post("/people/lists", data={**data, "lists": ["news"], "do": "remove"})

    states = {one["key"]: one["state"] for one in heed.get(f"/v1/profiles?number=%2B{NUMBER[1:]}")["lists"]}
    assert states == {"news": "cleared", "offers": "out"}
    assert "Tick a list first" in console.done("/people/lists", q=NUMBER, channel="all", do="add")


def test_s10_a_protected_opt_out_is_not_lifted_and_that_is_said(heed: Heed):
    console = signed_in(heed)
    heed.call("PATCH", "/v1/lists/default", {"protect": "person"})
    heed.act("add_to_opt_out", number=NUMBER, channel="sms")

    assert "The list is protected" in console.done("/people/flag", q=NUMBER, channel="sms", state="in")
    assert heed.act("check_consent", number=NUMBER, channel="sms")["allowed"] is False


def test_s03_somebody_is_blocked_and_the_block_is_lifted(heed: Heed):
    console = signed_in(heed)

    assert "nothing at all is sent" in console.done("/people/block", q=NUMBER, blocked="1", reason="threats")
    assert heed.get(f"/v1/profiles?number=%2B{NUMBER[1:]}")["blocked"] is True
    assert "lifted" in console.done("/people/block", q=NUMBER, blocked="0")
    assert heed.get(f"/v1/profiles?number=%2B{NUMBER[1:]}")["blocked"] is False


def test_every_message_that_was_not_sent_is_there_with_its_reason(heed: Heed):
    console = signed_in(heed)
    sender = heed.sender()
    heed.act("add_to_opt_out", number=NUMBER, channel="sms")
    with heed.working():
        heed.act("send_with_suppression", sender=sender["id"], text="Sale", number=NUMBER, reference="autumn")

    page = console.get(HERE)

    assert re.search(r"suppressed.*autumn.*opted out.*Default", page, re.DOTALL)


def test_s05_the_whole_history_is_paged_with_its_evidence(heed: Heed):
    console = signed_in(heed)
    for turn in range(28):
        heed.act("add_to_opt_out", number=NUMBER, channel="sms", evidence={"ticket": f"T-{turn}-<b>"})
        heed.act("remove_from_opt_out", number=NUMBER, channel="sms", reason=f"back {turn}")

    first = console.get(HERE)
    older = console.get(re.search(r'href="(/people/history[^"]+)"', first)[1].replace("&amp;", "&"))

    assert "T-27-&lt;b&gt;" in first
    assert "<b>" not in first.partition("History")[2]
    seen = [set(re.findall(r"T-(\d+)-", page)) for page in (first, older)]
    assert seen[0] | seen[1] == {str(turn) for turn in range(28)}
    assert not seen[0] & seen[1]


def test_s08_proof_to_print_comes_with_a_policy_of_its_own(heed: Heed):
    console = signed_in(heed)
    heed.act("add_to_opt_out", number=NUMBER)

    answer = console.client.get("/people/proof?q=%2B14155550123")

    assert "Proof of consent" in answer.text
    assert "Anna the admin" in answer.text
    assert "style-src 'sha256-" in answer.headers["Content-Security-Policy"]


def test_s07_an_admin_erases_a_person_by_typing_the_address_once_more(heed: Heed):
    heed.act("add_to_opt_out", number=NUMBER)
    console, agent = signed_in(heed), signed_in(heed, "agent")

    assert agent.post("/people/erase", q=NUMBER, again=NUMBER).status_code == 403
    assert "Erase" not in agent.get(HERE)
    assert console.post("/people/erase", q=NUMBER, again="something").status_code == 422
    assert "The person is erased" in console.done("/people/erase", q=NUMBER, again=NUMBER)
    assert heed.act("check_consent", number=NUMBER)["allowed"] is False
    assert "erased" in console.get("/lists/default")


def test_people_of_another_organisation_are_strangers(heed: Heed):
    other = other_organisation(heed)
    heed.call("POST", "/v1/actions/add_to_opt_out", {"number": NUMBER, "reason": "theirs"}, key=other)

    console = signed_in(heed)

    assert "theirs" not in console.get(HERE)
    assert "Nobody found" in console.get("/people?q=zz0123")


def test_l14_the_side_panel_shows_and_changes_a_person(heed: Heed):
    console = signed_in(heed)

    page = console.get("/panel?number=%2B14155550123")
    assert "data-key" not in page
    assert console.post("/people/flag", q=NUMBER, channel="sms", state="out", back="panel").headers["Location"] == (
        "/panel?q=%2B14155550123"
    )
    assert "opted out" in console.get("/panel?q=%2B14155550123")
    assert 'role="alert"' in console.get("/panel?q=12")


def test_l14_only_pages_that_are_named_may_frame_the_panel(heed: Heed):
    console = signed_in(heed)
    heed.call("PUT", "/v1/panel-origins", {"origins": ["https://Inbox.example/"]})

    policy = console.client.get("/panel").headers["Content-Security-Policy"]

    assert policy.endswith("frame-ancestors 'self' https://inbox.example")
    assert heed.get("/v1/panel-origins") == {"origins": ["https://inbox.example"]}
    assert heed.call("PUT", "/v1/panel-origins", {"origins": ["inbox"]}).status_code == 422
    assert console.post("/settings/panel", origins="https://a.example\nnonsense").status_code == 422
    console.done("/settings/panel", origins="https://a.example")
    assert heed.get("/v1/panel-origins") == {"origins": ["https://a.example"]}


def test_l14_a_ticket_opens_the_panel_in_an_agents_name_and_nothing_else(heed: Heed):
    from connector.engine.panel import GOOD_FOR

    url = heed.post("/v1/panel-tickets", {"agent": "Bo of the inbox"})["url"].removeprefix("http://heed.test")
    frame = Console(heed)

    page = frame.get(f"{url}&number=%2B14155550123")
    token = re.search(r'name="csrf" value="([^"]+)"', page)[1]
    ticket = url.partition("?")[2]
    data = {"csrf": token, "q": NUMBER, "channel": "sms", "state": "out", "back": "panel"}
    assert frame.client.post("/people/flag", data=data).headers["Location"] == "/login"
    answer = frame.client.post(f"/people/flag?{ticket}", data=data)

    assert ticket in answer.headers["Location"]
    assert heed.act("get_consent_history", number=NUMBER)["events"][0]["actor"].startswith("Bo of the inbox, by ")
    for path in ("/", "/lists", "/people?q=%2B14155550123", "/settings/keys"):
        assert frame.client.get(f"{path}{'&' if '?' in path else '?'}{ticket}").headers["Location"].startswith("/login")
    assert frame.client.post(f"/people/flag?{ticket}", data={**data, "csrf": "x"}).status_code == 403
    heed.clock.pass_by(GOOD_FOR + 1)
    assert frame.client.get(url).headers["Location"].startswith("/login")
    assert frame.client.get("/panel?ticket=nonsense").status_code == 303


def test_a_ticket_may_do_no_more_than_its_maker_or_an_agent(heed: Heed):
    key = heed.post("/v1/keys", {"name": "Inbox", "scopes": ["write", "admin"]})["key"]
    ticket = heed.call("POST", "/v1/panel-tickets", {"agent": "Bo"}, key=key).json["ticket"]

    assert Console(heed).client.get(f"/panel?ticket={ticket}").status_code == 403


def test_l14_a_ticket_is_over_with_the_key_that_made_it(heed: Heed):
    end = rfc3339(heed.clock() + 60 * MINUTE)
    keys = [heed.post("/v1/keys", {"name": "Inbox", "scopes": ["read", "write"], "expires_at": end}) for _ in range(2)]
    tickets = [heed.call("POST", "/v1/panel-tickets", {"agent": "Bo"}, key=key["key"]).json["ticket"] for key in keys]
    data = {"q": NUMBER, "channel": "sms", "state": "out", "back": "panel"}

    def opens(ticket: str) -> bool:
        seen = Console(heed).client.get(f"/panel?ticket={ticket}").status_code
        sent = Console(heed).client.post(f"/people/flag?ticket={ticket}", data=data).status_code
        assert (seen, sent) in ((200, 403), (303, 303))  # who is in lacks only the token of the form
        return seen == 200

    assert [opens(ticket) for ticket in tickets] == [True, True]
    heed.call("DELETE", f"/v1/keys/{keys[0]['id']}")
    assert [opens(ticket) for ticket in tickets] == [False, True]
    heed.clock.pass_by(61 * MINUTE)
    assert [opens(ticket) for ticket in tickets] == [False, False]
