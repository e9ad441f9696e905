"""An import and its undo refuse as any other word does, and say truly whether anything is still on its way."""

import os
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from connector.demo.launch import Running
from connector.domain.instants import DAY
from connector.store import tables
from tests.engine.scenes import (
    beside,
    campaign,
    enrol,
    eventually,
    link,
    numbers,
    result,
    seen,
    send_later,
    slowly,
    turn,
)
from tests.heed import Heed
from tests.oracles import problem

OUT = "2026-01-01T00:00:00Z"


def begin(heed: Heed, text: str, query: str = "?async=1") -> Any:
    return heed.app.test_client().post(
        f"/v1/lists/default/import{query}", data=text, content_type="text/csv",
        headers={"Authorization": f"Bearer {heed.key}"},
    )  # fmt: skip


def bring(heed: Heed, text: str) -> str:
    """An import, worked off; its path."""
    path = str(begin(heed, text).headers["Location"])
    work_imports(heed)
    return path


def work_imports(heed: Heed) -> None:
    for number in heed.house.bringing.unfinished():
        while heed.house.bringing.work(number, 5.0):
            pass


def hand_over(heed: Heed) -> Callable[[], Any]:
    return lambda: heed.house.sender.drain(range(256), heed.house.incarnations.token, 5.0)


def changed_mind(heed: Heed, person: str) -> str:
    """Somebody opted out long ago, and a file says that they have opted in since; the path of its import."""
    heed.act("add_to_opt_out", number=person, occurred_at=OUT)
    path = bring(heed, f"number,state,occurred_at,reason\n{person},in,2026-02-01T00:00:00Z,signed form\n")
    assert heed.get(path)["imported"] == 1
    return path


@pytest.fixture
def slow(heed: Heed, provider: Running) -> str:
    return str(heed.sender(provider.url)["id"])


def test_l07_an_import_beside_a_hand_off_says_that_it_has_not_settled_until_it_has(
    heed: Heed, provider: Running, slow: str
) -> None:
    person, other = numbers(2)
    slowly(provider, person, ms=1500)
    send_later(heed, slow, person)

    with beside(hand_over(heed)):
        eventually(lambda: seen(provider, [person]))
        began = time.monotonic()
        path = bring(heed, f"number\n{person}\n{other}\n")
        told = heed.get(path)
        assert time.monotonic() - began < 1.0, "the worker does not wait with the rest of the file"
        assert (told["status"], told["imported"], told["settled"]) == ("done", 2, False)
        assert heed.get(bring(heed, f"number\n{other}\n"))["settled"], "who has nothing on the way is settled"
        eventually(lambda: heed.get(path)["settled"], 5)

    assert seen(provider, [person])[0].ended is not None


def test_l07_an_import_is_not_settled_while_a_linked_address_is_written_to(
    heed: Heed, provider: Running, slow: str
) -> None:
    person, same = numbers(2)
    link(heed, person, same)
    slowly(provider, person, ms=2000)
    send_later(heed, slow, person)

    with beside(hand_over(heed)):
        eventually(lambda: seen(provider, [person]))
        path = bring(heed, f"number\n{same}\n")
        assert heed.get(path)["settled"] is False

    assert heed.get(path)["settled"] is True


def test_l07_a_small_file_is_answered_with_200_only_once_it_has_settled(
    heed: Heed, provider: Running, slow: str
) -> None:
    person = numbers(1)[0]
    slowly(provider, person)
    send_later(heed, slow, person)
    answers: list[Any] = []

    with beside(hand_over(heed)):
        eventually(lambda: seen(provider, [person]))
        with beside(lambda: answers.append((begin(heed, f"number\n{person}\n", ""), time.monotonic_ns()))):
            eventually(heed.house.bringing.unfinished)
            work_imports(heed)

    ((answer, at),) = answers
    assert (answer.status_code, answer.json["status"], answer.json["settled"]) == (200, "done", True)
    ended = seen(provider, [person])[0].ended
    assert ended is not None
    assert at > ended


def test_l07_an_undo_that_restores_an_opt_out_takes_back_what_is_pending(
    heed: Heed, provider: Running, slow: str
) -> None:
    person, beside_them = numbers(2)
    path = changed_mind(heed, person)
    later = send_later(heed, slow, person, send_at="2100-01-01T00:00:00Z")
    sequence = campaign(heed, provider, "sequence", on_opt_out="exit")
    assert enrol(heed, sequence, [person, beside_them]) == ["enrolled", "enrolled"]
    turn(heed, sequence, "start")

    heed.post(f"{path}/undo")
    work_imports(heed)

    told = heed.get(path)
    assert (told["status"], told["taken_back"], told["settled"]) == ("undone", 1, True)
    assert (result(heed, later)["status"], result(heed, later)["error"]) == ("suppressed", "Optout Number")
    with heed.house.database.read() as connection:
        query = select(tables.enrolments.c.address, tables.enrolments.c.status)
        assert {row.address: row.status for row in connection.execute(query)} == {
            person: "opted_out",
            beside_them: "active",
        }
    hand_over(heed)()
    assert seen(provider, [person]) == []
    assert len(seen(provider, [beside_them])) == 1


def test_l07_an_undo_that_restores_an_opt_out_during_a_hand_off_is_settled_when_it_is_over(
    heed: Heed, provider: Running, slow: str
) -> None:
    person = numbers(1)[0]
    path = changed_mind(heed, person)
    slowly(provider, person, ms=2000)  # the work on the undo is done within it, also on a busy machine
    send_later(heed, slow, person)

    with beside(hand_over(heed)):
        eventually(lambda: seen(provider, [person]))
        with beside(lambda: heed.post(f"{path}/undo", status=200)):  # it waits, as for any small file
            eventually(heed.house.bringing.unfinished)
            work_imports(heed)
            assert (heed.get(path)["status"], heed.get(path)["settled"]) == ("undone", False)
        assert seen(provider, [person])[0].ended is not None

    assert heed.get(path)["settled"] is True
    assert not heed.act("check_consent", number=person, channel="sms")["allowed"]


def test_l07_the_files_of_an_import_are_kept_for_thirty_days_and_then_said_to_be_gone(heed: Heed) -> None:
    ended = bring(heed, "number\n12\n+14155550101\n")
    waiting = begin(heed, "number\n12\n").headers["Location"]
    folder = heed.home / "imports"
    assert len(list(folder.iterdir())) == 2, "a report, and the upload that is still to be read"
    assert heed.house.imports.discard() == 0

    heed.clock.pass_by(31 * DAY)
    (folder / "new.upload").touch()
    os.utime(folder / "new.upload", (time.time() + 31 * 86_400,) * 2)
    assert heed.house.imports.discard() == 1

    problem(heed.call("GET", f"{ended}/rejected.csv"), 410, "gone")
    assert heed.get(ended)["rejected"] == 1
    work_imports(heed)
    assert heed.get(waiting)["status"] == "done", "an import that is not over keeps its file however old it is"
    assert heed.call("GET", f"{waiting}/rejected.csv").status_code == 200
