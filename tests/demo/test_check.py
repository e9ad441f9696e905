"""The demo's check is worth what it finds: each promise, broken by hand, must be named with the contact."""

from dataclasses import replace

import pytest

from connector.demo.check import LAG_NS, OptOut, Row, Told, faults
from connector.demo.handoffs import HandOff

ADA, BEN, CLEO = "+12025550101", "+12025550102", "+12025550103"
NEWS = {"Winter news": 1}
COURSE = {"(1 of 3)": 1, "(2 of 3)": 2, "(3 of 3)": 3}
SECOND = 1_000_000_000


def handed(to, text="Winter news", at=10 * SECOND, took=SECOND // 20, send_id=None, taken=True):
    send_id = send_id or f"snd-{to}-{text}-{at}"
    ended = None if took is None else at + took
    return HandOff(send_id, to, text, at, ended, ended, taken, "ok", send_id)


def row(recipient, step=1, status="sent", error="", reasons=""):
    return Row(recipient, step, status, error, reasons)


def skipped(recipient, step=1):
    return row(recipient, step, "suppressed", "Optout Number", "opted_out")


def news(*rows, people=None):
    return Told("broadcast", people or [one.recipient for one in rows], NEWS, rows)


def course(*rows):
    return Told("sequence", {one.recipient for one in rows}, COURSE, rows)


def stop(address, at=5 * SECOND):
    return OptOut(address, at, "STOP")


def test_a_campaign_as_promised_has_no_faults():
    told = [
        news(row(ADA), skipped(BEN), row(CLEO, status="unknown")),
        course(row(ADA, 1), row(ADA, 2), skipped(ADA, 3), row(CLEO, 1), row(CLEO, 2), row(CLEO, 3)),
    ]
    steps = [handed(who, f"Hi {mark}") for who, marks in ((ADA, 2), (CLEO, 3)) for mark in list(COURSE)[:marks]]

    assert faults([handed(ADA), handed(CLEO), *steps], told, [stop(BEN), stop(ADA, 20 * SECOND)], unknown=1) == []


def test_a_second_mention_in_the_file_is_not_a_second_contact():
    again = row(ADA, status="suppressed", error="Duplicate", reasons="duplicate")

    assert faults([handed(ADA)], [news(row(ADA), again)], [], unknown=0) == []


def test_a_person_who_stopped_while_a_message_was_on_its_way_has_no_next_row():
    told = course(row(ADA, 1), row(BEN, status="unknown"))
    stops = [stop(ADA, 20 * SECOND), stop(BEN, 20 * SECOND)]

    assert faults([handed(ADA, "(1 of 3)")], [told], stops, unknown=1) == []


def test_a_refused_offer_and_its_repeat_are_no_double():
    twice = [handed(ADA, taken=False), handed(ADA, at=11 * SECOND)]

    assert faults(twice, [news(row(ADA))], [], unknown=0) == []


@pytest.mark.parametrize(
    ("handoffs", "rows", "opted", "words"),
    [
        # a message twice, under two sends and under the same one
        ([handed(ADA), handed(ADA, at=11 * SECOND)], [row(ADA)], [], f"{ADA}: was handed broadcast step 1 2 times"),
        ([handed(ADA, send_id="s"), handed(BEN, send_id="s")], [row(ADA), row(BEN)], [], "s: handed over 2 times"),
        # begun a millisecond after the answer, and open when it came (ended later, or never)
        ([handed(ADA)], [row(ADA)], [stop(ADA, 10 * SECOND - 1_000_000)], "began 1.0 ms after the opt-out by STOP"),
        ([handed(ADA)], [row(ADA)], [stop(ADA, 10 * SECOND + LAG_NS)], "still open when the opt-out by STOP"),
        ([handed(ADA, took=None)], [row(ADA)], [stop(ADA, 20 * SECOND)], "still open when the opt-out by STOP"),
        # a hand-off that the provider refused counts here all the same
        ([handed(ADA, taken=False)], [skipped(ADA)], [stop(ADA)], "after the opt-out by STOP"),
        # reported otherwise than it was
        ([], [row(ADA)], [], f"{ADA}: broadcast step 1 is reported sent and was never handed over"),
        ([handed(ADA)], [skipped(ADA)], [stop(ADA, 20 * SECOND)], "is reported suppressed and was handed over"),
        ([handed(ADA), handed(BEN)], [row(ADA)], [], f"{BEN}: broadcast step 1 was handed over and is not in the"),
        ([handed(ADA, "Who knows")], [skipped(ADA)], [stop(ADA)], "was handed a message that is of no campaign"),
        # an end that is none
        ([], [row(ADA, status="pending")], [], f"{ADA}: broadcast step 1 ended as pending"),
        ([], [row(ADA, status="failed", error="rate")], [], f"{ADA}: broadcast step 1 ended as failed rate"),
        ([], [row(ADA, status="unknown")], [], f"{ADA}: broadcast step 1 is unknown, one of 1; at most 0 may be"),
        # skipped without a word from the person, or under another name
        ([], [skipped(ADA)], [], f"{ADA}: broadcast step 1 is suppressed (opted_out) and they never opted out"),
        ([], [row(ADA, 1, "suppressed", "Blocked", "blocked")], [stop(ADA)], "is reported as 'Blocked'"),
    ],
)
def test_every_broken_promise_is_named(handoffs, rows, opted, words):
    found = faults(handoffs, [news(*rows)], opted, unknown=0)

    assert [fault for fault in found if words in fault], found


def test_only_who_came_back_may_end_as_cancelled():
    rows = row(ADA, 1), row(ADA, 2, "cancelled")
    record, stops = [handed(ADA, "(1 of 3)")], [stop(ADA, 20 * SECOND)]

    assert faults(record, [course(*rows)], stops, 0) == [f"{ADA}: sequence step 2 ended as cancelled"]
    assert faults(record, [replace(course(*rows), back={ADA})], stops, 0) == []


def test_a_contact_who_is_missing_is_named_and_so_is_one_too_many():
    told = news(row(ADA), row(CLEO), people=[ADA, BEN])

    found = faults([handed(ADA), handed(CLEO)], [told], [], unknown=0)

    assert found == [
        f"{BEN}: is missing in the report of the broadcast",
        f"{CLEO}: is in the report of the broadcast and was never enrolled",
    ]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        # left out in the middle, lost after a step, lost after a kill
        ([row(ADA, 1), row(ADA, 3)], f"{ADA}: the sequence has steps [1, 3] for them"),
        ([row(ADA, 1)], f"{ADA}: the sequence ends at step 1 and they never opted out"),
        ([row(ADA, 1, "unknown")], f"{ADA}: the sequence ends at step 1 and they never opted out"),
    ],
)
def test_a_way_through_a_sequence_that_breaks_off_is_named(rows, words):
    record = [handed(ADA, mark) for mark, step in COURSE.items() if step in [one.step for one in rows]]

    assert words in faults(record, [course(*rows)], [], unknown=1)
