"""For an operator without a browser: ``heed campaigns``, ``explain``, ``keys``, ``org`` and ``db``."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from connector.cli import main
from connector.demo.launch import Running
from tests.engine.scenes import eventually, numbers, seen, send_later
from tests.heed import KEY, Heed

Run = Callable[..., Result]


@pytest.fixture
def run(heed: Heed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    for name, value in {"HOME": heed.home, "DATABASE_URL": heed.url, "SECRET": "s" * 32, "BOOTSTRAP_KEY": KEY}.items():
        monkeypatch.setenv(f"HEED_{name}", str(value))

    def call(*arguments: str, code: int = 0, given: str | None = None) -> Result:
        answer = CliRunner().invoke(main, arguments, input=given)
        assert answer.exit_code == code, (answer.output, answer.exception)
        return answer

    return call


def drafted(heed: Heed, run: Run, provider: Running, **values: object) -> str:
    steps = [{"text": "Hello {{ first_name }}"}]
    body = {"kind": "broadcast", "name": "Spring sale", "sender": heed.sender(provider.url)["id"], "steps": steps}
    return str(json.loads(run("campaigns", "make", "-", "--json", given=json.dumps(body | values)).stdout)["id"])


def test_a_campaign_is_made_filled_run_and_read_without_a_browser(
    heed: Heed, run: Run, provider: Running, tmp_path: Path
) -> None:
    people = numbers(3)
    name = drafted(heed, run, provider)
    heed.act("add_to_opt_out", number=people[2])
    (tmp_path / "people.csv").write_text(
        "Phone;First\n" + "".join(f"{one};Ada\n" for one in people) + "12;Ada\n", encoding="utf-8"
    )
    mapped = ("--map", "Phone:number", "--map", "First:first_name")
    done = run("campaigns", "enrol", "Spring sale", "people.csv", *mapped)
    assert done.stdout.strip() == "rows=4 enrolled=3 already=0 opted_out=0 rejected=1"
    assert "line 5" in done.stderr
    assert "draft" in run("campaigns", "list").stdout
    assert "is a draft" not in run("campaigns", "show", name).stdout
    assert json.loads(run("campaigns", "show", "spring SALE", "--json").stdout)["id"] == name

    assert json.loads(run("campaigns", "start", name, "--json").stdout)["status"] == "running"
    with heed.working():
        watched = run("campaigns", "report", name, "--watch", "--json").stdout.splitlines()
    last = json.loads(watched[-1])
    assert (last["status"], last["sent"], last["suppressed"]) == ("done", 2, 1)
    assert len(seen(provider, people)) == 2
    told = run("campaigns", "report", name).stdout
    assert "opted out 1" in told
    assert "1 contacts skipped (opted-out)" in told
    assert run("campaigns", "report", name, "--watch").stdout.startswith("done: 3 of 3 sent=2 suppressed=1")

    rows = list(csv.DictReader(io.StringIO(run("campaigns", "rows", name).stdout)))
    assert {row["recipient"]: row["status"] for row in rows} == dict(
        zip(people, ("sent", "sent", "suppressed"), strict=True)
    )
    run("campaigns", "rows", name, "rows.csv")
    assert len((tmp_path / "rows.csv").read_text().splitlines()) == 4


def test_a_campaign_stops_when_it_is_told(heed: Heed, run: Run, provider: Running, tmp_path: Path) -> None:
    people = numbers(2)
    name = drafted(heed, run, provider, steps=[{"text": "Hello"}])
    (tmp_path / "people.csv").write_text("\n".join(people) + "\n")
    run("campaigns", "enrol", name, "people.csv")
    run("campaigns", "start", name)
    assert "nothing of it is in flight" in run("campaigns", "pause", name).stdout
    heed.work()
    assert seen(provider, people) == []
    run("campaigns", "resume", name)
    heed.work()
    assert len(seen(provider, people)) == 2
    run("campaigns", "cancel", name)
    assert "cancelled" in run("campaigns", "resume", name, code=1).stderr


def test_what_is_wrong_with_a_command_is_said(heed: Heed, run: Run, provider: Running, tmp_path: Path) -> None:
    drafted(heed, run, provider)
    drafted(heed, run, provider)
    assert "Several campaigns" in run("campaigns", "start", "Spring sale", code=1).stderr
    assert "no such campaign" in run("campaigns", "show", "nowhere", code=1).stderr
    assert "not JSON" in run("campaigns", "make", "-", code=2, given="{").stderr
    assert "sender" in run("campaigns", "make", "-", code=1, given='{"kind": "broadcast"}').stderr
    (tmp_path / "people.csv").write_text("12\n")
    name = drafted(heed, run, provider, name="Another", steps=[{"text": "Hello"}])
    assert "rejected=1" in run("campaigns", "enrol", name, "people.csv", code=1).stdout
    run("campaigns", "enrol", name, "people.csv", "--map", "Phone", code=2)


def test_explain_says_of_every_message_why_it_was_not_sent(heed: Heed, run: Run, provider: Running) -> None:
    person, other = numbers(2)
    made = drafted(heed, run, provider, name="[red]Sale\x1b[31m", steps=[{"text": "Hello"}])
    heed.post(f"/v1/campaigns/{made}/enrol", {"recipients": [{"number": person}]})
    sender = heed.sender(provider.url)["id"]
    send_later(heed, sender, other)
    send_later(heed, sender, person, send_at="2199-01-01T00:00:00Z", reference="order 7")
    heed.act("add_to_opt_out", number=person, channel="sms")
    heed.post(f"/v1/campaigns/{made}/start")
    heed.work()

    found = json.loads(run("explain", person, "--json").stdout)
    assert [one["status"] for one in found["unsent"]] == ["suppressed", "suppressed"]
    direct, step = found["unsent"]
    assert (direct["reference"], direct["campaign_name"]) == ("order 7", None)
    assert (step["step"], step["channel"], step["reasons"][0]["list"]["name"]) == (1, "sms", "Default")
    assert (found["now"]["sms"]["allowed"], found["now"]["whatsapp"]["allowed"]) == (False, True)
    told = run("explain", person).stdout
    assert "opted out on Default (sms) since 20" in told
    assert "[red]Sale<U+001B>[31m, step 1 (sms)" in told
    assert "a direct send, order 7" in told
    assert "No message to this address was kept back" in run("explain", other).stdout
    run("explain", "12", code=1)


def test_keys_and_organisations_come_and_go_by_the_command(heed: Heed, run: Run) -> None:
    made = json.loads(run("keys", "create", "--name", "n8n", "--scope", "read", "--json").stdout)
    assert heed.call("GET", "/v1/me", key=made["key"]).status_code == 200
    listed = run("keys", "list").stdout
    assert made["id"] in listed
    assert made["key"] not in listed
    run("keys", "revoke", made["id"])
    eventually(lambda: heed.call("GET", "/v1/me", key=made["key"]).status_code == 401)
    assert "no such key" in run("keys", "revoke", made["id"], code=1).stderr
    theirs = json.loads(run("org", "create", "Acme", "--json").stdout)
    assert heed.call("GET", "/v1/me", key=theirs["admin_key"]).json["organisation"]["id"] == theirs["id"]
    run("org", "create", "", code=1)


@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
def test_d09_a_copied_database_is_confirmed_by_the_command(
    heed: Heed, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("db", "check").stdout.strip() == "the database keeps what it confirms"
    heed.close()
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(tmp_path / "heed.db", tmp_path / "elsewhere" / "heed.db")
    monkeypatch.setenv("HEED_DATABASE_URL", f"sqlite:///{tmp_path / 'elsewhere' / 'heed.db'}")
    assert "it lies at another path" in run("db", "check", code=1).stderr
    assert "Sending is held" in run("campaigns", "list").stderr
    monkeypatch.setenv("USER", "ada")
    assert "messages leave from here" in run("db", "confirm").stdout
    assert "by heed command (ada)" in run("db", "check").stdout
    assert "nothing to confirm" in run("db", "confirm").stdout
