"""Consent against a plain model: any order of words, blocks, erasures, imports, pauses, claims and crashes."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import make_url

from connector.domain.messages import Accepted
from connector.engine.tick import tick
from connector.providers.console import Console
from tests.actions.people import a_list, says
from tests.engine.scenes import SECOND, campaign, claim, enrol, turn
from tests.heed import Heed
from tests.oracles import post_bytes
from tests.proof.consent_model import Model, Send
from tests.servers import Databases

PEOPLE = ("+14155550201", "+14155550202", "+14155550203")
LISTS = ("default", "news")
people = st.sampled_from(PEOPLE)
lists = st.sampled_from(LISTS)
channels = st.sampled_from(("sms", "whatsapp", "all"))


class Witness(Console):
    """The provider: it accepts, and writes down what it was handed."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def deliver(self, message: Any, _permit: Any, _settings: Any) -> Accepted:
        self.texts.append(f"{message.text} {message.to}")
        return Accepted(None)


class Consent(RuleBasedStateMachine):
    """Every rule is a call of the public interface, and the same thing said to the model."""

    make: Callable[[], Heed]

    def __init__(self) -> None:
        super().__init__()
        self.heed = self.make()
        self.model, self.witness, self.count = Model(), Witness(), 0
        self.held: tuple[int, list[Any]] | None = None
        self._watch()
        self.news = a_list(self.heed, "News")["key"]
        self.sender = self.heed.sender()
        self.campaign = campaign(self.heed, None, sender=self.sender["id"], lists=["news"])
        turn(self.heed, self.campaign, "start")

    def _watch(self) -> None:
        self.heed.house.providers["console"] = self.witness  # type: ignore[index]

    def _act(self, action: str, **values: Any) -> str:
        """Run an action for one person on one list; its status."""
        self.heed.clock.pass_by(SECOND)
        (one,) = self.heed.act(action, **values)["results"]
        return str(one["status"])

    @rule(person=people, list_=lists, channel=channels)
    def opts_out(self, person: str, list_: str, channel: str) -> None:
        status = self._act("add_to_opt_out", number=person, lists=[list_], channel=channel)
        assert status in ("added", "already")
        self.model.say(person, list_, channel, "out")

    @rule(person=people, list_=lists, channel=st.sampled_from(("sms", "whatsapp")))
    def is_taken_off(self, person: str, list_: str, channel: str) -> None:
        was_out = self.model.word(person, list_, channel) == "out"
        status = self._act("remove_from_opt_out", number=person, lists=[list_], channel=channel)
        assert status == ("removed" if was_out else "absent")
        if was_out:
            self.model.say(person, list_, channel, "cleared")

    @rule(person=people, list_=lists, channel=channels)
    def opts_in(self, person: str, list_: str, channel: str) -> None:
        status = self._act("record_opt_in", number=person, lists=[list_], channel=channel)
        assert status in ("added", "already")
        self.model.say(person, list_, channel, "in")

    @rule(person=people)
    def is_welcome_again(self, person: str) -> None:
        """Every "no" that can be lifted is."""
        self.is_blocked(person, False)
        for list_ in LISTS:
            self.opts_in(person, list_, "all")

    @rule(person=people, list_=lists)
    def an_old_no_turns_up(self, person: str, list_: str) -> None:
        """What was said in 2020 counts where nothing was said since."""
        spoke = any((person, list_, channel) in self.model.words for channel in ("sms", "all"))
        old = {"channel": "sms", "occurred_at": "2020-01-01T00:00:00Z"}
        status = self._act("add_to_opt_out", number=person, lists=[list_], **old)
        if spoke:
            assert status in ("superseded", "already")
        else:
            assert status == "added"
            self.model.say(person, list_, "sms", "out", at=-1)

    @rule(person=people, word=st.sampled_from(("STOP", "START")))
    def writes(self, person: str, word: str) -> None:
        if person in self.model.erased:
            return  # their own word brings them back: tests/web/test_erasing.py
        self.heed.clock.pass_by(SECOND)
        self.count += 1
        says(self.heed, self.sender, word, person, id=f"m-{self.count}")
        self.model.say(person, "default", "sms", "out" if word == "STOP" else "in")

    @rule(person=people, list_=lists)
    def is_imported(self, person: str, list_: str) -> None:
        self._import(list_, f"number,channel\n{person},sms\n")
        self.model.say(person, list_, "sms", "out")

    @rule(person=people, list_=lists)
    def is_imported_as_a_yes(self, person: str, list_: str) -> None:
        """Without newer evidence that turns no "no" into anything."""
        if self.model.word(person, list_, "sms") == "out":
            self._import(list_, f"number,channel,state\n{person},sms,in\n")

    def _import(self, list_: str, text: str) -> None:
        self.heed.clock.pass_by(SECOND)
        answer = post_bytes(self.heed, f"/v1/lists/{list_}/import?async=1", text.encode(), "text/csv")
        assert answer.status_code == 202, answer.text
        for number in self.heed.house.bringing.unfinished():
            while self.heed.house.bringing.work(number, 5.0):
                pass

    @rule(person=people, blocked=st.booleans())
    def is_blocked(self, person: str, blocked: bool) -> None:
        self.heed.clock.pass_by(SECOND)
        answer = self.heed.call("PUT", "/v1/profiles/block", {"number": person, "blocked": blocked})
        assert answer.status_code in (200, 202), answer.text
        (self.model.blocked.add if blocked else self.model.blocked.discard)(person)
        self.model.mark()

    @rule(state=st.sampled_from(("none", "in", "out")))
    def the_default_changes(self, state: str) -> None:
        self.heed.clock.pass_by(SECOND)
        assert self.heed.call("PUT", "/v1/defaults", {"sms": state}).status_code in (200, 202)
        self.model.defaults["sms"] = state
        self.model.mark()

    @precondition(lambda self: len(self.model.erased) < 1)
    @rule(person=people)
    def is_erased(self, person: str) -> None:
        self.heed.clock.pass_by(SECOND)
        answer = self.heed.call("POST", "/v1/profiles/erase", {"number": person})
        assert answer.status_code in (200, 202), answer.text
        self.model.erased.add(person)
        self.model.mark()

    @rule(person=people)
    def is_sent_to(self, person: str) -> None:
        self.count += 1
        body = {"sender": self.sender["id"], "number": person, "lists": ["news"], "text": f"t{self.count}"}
        answer = self.heed.call("POST", "/v1/actions/send_with_suppression", {**body, "async": True})
        assert answer.status_code in (200, 202), answer.text
        self.model.open.append(Send(person, f"t{self.count} {person}"))
        self.model.mark()

    @rule(person=people)
    def is_enrolled(self, person: str) -> None:
        (status,) = enrol(self.heed, self.campaign, [person])
        if status == "enrolled":
            self.model.open.append(Send(person, f"step 1 {person}", campaign=True))
            self.model.mark()

    @rule()
    def the_campaign_is_turned(self) -> None:
        turn(self.heed, self.campaign, "resume" if self.model.paused else "pause")
        self.model.paused = not self.model.paused

    @precondition(lambda self: self.held is None)
    @rule()
    def a_worker_claims(self) -> None:
        """It takes in hand what the model lets go, and nothing else."""
        self.heed.clock.pass_by(SECOND)
        token, works = claim(self.heed)
        taken = sorted(f"{work.message.text} {work.message.to}" for work in works or ())
        allowed = {one.text: one for one in self.model.may_leave()}
        assert set(taken) <= set(allowed)
        assert len(taken) == len(set(taken))
        assert {text for text, one in allowed.items() if not one.refused} <= set(taken)
        for text in taken:
            allowed[text].in_hand = True
        self.held = (token, list(works or ()))

    @precondition(lambda self: self.held is not None)
    @rule()
    def it_hands_over(self) -> None:
        token, works = self.held or (0, [])
        sender = self.heed.house.sender
        if works:
            sender._settle(token, [sender._hand_over(work) for work in works])
        self._end("sent")

    def _end(self, how: str) -> None:
        ended = [one for one in self.model.open if one.in_hand]
        self.model.ended |= {one.text: how for one in ended}
        self.model.open = [one for one in self.model.open if not one.in_hand]
        self.held = None

    @precondition(lambda self: self.held is None)
    @rule(person=people)
    def a_worker_dies_at_work(self, person: str) -> None:
        self.is_welcome_again(person)
        self.is_sent_to(person)
        self.a_worker_claims()
        self.everything_stops_and_starts_again()

    @precondition(lambda self: self.held is None)
    @rule(person=people)
    def a_message_goes_its_way(self, person: str) -> None:
        self.is_welcome_again(person)
        self.is_sent_to(person)
        self.a_worker_claims()
        self.it_hands_over()

    @rule()
    def everything_stops_and_starts_again(self) -> None:
        """What was in hand is unknown for good, and nothing else is lost."""
        self.heed.close()
        self.heed = Heed(self.heed.url, self.heed.home, self.heed.clock, self.heed.wait_s)
        self._watch()
        self.heed.clock.pass_by(11 * SECOND)
        tick(self.heed.house.database, self.heed.clock, self.heed.house.hints)
        self._end("unknown")

    @invariant()
    def everyone_is_answered_as_the_model_says(self) -> None:
        for channel in ("sms", "whatsapp"):
            asked = [{"number": person} for person in PEOPLE]
            for named in (["default"], ["news"]):
                answer = self.heed.act("check_consent", recipients=asked, channel=channel, lists=named)
                told = [one["allowed"] for one in answer["decisions"]]
                assert told == [self.model.allows(person, channel, tuple(named)) for person in PEOPLE], (channel, named)

    @invariant()
    def the_provider_was_handed_each_message_once(self) -> None:
        sent = [text for text, how in self.model.ended.items() if how == "sent"]
        assert sorted(self.witness.texts) == sorted(sent)

    def teardown(self) -> None:
        """Everything that may leave leaves, and nothing is stuck or open to doubt."""
        if self.held is not None:
            self.it_hands_over()
        if self.model.paused:
            self.the_campaign_is_turned()
        person = next(one for one in PEOPLE if one not in self.model.erased)
        self.a_worker_dies_at_work(person)
        self.a_message_goes_its_way(person)
        statuses = [one["status"] for one in self.heed.get("/v1/sends?limit=1000")["items"]]
        told = {name: statuses.count(name) for name in set(statuses)}
        ended = list(self.model.ended.values())
        assert told.get("sent", 0) == ended.count("sent") == len(self.witness.texts)
        assert told.get("unknown", 0) == ended.count("unknown")
        assert set(told) <= {"sent", "unknown", "suppressed"}, told
        self.everyone_is_answered_as_the_model_says()
        self.heed.close()
        RUNS.append((len(self.witness.texts), told.get("suppressed", 0), told.get("unknown", 0)))


#: (sent, suppressed, unknown) of each run: that the machine did something.
RUNS: list[tuple[int, int, int]] = []


@pytest.mark.parametrize(("engine", "examples"), [("sqlite", 6), ("postgresql", 4)])
def test_any_order_of_events_ends_as_the_model_says(
    engine: str, examples: int, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    made = 0

    def make() -> Heed:
        nonlocal made
        made += 1
        home = tmp_path / str(made)
        home.mkdir()
        if engine == "sqlite":
            shutil.copy(request.getfixturevalue("migrated"), home / "heed.db")
            return Heed(f"sqlite:///{home / 'heed.db'}", home, wait_s=0.01)
        server: Databases = request.getfixturevalue("postgres_server")
        url = server.fresh_database(make_url(request.getfixturevalue("template")).database)
        return Heed(url, home, wait_s=0.01)

    RUNS.clear()
    machine = type("ConsentOn", (Consent,), {"make": staticmethod(make)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=30, deadline=None, database=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip

    sent, suppressed, unknown = (sum(one) for one in zip(*RUNS, strict=True))
    print(f"{engine}: {len(RUNS)} runs, {sent} sent, {suppressed} suppressed, {unknown} unknown")
    assert min(sent, suppressed, unknown) > 0
