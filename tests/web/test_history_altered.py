"""S06: whatever is done to the history behind Heed's back, ``heed history verify`` finds it and names where it is."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection, create_engine, delete, insert, select, update

from connector.cli import main
from connector.engine import seal
from connector.store.tables import events, heads
from tests.heed import KEY, Heed

ADA, BOB, EVE = "+14155550123", "+14155550199", "+14155550142"
#: (whose organisation, which bucket, which line)
Place = tuple[str, int, int]


@dataclass
class Chain:
    """One chain as it was written, and where it is."""

    organisation: str
    rows: list[Any]

    @property
    def bucket(self) -> int:
        return int(self.rows[0].bucket)

    @property
    def end(self) -> int:
        return len(self.rows)

    def line(self, seq: int) -> Place:
        return self.organisation, self.bucket, seq

    def at(self, seq: int) -> Any:
        """The stored line, for a statement's WHERE: by its own number, which no attack here changes."""
        return events.c.id == self.rows[seq - 1].id

    @property
    def head(self) -> Any:
        return (heads.c.org == self.rows[0].org) & (heads.c.bucket == self.bucket)


@dataclass
class Scene:
    """A chain of six lines, another of three in the same organisation, and one of two in another organisation."""

    ada: Chain
    bob: Chain
    eve: Chain


@pytest.fixture
def verify(heed: Heed, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    for name, value in {"HOME": heed.home, "DATABASE_URL": heed.url, "SECRET": "s" * 32, "BOOTSTRAP_KEY": KEY}.items():
        monkeypatch.setenv(f"HEED_{name}", str(value))
    return lambda *more: CliRunner().invoke(main, ["history", "verify", *more])


@pytest.fixture
def behind(heed: Heed) -> Iterator[Connection]:
    """A connection to the database that is not Heed's."""
    engine = create_engine(heed.url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def scene(heed: Heed, behind: Connection) -> Scene:
    for channel in ("sms", "whatsapp", "voice"):
        heed.act("add_to_opt_out", number=ADA, channel=channel, reason="on the phone")
    heed.act("remove_from_opt_out", number=ADA, channel="sms")
    heed.act("record_opt_in", number=ADA, channel="sms", evidence={"form": "newsletter"})
    heed.act("add_to_opt_out", number=ADA, channel="rcs")
    for channel in ("sms", "whatsapp", "voice"):
        heed.act("add_to_opt_out", number=BOB, channel=channel)
    key = heed.post("/v1/organisations", {"name": "Another"})["admin_key"]
    for channel in ("sms", "voice"):
        told = heed.call("POST", "/v1/actions/add_to_opt_out", {"number": EVE, "channel": channel}, key=key)
        assert told.status_code == 200
    ours = heed.get("/v1/me")["organisation"]["id"]
    theirs = heed.call("GET", "/v1/me", key=key).json["organisation"]["id"]
    by_chain: dict[tuple[int, int], list[Any]] = {}
    for row in behind.execute(select(events).order_by(events.c.org, events.c.bucket, events.c.seq)):
        by_chain.setdefault((row.org, row.bucket), []).append(row)
    behind.rollback()
    eve, bob, ada = sorted(by_chain.values(), key=len)
    assert [len(ada), len(bob), len(eve)] == [6, 3, 2]
    return Scene(Chain(ours, ada), Chain(ours, bob), Chain(theirs, eve))


def told(verify: Callable[..., Result]) -> tuple[int, dict[str, Any]]:
    """The exit code and what it says to machines."""
    result = verify("--json")
    return result.exit_code, json.loads(result.stdout)


def test_s06_an_untouched_history_verifies_clean_with_its_number_of_lines(scene: Scene, verify: Any) -> None:
    assert told(verify) == (0, {"lines": 11, "breaches": []})
    assert "11 lines" in verify().stdout


Attack = Callable[[Connection, Scene], dict[Place, str]]


def change(at: Connection, scene: Scene) -> dict[Place, str]:
    at.execute(update(events).where(scene.ada.at(3)).values(state="in"))
    return {scene.ada.line(3): "changed"}


def change_the_reason(at: Connection, scene: Scene) -> dict[Place, str]:
    at.execute(update(events).where(scene.ada.at(1)).values(reason="never asked"))
    return {scene.ada.line(1): "changed"}


def change_the_time(at: Connection, scene: Scene) -> dict[Place, str]:
    at.execute(update(events).where(scene.bob.at(3)).values(occurred_at=events.c.occurred_at - 86_400_000_000))
    return {scene.bob.line(3): "changed"}


def remove(at: Connection, scene: Scene) -> dict[Place, str]:
    at.execute(delete(events).where(scene.ada.at(3)))
    return {scene.ada.line(3): "missing"}


def remove_and_close_the_gap(at: Connection, scene: Scene) -> dict[Place, str]:
    at.execute(delete(events).where(scene.ada.at(3)))
    for seq in (4, 5, 6):
        at.execute(update(events).where(scene.ada.at(seq)).values(seq=seq - 1))
    return {scene.ada.line(3): "changed, or is not the one", scene.ada.line(6): "6 were written"}


def put_in(at: Connection, scene: Scene) -> dict[Place, str]:
    for seq in (6, 5, 4):
        at.execute(update(events).where(scene.ada.at(seq)).values(seq=seq + 1))
    forged = {**scene.ada.rows[2]._mapping, "seq": 4, "state": "in"}
    del forged["id"]
    at.execute(insert(events).values(forged))
    return {scene.ada.line(4): "changed", scene.ada.line(5): "changed, or is not the one"}


def swap(at: Connection, scene: Scene) -> dict[Place, str]:
    for seq, to in ((2, 99), (4, 2), (2, 4)):
        at.execute(update(events).where(scene.ada.at(seq)).values(seq=to))
    return {scene.ada.line(2): "changed, or is not the one", scene.ada.line(4): "changed, or is not the one"}


def cut(at: Connection, scene: Scene) -> dict[Place, str]:
    at.execute(delete(events).where(scene.ada.at(6)))
    return {scene.ada.line(6): "6 were written"}


def cut_and_move_the_head_back(at: Connection, scene: Scene) -> dict[Place, str]:
    """All that is stored fits together: only the head's signature, made with the key, tells."""
    at.execute(delete(events).where(scene.ada.at(5) | scene.ada.at(6)))
    at.execute(update(heads).where(scene.ada.head).values(seq=4, seal=scene.ada.rows[3].seal))
    return {scene.ada.line(4): "not signed"}


def work_out_anew(at: Connection, scene: Scene) -> dict[Place, str]:
    """By somebody who has this program and the whole database, but not the key."""
    sealed = {"id", "seq", "salt", "digest", "seal"}
    drafts = [{k: v for k, v in row._mapping.items() if k not in sealed} for row in scene.ada.rows]
    drafts[0]["state"] = "in"
    rows, ends = seal.seal(drafts, {}, b"another key, guessed")
    for seq, row in enumerate(rows, start=1):
        at.execute(update(events).where(scene.ada.at(seq)).values(row))
    at.execute(update(heads).where(scene.ada.head).values(seal=ends[0]["seal"], signature=ends[0]["signature"]))
    return {scene.ada.line(seq): "changed" for seq in range(1, 6)} | {scene.ada.line(6): "not signed"}


def move_to_another_chain(at: Connection, scene: Scene) -> dict[Place, str]:
    at.execute(update(events).where(scene.ada.at(6)).values(bucket=scene.bob.bucket, seq=4))
    return {scene.ada.line(6): "6 were written", scene.bob.line(4): "changed, or is not the one"}


def move_to_another_organisation(at: Connection, scene: Scene) -> dict[Place, str]:
    there = scene.eve.rows[0]
    at.execute(update(events).where(scene.ada.at(6)).values(org=there.org, bucket=there.bucket, seq=3))
    return {scene.ada.line(6): "6 were written", scene.eve.line(3): "changed, or is not the one"}


def move_a_whole_chain(at: Connection, scene: Scene) -> dict[Place, str]:
    """Lines, seals, head and signature, as they are, under another organisation's name."""
    there = scene.eve.rows[0].org
    for one in (events, heads):
        at.execute(update(one).where(one.c.org == scene.bob.rows[0].org, one.c.bucket == scene.bob.bucket)
                   .values(org=there))  # fmt: skip
    moved = Chain(scene.eve.organisation, scene.bob.rows)
    return {moved.line(1): "changed", moved.line(3): "not signed"}


def remove_the_head(at: Connection, scene: Scene) -> dict[Place, str]:
    at.execute(delete(heads).where(scene.ada.head))
    return {scene.ada.line(6): "lost its head"}


def remove_all_but_the_head(at: Connection, scene: Scene) -> dict[Place, str]:
    at.execute(delete(events).where(events.c.org == scene.bob.rows[0].org, events.c.bucket == scene.bob.bucket))
    return {scene.bob.line(3): "3 were written"}


def remove_who_and_why(at: Connection, scene: Scene) -> dict[Place, str]:
    """As an erasure leaves a line, but nobody was erased."""
    at.execute(update(events).where(scene.ada.at(2)).values(actor=None, reason=None, evidence=None))
    return {scene.ada.line(2): ""}


ATTACKS: tuple[Attack, ...] = (
    change, change_the_reason, change_the_time, remove, remove_and_close_the_gap, put_in, swap, cut,
    cut_and_move_the_head_back, work_out_anew, move_to_another_chain, move_to_another_organisation, move_a_whole_chain,
    remove_the_head, remove_all_but_the_head, remove_who_and_why,
)  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_s06_what_is_altered_is_found_and_named(attack: Attack, scene: Scene, behind: Connection, verify: Any) -> None:
    wanted = attack(behind, scene)
    behind.commit()

    code, said = told(verify)

    assert code == 1
    found: dict[Place, str] = {}
    for one in said["breaches"]:
        place = (one["organisation"], one["bucket"], one["line"])
        found[place] = f"{found.get(place, '')} {one['detail']}"
    for place, words in wanted.items():
        assert words in found.get(place, "not found"), found
    touched = {place[:2] for place in wanted}
    assert {place[:2] for place in found} <= touched, "nobody else's chain is accused"

    human = verify()
    assert human.exit_code == 1
    for organisation, bucket, line in wanted:
        assert f"{organisation}, bucket {bucket}" in human.stderr
        assert re.search(rf"^ +line {line}: \w", human.stderr, re.M)
