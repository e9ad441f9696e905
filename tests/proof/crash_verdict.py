"""After somebody else has gone on: what the provider and the receiver saw, against everybody's word and every send."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from connector.domain.ids import public_id
from connector.domain.words import Purpose, SendStatus
from connector.store.tables import addresses, campaigns, sends
from tests.proof.chaos_verdict import Send, promises, unaccounted
from tests.proof.crash_calls import Erasing
from tests.proof.crash_scene import Scene
from tests.proof.crash_survivor import Death

_SENDS = select(sends.c.id, sends.c.address, sends.c.status, sends.c.step, campaigns.c.purpose).join(
    campaigns, campaigns.c.id == sends.c.campaign
)


def conclude(scene: Scene, death: Death) -> list[str]:
    """Go on where the dead one left off, to the end of all work; every fault there is."""
    here = scene.here
    here.await_left(death)
    faults = [*death.faults, *scene.answered(death)]
    scene.lost |= here.in_hand(scene.mark)
    scene.resume()
    here.take_over(scene.mark)
    here.work()
    rows = _sends(scene)
    of = {row.id: row.address for row in rows} | scene.whose
    return [*faults, *_messages(scene, rows, of), *_everybody(scene, rows, of), *_word(scene), *scene.faults()]


def _messages(scene: Scene, rows: list[Any], of: dict[int, str]) -> Iterator[str]:
    """G1, G2 and G3, step by step: a step is one message to a person."""
    handoffs = scene.here.provider.handoffs()
    steps = defaultdict(list)
    step_of = {public_id("send", row.id): row.step for row in rows}
    for row in rows:
        steps[row.step].append(Send(public_id("send", row.id), of[row.id], row.status))
    yield from (f"{one.send_id}: is of no send" for one in handoffs if one.send_id not in step_of)
    # What is said once more to who leaves: the confirmation, and an answer within the conversation.
    exempt = {one.step for one in rows if one.purpose in (Purpose.CONFIRMATION, Purpose.SERVICE)}
    said = {scene.leaver} if scene.opts_out else set()
    for step, some in steps.items():
        seen = [one for one in handoffs if step_of.get(one.send_id or "") == step]
        words = [] if step in exempt else scene.words
        found = promises(seen, words, some)
        found["unaccounted"] = unaccounted(seen, some, sorted({one.address for one in some}), said)
        yield from (f"{kind}: {fault}" for kind, faults in found.items() for fault in faults)


def _everybody(scene: Scene, rows: list[Any], of: dict[int, str]) -> Iterator[str]:
    """Everybody has as many messages as there are to be, and only those are unknown that somebody died with."""
    many = Counter(of[row.id] for row in rows)
    for one in scene.people:
        least, most = scene.sends, scene.sends
        if one == scene.leaver and scene.opts_out:
            least, most = sorted((scene.leaver_sends, max(scene.sends, scene.leaver_sends)))
        if not least <= many[one] <= most:
            yield f"unaccounted: {one}: {many[one]} sends"
    for row in rows:
        if row.status not in scene.ends:
            yield f"unaccounted: {of[row.id]}: is {row.status}"
        if (row.status == SendStatus.UNKNOWN.value) != (row.id in scene.lost):
            yield f"unaccounted: {of[row.id]}: is {row.status}, in dead hands: {row.id in scene.lost}"


def _word(scene: Scene) -> Iterator[str]:
    """The opt-out is there once, its chain is whole, and the receiver was told of it under one id."""
    if not scene.opts_out:
        return
    proof = scene.heed.get(f"/v1/proof?number=%2B{scene.leaver[1:]}")
    if not proof["integrity"]["whole"]:
        yield f"history: {proof['integrity']['breaches']}"
    if scene.heed.act("check_consent", number=scene.leaver, channel="sms")["allowed"]:
        yield f"{scene.leaver}: may be written to"
    if isinstance(scene, Erasing):
        yield from _forgotten(scene)
        return
    lines = [one for one in proof["events"] if one["state"] == "out"]
    if len(lines) != 1:
        yield f"{scene.leaver}: the history has {len(lines)} opt-outs"
    told = [one for one in scene.here.receiver.heard if one.json["data"]["number"] == scene.leaver]
    if len({one.headers["webhook-id"] for one in told}) != 1:
        yield f"{scene.leaver}: the receiver was told {[one.headers['webhook-id'] for one in told]}"


def _forgotten(scene: Scene) -> Iterator[str]:
    with scene.heed.house.database.read() as connection:
        if connection.execute(select(addresses.c.key).where(addresses.c.canonical == scene.leaver)).first():
            yield f"{scene.leaver}: the address is still known"
    if any(row.address == scene.leaver for row in _sends(scene)):
        yield f"{scene.leaver}: the address still stands at a send"


def _sends(scene: Scene) -> list[Any]:
    with scene.heed.house.database.read() as connection:
        return list(connection.execute(_SENDS.where(sends.c.id > scene.mark)))
