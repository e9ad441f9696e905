"""What became of it: the provider's record against everybody's word, and against how Heed says that each send ended."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from connector.demo.check import LAG_NS
from connector.demo.handoffs import HandOff
from connector.engine.claim import BATCH
from tests.proof.chaos_faults import Chaos, Fault
from tests.proof.chaos_load import Load, OptOut

ENDS = ("sent", "suppressed", "failed", "unknown", "cancelled")
#: What the provider did that leaves no doubt of what it did.
_CLEAR = ("ok", "delay", "429", "drip")
#: Seconds after which hand-offs must have begun again; starting all of Heed anew is as slow as the machine.
RECOVERY_S = {
    "worker killed": 15.0, "worker stopped": 15.0, "service killed": 15.0, "everything killed": 60.0,
    "connections cut": 15.0, "queue killed": 10.0, "queue emptied": 10.0, "database restarted": 10.0,
}  # fmt: skip
_SHOWN = 5


@dataclass(frozen=True)
class Form:
    """How long, what breaks how often, and what must have happened at least."""

    seconds: float
    plan: dict[str, int]
    hand_offs: int
    overlaps: int
    kills: int


@dataclass(frozen=True)
class Send:
    """How Heed says that a send ended."""

    name: str
    address: str
    status: str


def judge(
    form: Form, load: Load, chaos: Chaos, sends: Sequence[Send], handoffs: Sequence[HandOff], workers: int
) -> dict[str, Any]:
    """The whole report, and whether all of it holds."""
    counts = chaos.counts()
    people = [*load.enrolled, *load.directly]
    found = promises(handoffs, load.opted_out, sends)
    found["unaccounted"] = unaccounted(handoffs, sends, people, load.said)
    statuses = {status: sum(send.status == status for send in sends) for status in {send.status for send in sends}}
    times = recoveries(chaos.happened, sorted(one.received for one in handoffs))
    longest = {kind: one["longest_s"] for kind, one in times.items()}
    late = [f"{kind}: {time_s} s" for kind, time_s in longest.items() if time_s > RECOVERY_S.get(kind, 60.0)]
    most = most_unknown(counts, chaos.long_stops, workers, handoffs)
    taken = {one.send_id for one in handoffs if one.taken}
    arrived = sum(send.status == "unknown" and send.name in taken for send in sends)
    killed = [one for one in chaos.happened if one.kind == "worker killed"]
    figures = {
        "hand_offs": len(handoffs), "opt_outs": len({word.address for word in load.opted_out}),
        "overlaps": overlaps(handoffs, load.opted_out), "repeated_calls": load.up.client.repeats,
        "faults_made": dict(counts), "long_stops": chaos.long_stops,
        "killed_while_sending": sum(bool(one.in_hand) for one in killed),
        "sends": statuses, "unknown_and_arrived": arrived, "unknown_at_most": most, "recovery": times,
    }  # fmt: skip
    faults = [*load.faults, *chaos.faults, *late]
    if statuses.get("unknown", 0) > most:
        faults.append(f"{statuses['unknown']} are unknown; at most {most} may be")
    vacuous = (
        len(handoffs) < form.hand_offs or figures["overlaps"] < form.overlaps
        or figures["killed_while_sending"] < form.kills / 2 or len(killed) < form.kills
    )  # fmt: skip
    told = _shown(found)
    holds = not vacuous and not faults and not any(found.values())
    return {"holds": holds, "vacuous": vacuous, **told, "faults": faults, "figures": figures}


def promises(handoffs: Sequence[HandOff], words: Sequence[OptOut], sends: Sequence[Send]) -> dict[str, list[str]]:
    """Everything that is not as promised (G1, G2), each with its address."""
    to: dict[str | None, list[HandOff]] = defaultdict(list)
    for one in handoffs:
        to[one.to].append(one)
    after, open_at = [], []
    for word in words:
        for one in to[word.address]:
            if one.received > word.answered:
                after.append(f"{word.address}: {one.send_id} {(one.received - word.answered) / 1e6:.1f} ms after")
            elif one.ended is None or one.ended - LAG_NS > word.answered:
                late = "never ended" if one.ended is None else f"{(one.ended - word.answered) / 1e6:.1f} ms too long"
                open_at.append(f"{word.address}: {one.send_id} ({one.did}) {late}")
    taken = [one for one in handoffs if one.taken]
    of = {send.name: send.address for send in sends}
    doubled = [f"{send}: {count} times" for send, count in Counter(one.send_id for one in taken).items() if count > 1]
    # Nobody is in more than one campaign, so an address is written to once.
    doubled += [f"{one}: {count} messages" for one, count in Counter(one.to for one in taken).items() if count > 1]
    doubled += [f"{one.send_id}: of no campaign" for one in taken if of.get(one.send_id or "") != one.to]
    return {"begun_after": after, "in_flight": open_at, "doubled": doubled}


def unaccounted(handoffs: Sequence[HandOff], sends: Sequence[Send], people: Sequence[str], said: set[str]) -> list[str]:
    """G3: everybody has one send, it has ended, and the provider saw what is called sent and nothing else."""
    taken = {one.send_id for one in handoffs if one.taken}
    count = Counter(send.address for send in sends)
    found = [f"{one}: {count[one]} sends" for one in people if count[one] != 1]
    found += [f"{one}: was never enrolled" for one in count.keys() - set(people)]
    for send in sends:
        if send.status not in ENDS:
            found.append(f"{send.name}: is left {send.status}")
        elif send.status == "sent" and send.name not in taken:
            found.append(f"{send.name}: is sent and was never handed over")
        elif send.status not in ("sent", "unknown") and send.name in taken:
            found.append(f"{send.name}: is {send.status} and was handed over")
        elif send.status == "suppressed" and send.address not in said:
            found.append(f"{send.name}: is suppressed, and nobody asked for it")
    return found


def overlaps(handoffs: Sequence[HandOff], words: Sequence[OptOut]) -> int:
    """How many opt-outs were called while a message to the same address was on its way."""
    of = {word.address: word for word in words}
    met = {
        one.to for one in handoffs
        if (word := of.get(one.to or "")) and one.received < word.answered and (one.ended or 0) > word.called
    }  # fmt: skip
    return len(met)


def most_unknown(counts: Mapping[str, int], long_stops: int, workers: int, handoffs: Sequence[HandOff]) -> int:
    """A crash leaves at most what was in the hands that it met; and the provider's own answers may say nothing."""
    hands = counts["worker killed"] + long_stops
    hands += workers * sum(counts[kind] for kind in ("everything killed", "database restarted", "connections cut"))
    return BATCH * hands + sum(one.did not in _CLEAR for one in handoffs)


def recoveries(happened: Sequence[Fault], begun: Sequence[int]) -> dict[str, dict[str, float]]:
    """Seconds from each fault that met hand-offs to the next one, where work was due: by kind.

    What breaks while another fault keeps everything still is that one's pause.
    """
    taken: dict[str, list[float]] = defaultdict(list)
    pauses = {bisect_right(begun, fault.at) for fault in happened if fault.kind == "everything killed"}
    for fault in happened:
        place = bisect_right(begun, fault.at)
        is_own = place not in pauses or fault.kind == "everything killed"
        if fault.due and fault.in_hand and place < len(begun) and is_own:
            taken[fault.kind].append((begun[place] - fault.at) / 1e9)
    return {
        kind: {"times": len(times), "median_s": round(median(times), 3), "longest_s": round(max(times), 3)}
        for kind, times in taken.items()
    }


def _shown(found: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """How many of each, and the first few."""
    return {kind: len(faults) for kind, faults in found.items()} | {
        "examples": [f"{kind}: {fault}" for kind, faults in found.items() for fault in faults[:_SHOWN]]
    }
