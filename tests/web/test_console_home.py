"""The first page: what was said by day, what was kept back, and what needs a person."""

import re

from connector.domain.instants import DAY, MINUTE
from connector.domain.words import SendStatus
from connector.store import tables
from tests.heed import Heed
from tests.oracles import other_organisation
from tests.web.console import signed_in


def told(page: str, title: str) -> list[list[str]]:
    """The rows of the table beside a plot: the label, and a number for each series."""
    part = page.partition(f'aria-label="{title}"')[2].partition("</table>")[0]
    rows = part.partition("<tbody>")[2].split("</tr>")[:-1]
    return [re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", row) for row in rows]


def test_b04_words_are_counted_by_day_channel_and_source(heed: Heed):
    console = signed_in(heed)
    for place in range(3):
        heed.act("add_to_opt_out", number=f"+1415555012{place}", channel="sms")
    heed.clock.pass_by(DAY)
    console = signed_in(heed, name="Later")
    heed.act("add_to_opt_out", email="ann@shop.example", channel="email")
    heed.act("record_opt_in", number="+14155550130", channel="sms")
    console.done("/people/flag", q="+14155550131", channel="sms", state="out")

    before = console.get("/")
    heed.clock.pass_by(MINUTE)
    assert heed.house.desk.overview.count() == 6
    assert heed.house.desk.overview.count() == 0
    after = console.get("/")

    assert told(before, "Opt-outs by day") == told(after, "Opt-outs by day")
    assert [row[1:] for row in told(after, "Opt-outs by day")][-2:] == [["3", "0"], ["1", "1"]]
    assert [row[1:] for row in told(after, "Opt-ins by day")][-1] == ["1"]
    assert [row[1:] for row in told(console.get("/?by=source"), "Opt-outs by day")][-2:] == [["3", "0"], ["1", "1"]]
    assert len(told(console.get("/?days=30"), "Opt-outs by day")) == 30


def test_the_count_goes_on_where_it_stopped_and_says_nothing_twice(heed: Heed):
    seen = []
    for place in range(5):
        heed.act("add_to_opt_out", number=f"+1415555012{place}", channel="sms")
        heed.clock.pass_by(MINUTE)
        heed.house.desk.overview.count()
        with heed.house.database.read() as connection:
            seen.append(sum(row.count_ for row in connection.execute(
                tables.days.select().with_only_columns(tables.days.c.count.label("count_"))
            )))  # fmt: skip

    assert seen == [1, 2, 3, 4, 5]


def test_what_another_organisation_heard_is_not_counted(heed: Heed):
    other = other_organisation(heed)
    heed.call("POST", "/v1/actions/add_to_opt_out", {"number": "+14155550123"}, key=other)
    console = signed_in(heed)
    assert "Nobody has opted out in these days" in console.get("/")

    heed.clock.pass_by(MINUTE)
    heed.house.desk.overview.count()

    assert "Nobody has opted out in these days" in console.get("/")


def test_what_an_account_with_lists_of_its_own_heard_is_its_own(heed: Heed):
    account = heed.post("/v1/accounts", {"name": "Shop", "own_lists": True})["id"]
    key = heed.post("/v1/keys", {"name": "Shop", "scopes": ["write"], "account": account})["key"]
    heed.call("POST", "/v1/actions/add_to_opt_out", {"number": "+14155550123"}, key=key)
    heed.post("/v1/users", {"name": "Sam", "role": "viewer", "account": account, "password": "correct horse battery"})
    ours = signed_in(heed)
    theirs = signed_in(heed, name="x")
    theirs.client.delete_cookie("heed-session")
    theirs.sign_in("Sam")

    assert "Nobody has opted out in these days" in ours.get("/")
    assert "Nobody has opted out in these days" not in theirs.get("/")


def test_messages_kept_back_are_counted_by_reason(heed: Heed):
    console = signed_in(heed)
    sender = heed.sender()
    heed.act("add_to_opt_out", number="+14155550123", channel="sms")
    people = [{"number": "+14155550123"}, {"number": "+14155550124"}]
    with heed.working():
        heed.act("send_with_suppression", sender=sender["id"], text="Sale", recipients=people)

    page = console.get("/")

    assert re.search(r"opted out</th><td class=\"number\">1<", page)
    assert "Nothing. All is well." in page


def test_what_needs_a_person_is_named(heed: Heed):
    console = signed_in(heed)
    sender = heed.sender()
    heed.act("send_with_suppression", sender=sender["id"], text="Hi", number="+14155550123", **{"async": True})
    hook = heed.post("/v1/webhooks", {"url": "https://hooks.example"})
    assert hook
    with heed.house.database.write() as connection:
        now = heed.clock()
        connection.execute(tables.sends.update().values(status=SendStatus.UNKNOWN.value, settled_at=now))
        connection.execute(tables.webhooks.update().values(failing_since=now))

    page = console.get("/")

    assert re.search(r"<b>1</b>\s*(?:<a[^>]*>)?webhooks that nothing arrives at", page)
    assert re.search(r"<b>1</b>\s*(?:<a[^>]*>)?messages of this week", page)
    heed.clock.pass_by(8 * DAY)
    later = signed_in(heed, name="Later").get("/")
    assert "messages of this week" not in later
