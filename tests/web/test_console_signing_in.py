"""Signing in to the console: by name and password or by key, and when a session is over."""

import re

import pytest
from click.testing import CliRunner

from connector.domain.instants import HOUR, MINUTE
from connector.engine.sessions import IDLE, LONGEST, TRIES, WINDOW
from connector.store import tables
from tests.heed import Heed
from tests.web.console import PASSWORD, Console, signed_in, user


def test_b04_who_is_not_signed_in_is_led_to_the_door_and_back(heed: Heed):
    user(heed, name="Anna")
    console = Console(heed)

    assert (
        console.client.get("/password?q=%2B14155550123").headers["Location"]
        == "/login?next=%2Fpassword%3Fq%3D%252B14155550123"
    )
    answer = console.sign_in("Anna", next="/password?q=%2B14155550123")

    assert answer.headers["Location"] == "/password?q=%2B14155550123"
    assert "Anna" in console.get("/")


def test_the_door_leads_to_no_other_site(heed: Heed):
    user(heed, name="Anna")
    for where in ("https://evil.example", "//evil.example", "/\\evil.example", "evil"):
        assert Console(heed).sign_in("Anna", next=where).headers["Location"] == "/"


def test_a_name_is_known_whatever_its_case(heed: Heed):
    user(heed, name="Anna  Méier")

    assert Console(heed).sign_in("anna MÉIER").status_code == 303


def test_an_unknown_name_and_a_wrong_password_answer_the_same(heed: Heed):
    user(heed, name="Anna")
    user(heed, name="Off")
    heed.call("PATCH", f"/v1/users/{heed.get('/v1/users')['items'][1]['id']}", {"disabled": True})

    answers = [
        Console(heed).sign_in(name, password)
        for name, password in (("Anna", "wrong password"), ("Nobody", "wrong password"), ("Off", PASSWORD))
    ]

    texts = {re.sub(r'(value|data-csrf)="[^"]*"', "", answer.text) for answer in answers}
    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert len(texts) == 1
    assert "fit together" in texts.pop()


@pytest.mark.parametrize("name", ["Anna", "Nobody"])
def test_guessing_is_slowed_down_whether_or_not_there_is_such_a_user(heed: Heed, name: str):
    user(heed, name="Anna")

    statuses = [Console(heed).sign_in(name, "a wrong one").status_code for _ in range(TRIES[0] + 1)]
    right = Console(heed).sign_in("Anna").status_code
    later = Console(heed).sign_in(name, "a wrong one").headers["Retry-After"]
    heed.clock.pass_by(WINDOW + MINUTE)

    assert statuses == [401] * TRIES[0] + [429]
    assert later == str(WINDOW // 1_000_000)
    assert right == (429 if name == "Anna" else 303)
    assert Console(heed).sign_in("Anna").status_code == 303


def test_guessing_many_names_from_one_network_is_slowed_down_too(heed: Heed):
    statuses = [Console(heed).sign_in_with_key(f"heed_{number}_x").status_code for number in range(TRIES[1] + 1)]

    assert statuses == [401] * TRIES[1] + [429]


def test_right_passwords_are_no_tries(heed: Heed, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("connector.engine.sessions.TRIES", (2, 3, 4))
    user(heed, name="Anna")

    assert {Console(heed).sign_in("Anna").status_code for _ in range(6)} == {303}


def test_an_api_key_opens_the_console_and_its_scopes_rule(heed: Heed):
    key = heed.post("/v1/keys", {"name": "Looker", "scopes": ["read"]})["key"]
    console = Console(heed)

    assert console.sign_in_with_key("heed_no_such").status_code == 401
    assert console.sign_in_with_key(key).status_code == 303
    assert "Looker" in console.get("/")


def test_a_session_by_key_ends_with_the_key(heed: Heed):
    made = heed.post("/v1/keys", {"name": "Looker", "scopes": ["read"]})
    console = Console(heed)
    console.sign_in_with_key(made["key"])

    heed.call("DELETE", f"/v1/keys/{made['id']}")

    assert console.client.get("/").headers["Location"] == "/login"


def test_the_cookie_is_hidden_from_scripts_and_other_sites_and_the_database_holds_only_its_hash(heed: Heed):
    user(heed, name="Anna")
    cookie = next(one for one in Console(heed).sign_in("Anna").headers.getlist("Set-Cookie") if "session" in one)

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    token = cookie.partition("=")[2].partition(";")[0]
    with heed.house.database.read() as connection:
        rows = connection.execute(tables.sessions.select()).all()
    assert len(token) > 40
    assert token not in str(rows)


def test_over_https_the_cookie_is_sent_only_there(heed: Heed, monkeypatch: pytest.MonkeyPatch):
    user(heed, name="Anna")
    object.__setattr__(heed.house, "public_url", "https://heed.test")

    cookies = [one for one in Console(heed).sign_in("Anna").headers.getlist("Set-Cookie") if "session" in one]

    assert [one.startswith("__Host-heed-session=") and "Secure" in one and "Path=/" in one for one in cookies] == [True]


def test_signing_out_ends_the_session_for_whoever_kept_its_cookie(heed: Heed):
    console = signed_in(heed)
    kept = console.client.get_cookie("heed-session").value
    page = console.done("/logout")

    other = Console(heed)
    other.client.set_cookie("heed-session", kept)

    assert "Sign in" in page
    assert other.client.get("/").headers["Location"] == "/login"


@pytest.mark.parametrize(
    ("pauses", "open_"),
    [
        # used again and again, it lasts
        ([IDLE - HOUR] * 3, True),
        # not used for long
        ([IDLE + MINUTE], False),
        # used all the time, and at its end nevertheless
        ([IDLE - HOUR] * (LONGEST // (IDLE - HOUR) + 1), False),
    ],
)
def test_a_session_ends_when_it_is_not_used_and_at_last_anyway(heed: Heed, pauses: list[int], open_: bool):
    console = signed_in(heed)
    statuses = []
    for pause in pauses:
        heed.clock.pass_by(pause)
        statuses.append(console.client.get("/").status_code)

    assert (statuses[-1] == 200) is open_
    assert set(statuses[:-1]) <= {200}


@pytest.mark.parametrize(
    "change", [{"role": "viewer"}, {"disabled": True}, {"password": "another password"}, {"password": None}]
)
def test_a_change_of_role_or_password_signs_out_everywhere(heed: Heed, change: dict):
    console = signed_in(heed, name="Anna")
    made = heed.get("/v1/users")["items"][0]

    assert heed.call("PATCH", f"/v1/users/{made['id']}", change).status_code == 200

    assert console.client.get("/").headers["Location"] == "/login"


def test_a_deleted_user_is_signed_out(heed: Heed):
    console = signed_in(heed, name="Anna")

    heed.call("DELETE", f"/v1/users/{heed.get('/v1/users')['items'][0]['id']}")

    assert console.client.get("/").headers["Location"] == "/login"
    assert console.sign_in("Anna").status_code == 401


def test_another_name_changes_nothing_else(heed: Heed):
    console = signed_in(heed, name="Anna")

    heed.call("PATCH", f"/v1/users/{heed.get('/v1/users')['items'][0]['id']}", {"name": "Anne"})

    assert "Anne" in console.get("/")


def test_a_password_that_somebody_else_made_must_be_replaced_first(heed: Heed):
    made = heed.post("/v1/users", {"name": "Anna", "role": "viewer"})
    console = Console(heed)
    console.sign_in("Anna", made["password"])

    assert "Somebody else made" in console.get("/")
    wrong = console.post("/password", old="not it", new="a new password", again="a new password")
    short = console.post("/password", old=made["password"], new="short", again="short")
    other = console.post("/password", old=made["password"], new="a new password", again="another password")
    same = console.post("/password", old=made["password"], new=made["password"], again=made["password"])
    page = console.done("/password", old=made["password"], new="a new password", again="a new password")

    assert [one.status_code for one in (wrong, short, other, same)] == [422] * 4
    assert "Your password is changed" in page
    assert Console(heed).sign_in("Anna", made["password"]).status_code == 401
    assert Console(heed).sign_in("Anna", "a new password").status_code == 303


def test_ones_own_new_password_signs_out_everywhere_else(heed: Heed):
    here, there = signed_in(heed, name="Anna"), Console(heed)
    there.sign_in("Anna")

    here.done("/password", old=PASSWORD, new="a new password", again="a new password")

    assert here.client.get("/").status_code == 200
    assert there.client.get("/").status_code == 303


def test_the_first_admin_is_made_at_the_machine(heed: Heed, monkeypatch: pytest.MonkeyPatch):
    from connector import cli, settings

    monkeypatch.setattr(settings, "load", lambda: heed.settings)
    said = CliRunner().invoke(cli.main, ["users", "create", "Anna", "--role", "admin"])
    assert said.exit_code == 0, said.output
    password = said.output.rpartition(": ")[2].strip()
    console = Console(heed)

    assert console.sign_in("Anna", password).status_code == 303
    again = CliRunner().invoke(cli.main, ["users", "create", "anna"])
    assert (again.exit_code, "There is a user of that name" in again.output) == (1, True)
    found = CliRunner().invoke(cli.main, ["users", "list"])
    assert "Anna" in found.output
    number = heed.get("/v1/users")["items"][0]["id"]
    reset = CliRunner().invoke(cli.main, ["users", "reset", number])
    assert Console(heed).sign_in("Anna", reset.output.rpartition(": ")[2].strip()).status_code == 303
    assert Console(heed).sign_in("Anna", password).status_code == 401
