"""How an email address stands after what came back from it: a small state machine, one table of arrows.

The signals come from enhanced status codes (RFC 3463): class 4 failed for now, class 5 for good, but many a class 5
says nothing about whether the mailbox exists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from connector.domain.instants import DAY

#: So many soft bounces, the last of them so long after the first, are as good as a hard one.
STRIKES, WITHIN = 3, 15 * DAY


class Signal(StrEnum):
    """What one report says of an address."""

    DELIVERED = "delivered"
    SOFT_BOUNCE = "soft_bounce"
    HARD_BOUNCE = "hard_bounce"
    COMPLAINT = "complaint"


class Condition(StrEnum):
    """Where an address stands. The last two are hard facts, lifted by an admin and by nothing else."""

    NONE = "none"
    SOFT = "soft_bounce"
    HARD_BOUNCE = "hard_bounce"
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class Standing:
    """An address with its soft bounces: how many, and when the first of them was."""

    condition: Condition
    count: int = 0
    since: int = 0


NONE = Standing(Condition.NONE)

#: Every arrow there is. A soft bounce after a soft one is counted, see ``after``.
ARROWS = {
    (Condition.NONE, Signal.DELIVERED): Condition.NONE,
    (Condition.NONE, Signal.SOFT_BOUNCE): Condition.SOFT,
    (Condition.NONE, Signal.HARD_BOUNCE): Condition.HARD_BOUNCE,
    (Condition.NONE, Signal.COMPLAINT): Condition.COMPLAINT,
    (Condition.SOFT, Signal.DELIVERED): Condition.NONE,
    (Condition.SOFT, Signal.SOFT_BOUNCE): Condition.SOFT,
    (Condition.SOFT, Signal.HARD_BOUNCE): Condition.HARD_BOUNCE,
    (Condition.SOFT, Signal.COMPLAINT): Condition.COMPLAINT,
    # A mailbox that takes one message may be another's by now: a delivery proves nothing about the person.
    (Condition.HARD_BOUNCE, Signal.DELIVERED): Condition.HARD_BOUNCE,
    (Condition.HARD_BOUNCE, Signal.SOFT_BOUNCE): Condition.HARD_BOUNCE,
    (Condition.HARD_BOUNCE, Signal.HARD_BOUNCE): Condition.HARD_BOUNCE,
    (Condition.HARD_BOUNCE, Signal.COMPLAINT): Condition.COMPLAINT,
    (Condition.COMPLAINT, Signal.DELIVERED): Condition.COMPLAINT,
    (Condition.COMPLAINT, Signal.SOFT_BOUNCE): Condition.COMPLAINT,
    (Condition.COMPLAINT, Signal.HARD_BOUNCE): Condition.COMPLAINT,
    (Condition.COMPLAINT, Signal.COMPLAINT): Condition.COMPLAINT,
}


def after(standing: Standing, signal: Signal, at: int) -> Standing:
    """Where the address stands after a signal that was given at ``at``."""
    condition = ARROWS[standing.condition, signal]
    if condition is not Condition.SOFT:
        return Standing(condition)
    if standing.condition is not Condition.SOFT or at - standing.since > WITHIN:
        return Standing(condition, 1, at)
    if standing.since - at > WITHIN:
        return standing  # it came too late to be counted with the others
    count = standing.count + 1
    if count >= STRIKES:
        return Standing(Condition.HARD_BOUNCE)
    return Standing(condition, count, min(at, standing.since))


#: Class 5 codes that say: there is no such mailbox, or no such domain (RFC 3463 §3.2 and §3.5).
HARD = frozenset({
    "5.1.1",  # no such mailbox
    "5.1.2",  # no such system
    "5.1.3",  # not an address
    "5.1.6",  # the mailbox has moved and left no forwarding address
    "5.1.10",  # the domain takes no mail (null MX, RFC 7505); at Exchange: no such recipient
    "5.4.1",  # at Exchange: refused at the edge, there is no such recipient; else no host ever answered
    "5.4.4",  # no route: the domain has no mail server
    "5.4.310",  # at Exchange: the domain does not exist
})  # fmt: skip
# All else of class 5 is soft: 5.2.2 (mailbox full), 5.7.x (policy and content), 5.4.6 (a loop), 5.4.7 (took too long)
# speak of the message or of a state that passes; three of them are believed.

_CODE = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.])(?:550|551|553)(?![\d.])")
#: What servers without enhanced codes write; Exim's reports say 5.0.0 and no more.
_NOBODY = re.compile(
    r"no such (?:user|recipient|mailbox|address|person|domain)|(?:user|recipient|mailbox|account|address)"
    r" (?:is )?(?:unknown|not found|does not exist|doesn't exist)|unknown (?:user|recipient|mailbox|address)"
    r"|unrouteable address|invalid (?:recipient|mailbox)",
    re.IGNORECASE,
)


def signal_of(action: str, status: str, diagnostic: str) -> tuple[Signal | None, str]:
    """(what one recipient's lines in a delivery status say, the code that says so); None: nothing yet.

    RFC 3464 §2.3.3: ``delayed`` is tried again, ``relayed`` and ``expanded`` went where nobody reports from.
    """
    if action == "delivered":
        return Signal.DELIVERED, status
    if action != "failed":
        return None, status
    found = _CODE.search(status)
    code = found[1] if found else ""
    if code in ("", "5.0.0"):  # "other or undefined": what the other server said may be more
        told = _CODE.search(diagnostic)
        code = told[1] if told and told[1][0] != "2" else code
    if code in HARD:
        return Signal.HARD_BOUNCE, code
    if code in ("", "5.0.0") and _NOBODY.search(diagnostic):
        return Signal.HARD_BOUNCE, code or (reply[0] if (reply := _REPLY.search(diagnostic)) else "")
    return Signal.SOFT_BOUNCE, code
