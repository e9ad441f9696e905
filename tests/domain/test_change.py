"""What a new word changes: the newest wins, "out" wins a tie, and the order in which words arrive does not matter."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.change import Said, change
from connector.domain.consent import Facts, Question, Word, decide, word_on
from connector.domain.words import Channel, State

CHANNELS = (Channel.ALL, Channel.SMS, Channel.EMAIL)
Words = list[tuple[State, Channel, int]]

words = st.lists(
    st.tuples(st.sampled_from([State.OUT, State.IN]), st.sampled_from(CHANNELS), st.integers(1, 6)), max_size=5
)
any_words = st.lists(
    st.tuples(st.sampled_from(State), st.sampled_from(CHANNELS), st.integers(1, 6)), max_size=6
)  # fmt: skip


def said_in_turn(some: Words) -> dict[int, Said]:
    """What stands after these words, written as the book writes them."""
    said: dict[int, Said] = {}
    for state, channel, at in some:
        made = change(said, state, channel, at, personal=True)
        said |= {written: Said(int(state), at) for written in made.writes}
    return said


def effective(said: dict[int, Said], channel: Channel) -> tuple[int, int] | None:
    """The word that holds for a channel, as the decision reads it."""
    stored = Facts(tuple(Word(1, on, word.state, word.since) for on, word in said.items()))
    word = word_on(stored, 1, channel)
    return None if word is None else (word.state, word.since)


@given(words, st.randoms(use_true_random=False))
def test_any_order_of_the_same_words_ends_in_the_same_state(some: Words, dice: object) -> None:
    shuffled = list(some)
    dice.shuffle(shuffled)

    for channel in CHANNELS[1:]:
        assert effective(said_in_turn(some), channel) == effective(said_in_turn(shuffled), channel)


@given(words)
def test_the_newest_word_holds_and_out_on_a_tie(some: Words) -> None:
    said = said_in_turn(some)

    for channel in CHANNELS[1:]:
        about = [(at, state) for state, on, at in some if on in (channel, Channel.ALL)]
        newest = max(about, key=lambda one: (one[0], one[1] is State.OUT), default=None)
        assert effective(said, channel) == (None if newest is None else (int(newest[1]), newest[0]))


@given(any_words, st.integers(1, 6))
def test_after_an_out_nothing_older_lifts_it(some: Words, at: int) -> None:
    said = said_in_turn([*some, (State.OUT, Channel.SMS, 7)])
    for state in State:
        for channel in CHANNELS:
            made = change(said, state, channel, at, personal=True)
            after = said | {written: Said(int(state), at) for written in made.writes}
            assert effective(after, Channel.SMS)[0] == State.OUT
            question = Question(Channel.SMS, frozenset({1}), 1, now=10)
            stored = Facts(tuple(Word(1, on, word.state, word.since) for on, word in after.items()))
            assert decide(stored, question).opted_out


@given(any_words, st.sampled_from([State.IN, State.CLEARED]), st.sampled_from(CHANNELS), st.integers(1, 9))
def test_a_protected_no_is_lifted_by_the_person_only(some: Words, state: State, channel: Channel, at: int) -> None:
    said = said_in_turn(some)
    made = change(said, state, channel, at, protect="person", personal=False, evidence=True)
    after = said | {written: Said(int(state), at) for written in made.writes}

    for one in CHANNELS[1:]:
        before_it = effective(said, one)
        if before_it is not None and before_it[0] == State.OUT:
            assert effective(after, one) == before_it


@given(any_words, st.sampled_from(State), st.sampled_from(CHANNELS), st.integers(1, 9))
def test_saying_it_again_changes_nothing(some: Words, state: State, channel: Channel, at: int) -> None:
    once = said_in_turn([*some, (state, channel, at)])
    twice = said_in_turn([*some, (state, channel, at), (state, channel, at)])

    assert once == twice


OUT, IN, CLEARED = State.OUT, State.IN, State.CLEARED
SMS, EMAIL, ALL = Channel.SMS, Channel.EMAIL, Channel.ALL

# said before, (word, channel, when), status, channels written
CASES = {
    "a first out": ([], (OUT, SMS, 5), "added", (SMS,)),
    "a first in": ([], (IN, SMS, 5), "added", (SMS,)),
    "out again": ([(OUT, SMS, 5)], (OUT, SMS, 6), "already", (SMS,)),
    "out again at the same moment": ([(OUT, SMS, 5)], (OUT, SMS, 5), "already", ()),
    "an older out": ([(IN, SMS, 5)], (OUT, SMS, 4), "superseded", ()),
    "an older in": ([(OUT, SMS, 5)], (IN, SMS, 4), "superseded", ()),
    "in at the moment of an out": ([(OUT, SMS, 5)], (IN, SMS, 5), "superseded", ()),
    "out at the moment of an in": ([(IN, SMS, 5)], (OUT, SMS, 5), "added", (SMS,)),
    "an older out beside an in on all": ([(IN, ALL, 5)], (OUT, SMS, 4), "superseded", (SMS,)),
    "cleared, and nothing stood there": ([], (CLEARED, SMS, 5), "absent", ()),
    "cleared, and an in stood there": ([(IN, SMS, 4)], (CLEARED, SMS, 5), "absent", ()),
    "cleared": ([(OUT, SMS, 4)], (CLEARED, SMS, 5), "removed", (SMS,)),
    "cleared too early": ([(OUT, SMS, 6)], (CLEARED, SMS, 5), "superseded", ()),
    "cleared on all lifts each out": ([(OUT, SMS, 3), (OUT, EMAIL, 4)], (CLEARED, ALL, 5), "removed", (SMS, EMAIL)),
    "cleared on a channel of an out on all": ([(OUT, ALL, 4)], (CLEARED, SMS, 5), "removed", (SMS,)),
}


@pytest.mark.parametrize("case", CASES)
def test_each_change(case: str) -> None:
    before, (state, channel, at), status, writes = CASES[case]

    made = change(said_in_turn(before), state, channel, at)

    assert (made.status, set(made.writes)) == (status, {int(one) for one in writes})


def test_the_three_words_in_every_order() -> None:
    some = [(OUT, ALL, 3), (IN, SMS, 4), (OUT, EMAIL, 5)]

    states = {tuple(effective(said_in_turn(list(one)), on) for on in (SMS, EMAIL)) for one in permutations(some)}

    assert states == {((int(IN), 4), (int(OUT), 5))}
