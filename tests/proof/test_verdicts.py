"""The verdicts of race and chaos, on records made up to break one promise each: who looks must be able to see."""

import pytest

from connector.demo.handoffs import HandOff
from connector.engine.claim import BATCH
from tests.proof.chaos_faults import Fault
from tests.proof.chaos_load import OptOut
from tests.proof.chaos_verdict import Send, most_unknown, overlaps, promises, recoveries, unaccounted
from tests.proof.race import judge
from tests.proof.racing import Seen

SECOND = 1_000_000_000
ANN = "+12125550100"


def handoff(name: str, begun: float, ended: float | None, *, to: str = ANN, taken: bool = True) -> HandOff:
    end = None if ended is None else int(ended * SECOND)
    return HandOff(name, to, "hi", int(begun * SECOND), end, end, taken, "ok" if taken else "429", None)


def word(called: float, answered: float) -> OptOut:
    return OptOut(ANN, int(called * SECOND), int(answered * SECOND))


@pytest.mark.parametrize(
    ("seen", "broken"),
    [
        ([handoff("snd_1", 1.0, 2.9)], None),
        ([handoff("snd_1", 3.1, 3.2)], "begun_after"),
        ([handoff("snd_1", 2.9, 3.2)], "in_flight"),
        ([handoff("snd_1", 2.9, None)], "in_flight"),
        ([handoff("snd_1", 1.0, 1.1), handoff("snd_1", 1.2, 1.3)], "doubled"),
        ([handoff("snd_1", 1.0, 1.1, taken=False), handoff("snd_1", 1.2, 1.3)], None),
        ([handoff("snd_1", 1.0, 1.1), handoff("snd_2", 1.2, 1.3)], "doubled"),
        ([handoff("snd_9", 1.0, 1.1)], "doubled"),
    ],
)
def test_a_broken_promise_is_seen(seen: list[HandOff], broken: str | None) -> None:
    found = promises(seen, [word(2.0, 3.0)], [Send("snd_1", ANN, "sent"), Send("snd_2", ANN, "sent")])

    assert {kind for kind, faults in found.items() if faults} == ({broken} if broken else set())


@pytest.mark.parametrize(
    ("status", "handed", "people", "told"),
    [
        ("sent", True, [ANN], None),
        ("unknown", True, [ANN], None),
        ("unknown", False, [ANN], None),
        ("suppressed", False, [ANN], None),
        ("pending", False, [ANN], "left pending"),
        ("sent", False, [ANN], "never handed over"),
        ("suppressed", True, [ANN], "was handed over"),
        ("sent", True, [ANN, "+12125550101"], "+12125550101: 0 sends"),
        ("sent", True, [], "never enrolled"),
    ],
)
def test_a_send_that_is_not_accounted_for_is_seen(status: str, handed: bool, people: list[str], told: str) -> None:
    found = unaccounted([handoff("snd_1", 1, 2)] * handed, [Send("snd_1", ANN, status)], people, {ANN})

    assert [told in fault for fault in found] == ([True] if told else [])


def test_a_suppression_that_nobody_asked_for_is_seen() -> None:
    assert unaccounted([], [Send("snd_1", ANN, "suppressed")], [ANN], set())


def test_an_opt_out_called_during_a_hand_off_is_an_overlap() -> None:
    assert overlaps([handoff("snd_1", 1.0, 2.0)], [word(1.5, 2.5)]) == 1
    assert overlaps([handoff("snd_1", 1.0, 1.4)], [word(1.5, 2.5)]) == 0


def test_a_crash_excuses_as_many_unknowns_as_were_in_the_hands_it_met() -> None:
    counts = {"worker killed": 2, "everything killed": 0, "database restarted": 1, "connections cut": 0}

    assert most_unknown(counts, 1, 4, [handoff("snd_1", 1.0, 2.0)]) == BATCH * (2 + 1 + 4)


def test_recovery_is_the_time_to_the_next_hand_off() -> None:
    faults = [Fault("worker killed", 2 * SECOND, 3, 9), Fault("worker killed", 5 * SECOND, 3, 0)]

    assert recoveries(faults, [SECOND, 4 * SECOND, 9 * SECOND]) == {
        "worker killed": {"times": 1, "median_s": 2.0, "longest_s": 2.0}
    }


@pytest.mark.parametrize(
    ("handed", "broken"),
    [
        ([(ANN, "one", "snd_1", 10, 19)], None),
        ([(ANN, "one", "snd_1", 21, 30)], "begun_after"),
        ([(ANN, "one", "snd_1", 10, 30)], "in_flight"),
        ([(ANN, "one", "snd_1", 10, 11), (ANN, "one", "snd_1", 12, 13)], "doubled"),
        ([(ANN, "one", "snd_1", 10, 11), (ANN, "two", "snd_2", 12, 13)], None),
    ],
)
def test_a_lost_race_is_seen(handed: list[tuple[str, str, str, int, int]], broken: str | None) -> None:
    row = judge([Seen(handed=handed[:1], opted_out=[(ANN, 15, 20)]), Seen(handed=handed[1:])])

    assert {kind for kind in ("begun_after", "in_flight", "doubled") if row[kind]} == ({broken} if broken else set())
