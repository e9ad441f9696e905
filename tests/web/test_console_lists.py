"""Lists in the console, without scripts: made, changed, deleted; people found, added, removed and put back; files."""

import io
import re

from tests.heed import Heed
from tests.web.console import Console, signed_in

NUMBERS = [f"+1415555{number:04}" for number in range(100, 160)]


def ids(page: str) -> list[str]:
    return re.findall(r'name="entries" value="(ent_\w+)"', page)


def make(console: Console, **fields: str) -> str:
    values = {"name": "News", "keywords": "STOP NEWS\nNO NEWS", "protect": "none", "keyword_scope": "channel",
              "webhook_format": "standard"}  # fmt: skip
    return console.done("/lists", **{**values, **fields})


def test_l02_a_list_is_made_changed_and_deleted(heed: Heed):
    console = signed_in(heed)
    sender = heed.sender()

    page = make(
        console, description="What is new", opt_in_keywords="START NEWS", send_response="1", sender=sender["id"],
        messages__first_opt_out__text="Bye", messages__first_opt_out__description="short",
        webhook_url="https://hooks.example/x", protect="person",
    )  # fmt: skip

    assert "Nobody is on this list yet" in page
    made = heed.get("/v1/lists/news")
    assert made["keywords"] == ["STOP NEWS", "NO NEWS"]
    assert made["messages"] == {"first_opt_out": {"text": "Bye", "description": "short"}}
    assert (made["send_response"], made["sender"], made["protect"]) == (True, sender["id"], "person")
    settings = console.get("/lists/news/settings")
    assert "whsec_" in settings
    assert "What is new" in settings
    console.done("/lists/news/settings", name="Newer", keywords="ENOUGH", protect="none", keyword_scope="all",
                 webhook_format="legacy")  # fmt: skip
    changed = heed.get("/v1/lists/news")
    assert (changed["name"], changed["keywords"], changed["description"]) == ("Newer", ["ENOUGH"], None)
    assert (changed["messages"], changed["send_response"], changed["webhook_url"]) == ({}, False, None)
    assert "Newer is deleted" in console.done("/lists/news/delete")
    assert [one["key"] for one in heed.get("/v1/lists")["items"]] == ["default"]


def test_l02_what_is_wrong_with_a_list_is_said_at_its_field_and_what_was_typed_stays(heed: Heed):
    console = signed_in(heed)

    answer = console.post("/lists", name="N" * 51, keywords="", description="Typed before", key="Bad Key")

    assert answer.status_code == 422
    for field in ("name", "keywords", "key"):
        assert f'aria-describedby="d-{field}" aria-invalid="true"' in answer.text
    assert "Typed before" in answer.text
    assert len(heed.get("/v1/lists")["items"]) == 1
    again = console.post("/lists", name="Stops", keywords="STOP")
    assert (again.status_code, "Default" in again.text) == (422, True)


def test_l01_the_default_list_keeps_its_name_and_stays(heed: Heed):
    console = signed_in(heed)

    assert 'name="name"' not in console.get("/lists/default/settings").partition("<main")[2]
    assert "Delete this list" not in console.get("/lists/default/settings")
    assert console.post("/lists/default/delete").status_code == 409
    console.done("/lists/default/settings", keywords="STOP", protect="evidence", keyword_scope="channel",
                 webhook_format="standard")  # fmt: skip
    assert heed.get("/v1/lists/default")["protect"] == "evidence"


def test_l05_somebody_is_added_by_hand_under_the_users_name_and_it_is_undone(heed: Heed):
    console = signed_in(heed, name="Anna")

    page = console.done("/lists/default/people", address="(415) 555-0123", channel="sms", reason="rang us")

    assert "+14155550123" in page
    event = heed.act("get_consent_history", number="+14155550123")["events"][0]
    assert (event["state"], event["source"], event["reason"]) == ("out", "operator", "rang us")
    assert event["actor"].startswith("Anna (usr_")
    undo = re.search(r'action="(/lists/default/remove)".*?name="entries" value="(ent_\w+)"', page, re.DOTALL)
    assert undo
    console.done(undo[1], entries=undo[2])
    assert heed.act("check_consent", number="+14155550123", channel="sms")["allowed"] is True
    assert console.post("/lists/default/people", address="12", channel="sms").status_code == 422
    wrong = console.post("/lists/default/people", address="a@b.example", channel="sms")
    assert (wrong.status_code, "does not reach" in wrong.text) == (422, True)


def test_l06_many_are_removed_at_once_and_put_back(heed: Heed):
    console = signed_in(heed)
    for number in NUMBERS[:5]:
        heed.act("add_to_opt_out", number=number, channel="sms")
    page = console.get("/lists/default")

    done = console.done("/lists/default/remove", entries=ids(page)[1:4])

    assert "3 entries are off the list" in done
    assert [NUMBERS[place] in heed.get("/v1/lists/default/entries").__str__() for place in range(5)].count(True) == 2
    undo = re.search(r'action="/lists/default/restore".*?name="entries" value="([^"]+)"', done, re.DOTALL)
    console.done("/lists/default/restore", entries=undo[1])
    assert {one["number"] for one in heed.get("/v1/lists/default/entries")["items"]} == set(NUMBERS[:5])
    assert "Undo" not in console.get("/lists/default")
    assert "Tick somebody first" in console.done("/lists/default/remove")


def test_l06_who_is_put_back_while_a_message_is_on_its_way_is_told_so(heed: Heed):
    console, sender = signed_in(heed), heed.sender()["id"]
    heed.act("add_to_opt_out", number=NUMBERS[0], channel="sms")
    (entry,) = ids(console.get("/lists/default"))
    assert "may still arrive" not in console.done("/lists/default/restore", entries=entry)
    console.done("/lists/default/remove", entries=entry)
    heed.act("send_with_suppression", sender=sender, number=NUMBERS[0], text="Hi", **{"async": True})
    assert heed.house.sender._claims.claim(range(256), heed.house.incarnations.token())
    heed.house.settling._limit_s = 0.05

    page = console.done("/lists/default/restore", entries=entry)

    assert "on the list again. One message was already on its way and may still arrive." in page


def test_s10_what_a_list_protects_stays_and_is_said(heed: Heed):
    console = signed_in(heed)
    heed.call("PATCH", "/v1/lists/default", {"protect": "person"})
    heed.act("add_to_opt_out", number=NUMBERS[0])

    page = console.done("/lists/default/remove", entries=ids(console.get("/lists/default")))

    assert "1 stays: the list is protected" in page
    assert "Undo" not in page


def test_l07_a_list_is_searched_and_paged_by_cursor(heed: Heed):
    console = signed_in(heed)
    for number in NUMBERS:
        heed.act("add_to_opt_out", number=number)

    first = console.get("/lists/default")
    following = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    second = console.get(following)

    assert (len(ids(first)), len(ids(second))) == (50, 10)
    assert set(ids(first)).isdisjoint(ids(second))
    assert "First page" in second
    assert len(ids(console.get("/lists/default?q=0101"))) == 1
    assert "Nobody fits this search" in console.get("/lists/default?q=99999")
    assert "Nobody fits" in console.get("/lists/default?channel=sms")
    assert "fault" in console.get("/lists/default?channel=pigeon")


def test_l07_a_file_is_looked_at_brought_in_watched_and_taken_back(heed: Heed):
    console = signed_in(heed)
    rows = "number,reason\n" + "\n".join(f"{number},asked" for number in NUMBERS[:3]) + "\nnot a number,x\n"

    def send(path: str, **fields: str):
        data = {"csrf": console.token(), "file": (io.BytesIO(rows.encode()), "out.csv"), **fields}
        return console.client.post(path, data=data)

    seen = send("/lists/default/import/preview").text
    assert NUMBERS[0] in seen
    assert heed.get("/v1/lists/default/entries")["items"] == []
    where = send("/lists/default/import").headers["Location"]
    running = console.get(where)
    heed.work()
    done = console.get(where)

    assert 'data-poll="1"' in running
    assert "data-poll" not in done
    assert re.search(r"New on the list</dt><dd>3", done)
    rejected = console.client.get(re.search(r'href="(/imports/[^"]+rejected.csv)"', done)[1])
    assert "not a number" in rejected.text
    assert NUMBERS[0] in console.client.get("/lists/default/export").text
    console.done(re.search(r'action="(/imports/[^"]+/undo)"', done)[1])
    heed.work()
    assert "was taken back" in console.get(where)
    assert console.client.post("/lists/default/import", data={"csrf": console.token()}).status_code == 422


def test_b04_a_viewer_sees_lists_and_changes_nothing(heed: Heed):
    console = signed_in(heed, "viewer")
    heed.act("add_to_opt_out", number=NUMBERS[0])

    page = console.get("/lists/default")

    assert NUMBERS[0] in page
    assert "Add" not in re.sub(r"Address|aria-label", "", page).partition("<main")[2]
    for path in ("/lists/default/people", "/lists/default/remove", "/lists", "/lists/default/settings"):
        assert console.post(path, address=NUMBERS[1], name="X", keywords="X").status_code == 403
    assert console.client.get("/lists/default/export").status_code == 403
    assert console.client.get("/lists/new").status_code == 403


def test_lists_of_another_organisation_are_not_there(heed: Heed):
    from tests.oracles import other_organisation

    other = other_organisation(heed)
    heed.call("POST", "/v1/lists", {"name": "Theirs", "keywords": ["X"]}, key=other)

    console = signed_in(heed)

    assert console.client.get("/lists/theirs").status_code == 404
    assert "Theirs" not in console.get("/lists")
