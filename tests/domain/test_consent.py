"""The decision, rule by rule and reason by reason, and what no combination may ever let through."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.consent import Decision, Fact, Facts, Hold, Question, Word, decide
from connector.domain.forms import CONFIRM_WITHIN
from connector.domain.instants import DAY, HOUR
from connector.domain.words import Channel, FactKind, Purpose, ReasonCode, State

NOW = 1_790_000_000_000_000
DEFAULT, NEWS, OTHER = 1, 2, 3
SENDER, ANOTHER_SENDER = 7, 8
SMS = Question(Channel.SMS, frozenset({DEFAULT, NEWS}), DEFAULT, NOW, sender_id=SENDER)
LOYAL = {"require_opt_in": True}
PROOF = {"require_opt_in": "explicit"}


def word(state: State, on: int = DEFAULT, channel: Channel = Channel.SMS, ago: int = DAY, **more: int) -> Word:
    return Word(on, channel, state, NOW - ago, **more)


OUT, IN, CLEARED = word(State.OUT), word(State.IN), word(State.CLEARED)
NEW_IN = word(State.IN, ago=1)
DEFAULT_OUT = {"default_state": "out"}


def fact(kind: FactKind, ago: int = DAY, sender: int = 0) -> Fact:
    return Fact(kind, NOW - ago, sender)


def asked(*known: Word | Fact | Hold, **question: object) -> Decision:
    facts = Facts(
        tuple(one for one in known if isinstance(one, Word)), tuple(one for one in known if isinstance(one, Fact)),
        tuple(one for one in known if isinstance(one, Hold)),
    )  # fmt: skip
    return decide(facts, replace(SMS, **question))


def codes(decision: Decision) -> list[str]:
    return [reason.code.value for reason in decision.reasons]


HEARD = fact(FactKind.HEARD, HOUR, SENDER)
TRANSACTIONAL, SERVICE, CONFIRMATION = ({"purpose": one} for one in tuple(Purpose)[1:])

# what is known and asked, then every reason in order
TABLE: dict[str, tuple[tuple, dict, list[str]]] = {
    "nobody has said anything": ((), {}, []),
    # 1. the address
    "an address the channel can't reach": ((IN,), {"reachable": False}, ["invalid_address"]),
    "and nothing else is looked at": ((OUT, fact(FactKind.BLOCKED)), {"reachable": False}, ["invalid_address"]),
    "whatever the purpose": ((), {"reachable": False, **TRANSACTIONAL}, ["invalid_address"]),
    # 2. hard facts
    "blocked": ((fact(FactKind.BLOCKED),), {}, ["blocked"]),
    "bounced": ((fact(FactKind.HARD_BOUNCE),), {}, ["hard_bounce"]),
    "complained": ((fact(FactKind.COMPLAINT),), {}, ["complaint"]),
    "blocked at this sender": ((fact(FactKind.PROVIDER_BLOCKED, sender=SENDER),), {}, ["provider_blocked"]),
    "blocked at another sender": ((fact(FactKind.PROVIDER_BLOCKED, sender=ANOTHER_SENDER),), {}, []),
    "a block stops a transactional message": ((fact(FactKind.BLOCKED),), TRANSACTIONAL, ["blocked"]),
    "and an answer": ((fact(FactKind.BLOCKED), HEARD), SERVICE, ["blocked"]),
    "and the confirmation": ((fact(FactKind.COMPLAINT),), CONFIRMATION, ["complaint"]),
    "and a member of a bypass group": ((fact(FactKind.HARD_BOUNCE),), {"bypass": True}, ["hard_bounce"]),
    "an opt-in lifts no block": ((fact(FactKind.BLOCKED), IN), {}, ["blocked"]),
    "all of them, in order, before the opt-out": (
        (OUT, fact(FactKind.COMPLAINT), fact(FactKind.BLOCKED)), {}, ["blocked", "complaint", "opted_out"]),
    # 3. the purpose
    "transactional passes an opt-out": ((OUT,), TRANSACTIONAL, []),
    "and a lack of consent": ((), TRANSACTIONAL | LOYAL, []),
    "the confirmation passes too": ((OUT,), CONFIRMATION, []),
    "an answer within the conversation passes": ((OUT, HEARD), SERVICE, []),
    "an answer to nobody does not": ((), SERVICE, ["no_consent"]),
    "nor one after 24 hours": ((fact(FactKind.HEARD, DAY + 1, SENDER),), SERVICE, ["no_consent"]),
    "just within 24 hours": ((fact(FactKind.HEARD, DAY - 1, SENDER),), SERVICE, []),
    "a longer window, where it is set": ((fact(FactKind.HEARD, DAY + 1, SENDER),),
                                         SERVICE | {"service_window": 2 * DAY}, []),
    "who wrote to another sender waits for no answer here": (
        (fact(FactKind.HEARD, HOUR, ANOTHER_SENDER),), SERVICE, ["no_consent"]),
    "who was asked has not written": ((fact(FactKind.PENDING, HOUR, SENDER),), SERVICE, ["no_consent"]),
    "having written is no opt-in": ((HEARD,), LOYAL, ["no_consent"]),
    # 4. the word on the lists that govern
    "out on the default list": ((OUT,), {}, ["opted_out"]),
    "out on a named list": ((word(State.OUT, NEWS),), {}, ["opted_out"]),
    "out on both": ((OUT, word(State.OUT, NEWS)), {}, ["opted_out", "opted_out"]),
    "out on a list that does not govern": ((word(State.OUT, OTHER),), {}, []),
    "out on another channel": ((word(State.OUT, channel=Channel.EMAIL),), {}, []),
    "out on all channels": ((word(State.OUT, channel=Channel.ALL),), {}, ["opted_out"]),
    "in on a named list does not lift the master stop": ((OUT, word(State.IN, NEWS)), {}, ["opted_out"]),
    "a newer in on the channel lifts an out on all": ((word(State.OUT, channel=Channel.ALL), NEW_IN), {}, []),
    "an older one does not": ((word(State.OUT, channel=Channel.ALL, ago=1), IN), {}, ["opted_out"]),
    "a newer in on all lifts an out on the channel": ((OUT, word(State.IN, channel=Channel.ALL, ago=1)), {}, []),
    "on a tie, out": ((word(State.OUT, channel=Channel.ALL), IN), {}, ["opted_out"]),
    "on a tie, out, the other way round": ((OUT, word(State.IN, channel=Channel.ALL)), {}, ["opted_out"]),
    "out before cleared, too": ((word(State.OUT, channel=Channel.ALL), CLEARED), {}, ["opted_out"]),
    "on a tie, cleared before in": ((IN, word(State.CLEARED, channel=Channel.ALL)), LOYAL, ["no_consent"]),
    "and the other way round": ((word(State.CLEARED, channel=Channel.ALL), IN), LOYAL, ["no_consent"]),
    "of two that are in, the one that ends": ((IN, word(State.IN, expires_at=NOW)), LOYAL, ["consent_expired"]),
    "also where it is read first": ((word(State.IN, expires_at=NOW), IN), LOYAL, ["consent_expired"]),
    "and of two that end, the one that ends sooner": (
        (word(State.IN, expires_at=NOW + 1), word(State.IN, channel=Channel.ALL, expires_at=NOW)), LOYAL,
        ["consent_expired"]),
    "whichever is read first": (
        (word(State.IN, channel=Channel.ALL, expires_at=NOW), word(State.IN, expires_at=NOW + 1)), LOYAL,
        ["consent_expired"]),
    "cleared is neither": ((CLEARED,), {}, []),
    "is said once, whatever consent is asked for": ((OUT,), LOYAL, ["opted_out"]),
    "and whatever the proof": ((OUT, word(State.IN, NEWS)), PROOF, ["opted_out"]),
    "a member of a bypass group passes": ((OUT,), {"bypass": True}, []),
    "also where the default is out": ((OUT,), {"bypass": True} | DEFAULT_OUT, []),
    "but is asked for consent where that is wanted": ((OUT,), {"bypass": True} | LOYAL, ["no_consent"]),
    "not only where an opt-in has ended": (
        (OUT, fact(FactKind.PENDING, sender=Channel.SMS)), {"bypass": True} | LOYAL, ["consent_pending"]),
    "and for its proof": ((OUT, word(State.OUT, NEWS)), {"bypass": True} | PROOF, ["no_consent"]),
    "an erased person stays out": ((fact(FactKind.ERASED),), {}, ["erased"]),
    "and is out like an opted-out one": ((fact(FactKind.ERASED),), TRANSACTIONAL, []),
    "who sounds like a refusal is out until somebody reads it": ((fact(FactKind.HELD_BACK),), {}, ["opted_out"]),
    "also where they said in": ((fact(FactKind.HELD_BACK), IN), LOYAL, ["opted_out"]),
    "and hears of their order": ((fact(FactKind.HELD_BACK),), TRANSACTIONAL, []),
    # 5. the flag and the proof
    "the account's default is out": ((), {"default_state": "out"}, ["no_consent"]),
    "and the person said in": ((IN,), {"default_state": "out"}, []),
    "and the person's in has expired": ((word(State.IN, expires_at=NOW),), DEFAULT_OUT, ["consent_expired"]),
    "cleared falls back to the default": ((CLEARED,), {"default_state": "out"}, ["no_consent"]),
    "the default in is a flag": ((), {"default_state": "in"} | LOYAL, []),
    "but no proof": ((), {"default_state": "in"} | PROOF, ["no_consent"]),
    "a flag is wanted and there is none": ((), LOYAL, ["no_consent"]),
    "a flag is wanted and there": ((IN,), LOYAL, []),
    "in on a named list is no flag": ((word(State.IN, NEWS),), LOYAL, ["no_consent"]),
    "but a proof": ((word(State.IN, NEWS),), PROOF, []),
    "a proof on a list that does not govern": ((word(State.IN, OTHER),), PROOF, ["no_consent"]),
    "a proof on another channel": ((word(State.IN, channel=Channel.EMAIL),), PROOF, ["no_consent"]),
    "a proof that has expired": ((word(State.IN, expires_at=NOW - 1),), PROOF, ["consent_expired"]),
    "a proof that lives": ((word(State.IN, expires_at=NOW + 1),), PROOF, []),
    "one of two has expired": ((word(State.IN, expires_at=NOW - 1), word(State.IN, NEWS)), PROOF, []),
    "a flag that has expired": ((word(State.IN, expires_at=NOW - 1),), LOYAL, ["consent_expired"]),
    "asked, and not confirmed": ((fact(FactKind.PENDING, sender=Channel.SMS),), PROOF, ["consent_pending"]),
    "who wrote to a sender whose number is the channel's was asked nothing": (
        (fact(FactKind.HEARD, sender=Channel.SMS),), PROOF, ["no_consent"]),
    "asked on another channel": ((fact(FactKind.PENDING, sender=Channel.VOICE),), PROOF, ["no_consent"]),
    "the day it ends is too long ago": (
        (fact(FactKind.PENDING, ago=CONFIRM_WITHIN, sender=Channel.SMS),), PROOF, ["no_consent"]),
    "just before that": (
        (fact(FactKind.PENDING, ago=CONFIRM_WITHIN - 1, sender=Channel.SMS),), PROOF, ["consent_pending"]),
    "an old request does not hide a new one": (
        (fact(FactKind.PENDING, ago=9 * DAY, sender=Channel.SMS), fact(FactKind.PENDING, sender=Channel.SMS)), LOYAL,
        ["consent_pending"]),
    "asked too long ago": ((fact(FactKind.PENDING, ago=8 * DAY, sender=Channel.SMS),), PROOF, ["no_consent"]),
    "cleared is no proof": ((CLEARED,), PROOF, ["no_consent"]),
    # 6. holds
    "quiet hours": ((Hold(ReasonCode.QUIET_HOURS, NOW + HOUR),), {}, ["quiet_hours"]),
    "refused is refused, not held": ((OUT, Hold(ReasonCode.QUIET_HOURS, NOW + HOUR)), {}, ["opted_out"]),
    "a transactional message is not held": ((Hold(ReasonCode.QUIET_HOURS, NOW + HOUR),), TRANSACTIONAL, []),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLE)
def test_each_rule_and_reason(case: str) -> None:
    known, question, reasons = TABLE[case]

    assert codes(asked(*known, **question)) == reasons


def test_every_reason_that_facts_can_give_stands_in_the_table() -> None:
    told = {code for _, _, reasons in TABLE.values() for code in reasons}

    elsewhere = {ReasonCode.DUPLICATE, ReasonCode.FREQUENCY_CAP}  # a row named twice; the same road as quiet hours
    assert told == set(ReasonCode) - elsewhere


def test_a_reason_names_its_list_channel_and_time() -> None:
    (reason,) = asked(word(State.OUT, NEWS, Channel.ALL, ago=5)).reasons

    assert (reason.list_id, reason.channel, reason.since) == (NEWS, Channel.ALL, NOW - 5)


def test_every_reason_says_since_when_or_for_which_channel() -> None:
    known = (fact(FactKind.BLOCKED, 5), fact(FactKind.PROVIDER_BLOCKED, 4, SENDER), fact(FactKind.ERASED, 3),
             fact(FactKind.HELD_BACK, 2), OUT)  # fmt: skip

    assert [(one.code.value, one.since) for one in asked(*known).reasons] == [
        ("blocked", NOW - 5), ("provider_blocked", NOW - 4), ("erased", NOW - 3), ("opted_out", NOW - 2),
        ("opted_out", NOW - DAY),
    ]  # fmt: skip
    pending = fact(FactKind.PENDING, sender=Channel.SMS)
    lacking = [
        asked(**LOYAL), asked(**SERVICE), asked(pending, **LOYAL), asked(word(State.IN, expires_at=NOW), **LOYAL),
        asked(OUT, bypass=True, **LOYAL), asked(**DEFAULT_OUT),
    ]  # fmt: skip
    assert [one.channel for decision in lacking for one in decision.reasons] == [Channel.SMS] * len(lacking)


def test_opt_outs_are_told_list_by_list_in_the_order_of_the_lists() -> None:
    lists = [40, 3, 17, 64, 8, 25]

    told = asked(*(word(State.OUT, one) for one in lists), lists=frozenset(lists)).reasons

    assert [reason.list_id for reason in told] == sorted(lists)


def test_who_does_not_say_a_sender_means_the_organisation_and_any_sender() -> None:
    nobodys = replace(SMS, sender_id=Question(Channel.SMS, frozenset({DEFAULT}), DEFAULT, NOW).sender_id)

    assert codes(decide(Facts(facts=(Fact(FactKind.BLOCKED, NOW),)), SMS)) == ["blocked"]
    for sender in (1, SENDER):
        blocked_there = Facts(facts=(fact(FactKind.PROVIDER_BLOCKED, sender=sender),))
        assert decide(blocked_there, nobodys).allowed
        heard_there = Facts(facts=(fact(FactKind.HEARD, HOUR, sender),))
        assert decide(heard_there, replace(nobodys, purpose=Purpose.SERVICE)).allowed


def test_what_a_question_leaves_open_is_the_cautious_reading() -> None:
    plain = Question(Channel.SMS, frozenset({DEFAULT}), DEFAULT, NOW)

    assert (plain.purpose, plain.require_opt_in, plain.bypass) == (Purpose.MARKETING, False, False)
    assert decide(Facts(), plain).allowed
    assert decide(Facts((OUT,)), plain).opted_out
    assert not decide(Facts(), replace(plain, require_opt_in=True)).allowed
    day_ago, less = (Facts(facts=(fact(FactKind.HEARD, ago),)) for ago in (DAY, DAY - 1))
    assert not decide(day_ago, replace(plain, purpose=Purpose.SERVICE)).allowed
    assert decide(less, replace(plain, purpose=Purpose.SERVICE)).allowed


@pytest.mark.parametrize(("kind", "yes"), [
    (FactKind.ERASED, True), (FactKind.HELD_BACK, True), (FactKind.BLOCKED, False), (FactKind.COMPLAINT, False),
])  # fmt: skip
def test_an_optout_number_is_one_that_said_so_or_is_taken_to_have(kind: FactKind, yes: bool) -> None:
    assert asked(fact(kind)).opted_out is yes
    assert asked(OUT).opted_out
    assert not asked(**LOYAL).opted_out


def test_held_is_until_the_last_hold_ends_and_decided_anew() -> None:
    held = asked(Hold(ReasonCode.QUIET_HOURS, NOW + HOUR), Hold(ReasonCode.FREQUENCY_CAP, NOW + DAY))

    assert (held.allowed, held.held, held.not_before) == (False, True, NOW + DAY)
    assert codes(held) == ["quiet_hours", "frequency_cap"]
    assert not asked(OUT).held


words = st.builds(
    Word,
    st.sampled_from([DEFAULT, NEWS, OTHER]),
    st.sampled_from([int(one) for one in Channel]),
    st.sampled_from([int(one) for one in State]),
    st.integers(NOW - 5, NOW),
    st.none() | st.integers(NOW - 2, NOW + 2),
)
facts = st.builds(
    Fact,
    st.sampled_from([int(one) for one in FactKind]),
    st.integers(NOW - 2 * DAY, NOW),
    st.sampled_from([0, SENDER, ANOTHER_SENDER]),
)
known_facts = st.builds(
    Facts, st.lists(words, max_size=6).map(tuple), st.lists(facts, max_size=4).map(tuple),
    st.lists(st.builds(Hold, st.just(ReasonCode.QUIET_HOURS), st.integers(NOW, NOW + DAY)), max_size=2).map(tuple),
)  # fmt: skip
questions = st.builds(
    Question, st.sampled_from([Channel.SMS, Channel.EMAIL]),
    st.sampled_from([frozenset({DEFAULT}), frozenset({DEFAULT, NEWS})]), st.just(DEFAULT), st.just(NOW),
    st.sampled_from(Purpose), st.sampled_from([False, True, "explicit"]), st.sampled_from(["in", "out", "none"]),
    st.booleans(), st.just(SENDER), st.just(DAY), st.just(True),
)  # fmt: skip

HARD = (FactKind.BLOCKED, FactKind.HARD_BOUNCE, FactKind.COMPLAINT, FactKind.PROVIDER_BLOCKED)


@given(known_facts, questions, st.sampled_from(HARD), st.sampled_from([0, SENDER]))
def test_no_purpose_flag_group_or_word_lets_a_hard_fact_through(
    known: Facts, question: Question, kind: FactKind, sender: int
) -> None:
    decision = decide(known._replace(facts=(*known.facts, Fact(kind, NOW, sender))), question)

    assert not decision.allowed
    assert not decision.held
    assert ReasonCode[kind.name] in {reason.code for reason in decision.reasons}


@given(known_facts, questions)
def test_a_newest_no_on_a_governing_list_stops_marketing(known: Facts, question: Question) -> None:
    question = replace(question, purpose=Purpose.MARKETING, bypass=False)
    said = known._replace(words=(*known.words, Word(DEFAULT, question.channel, State.OUT, NOW)))

    assert decide(said, question).opted_out


@given(known_facts, questions, st.randoms(use_true_random=False))
def test_the_order_of_what_is_known_does_not_matter(known: Facts, question: Question, dice: object) -> None:
    shuffled_words, shuffled_facts = list(known.words), list(known.facts)
    dice.shuffle(shuffled_words)
    dice.shuffle(shuffled_facts)
    unique = {(one.list_id, one.channel): one for one in known.words}
    one_each = tuple(word for word in shuffled_words if unique[word.list_id, word.channel] is word)
    first = decide(known._replace(words=tuple(unique.values())), question)
    second = decide(known._replace(words=one_each, facts=tuple(shuffled_facts)), question)

    assert set(first.reasons) == set(second.reasons)
    assert (first.allowed, first.not_before) == (second.allowed, second.not_before)


@given(known_facts, questions)
def test_asking_for_more_consent_never_allows_more(known: Facts, question: Question) -> None:
    allowed = [decide(known, replace(question, require_opt_in=one)).allowed for one in (False, True)]

    assert allowed[0] or not allowed[1]
