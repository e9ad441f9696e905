"""The decision: may this message go to this address now? Pure, in fixed order, every reason reported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from connector.domain.forms import CONFIRM_WITHIN
from connector.domain.instants import DAY
from connector.domain.words import Channel, FactKind, Purpose, ReasonCode, State


class Word(NamedTuple):
    """The newest word of an address on one list and channel."""

    list_id: int
    channel: int
    state: int
    #: When it was said, microseconds since the epoch.
    since: int
    expires_at: int | None = None


class Fact(NamedTuple):
    """What holds for an address beside the lists; ``sender_id`` is 0 where it holds for the organisation."""

    kind: int
    since: int
    sender_id: int = 0


@dataclass(frozen=True, slots=True)
class Hold:
    """A reason to wait, and until when."""

    code: ReasonCode
    not_before: int


class Facts(NamedTuple):
    """All that is known of one address (with the addresses it is linked to) when the question is asked."""

    words: tuple[Word, ...] = ()
    facts: tuple[Fact, ...] = ()
    holds: tuple[Hold, ...] = ()
    #: (account, when) of marketing messages that went, or may have gone, to them lately; where somebody asked.
    written: tuple[tuple[int, int], ...] = ()


NOTHING_KNOWN = Facts()


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be sent: the channel, the lists that govern, and why."""

    channel: Channel
    #: Every list that governs: those named and the default list, always.
    lists: frozenset[int]
    default_list: int
    now: int
    purpose: Purpose = Purpose.MARKETING
    #: False, True (the channel's flag must be ``in``) or "explicit" (a live word ``in`` is needed).
    require_opt_in: bool | str = False
    #: The account's default for people who never spoke: "in", "out" or "none".
    default_state: str = "none"
    #: A member of a group that may pass the opt-out rule, and that rule only.
    bypass: bool = False
    sender_id: int = 0
    #: How long a person's own message keeps the conversation open, microseconds.
    service_window: int = DAY
    #: The address is one that this channel can reach.
    reachable: bool = True


class Reason(NamedTuple):
    """Why not, and by which list and word."""

    code: ReasonCode
    list_id: int | None = None
    channel: int | None = None
    since: int | None = None


class Decision(NamedTuple):
    """Allowed where there is no reason against it; held where all that speaks against it passes by itself."""

    reasons: tuple[Reason, ...] = ()
    not_before: int | None = None

    @property
    def allowed(self) -> bool:
        return not self.reasons

    @property
    def held(self) -> bool:
        return self.not_before is not None

    @property
    def opted_out(self) -> bool:
        """Suppressed by the person's own opt-out: the rows that reports call "Optout Number"."""
        return any(reason.code in _OPT_OUTS for reason in self.reasons)


ALLOWED = Decision()
INVALID_ADDRESS = Decision((Reason(ReasonCode.INVALID_ADDRESS),))

_OPT_OUTS = frozenset({ReasonCode.OPTED_OUT, ReasonCode.ERASED})

_NEVER = 1 << 63
_CAUTION: dict[int, int] = {State.IN: 0, State.CLEARED: 1, State.OUT: 2}

_HARD = {
    FactKind.BLOCKED: ReasonCode.BLOCKED,
    FactKind.HARD_BOUNCE: ReasonCode.HARD_BOUNCE,
    FactKind.COMPLAINT: ReasonCode.COMPLAINT,
    FactKind.PROVIDER_BLOCKED: ReasonCode.PROVIDER_BLOCKED,
}


def decide(facts: Facts, question: Question) -> Decision:
    """Every reason against the send, hard facts first; a hold only where nothing else speaks against it."""
    if not question.reachable:
        return INVALID_ADDRESS
    reasons = list(_hard_facts(facts, question))
    if question.purpose is Purpose.MARKETING:
        if not question.bypass:
            reasons.extend(_opt_outs(facts, question))
        reasons.extend(_lack_of_consent(facts, question))
    elif question.purpose is Purpose.SERVICE and not _in_conversation(facts, question):
        reasons.append(Reason(ReasonCode.NO_CONSENT, channel=question.channel))
    if reasons:
        return Decision(tuple(reasons))
    if facts.holds and question.purpose is Purpose.MARKETING:
        return Decision(tuple(Reason(hold.code) for hold in facts.holds), max(hold.not_before for hold in facts.holds))
    return ALLOWED


def word_on(facts: Facts, list_id: int, channel: int) -> Word | None:
    """The list's word for a channel: the newer of its words for that channel and for all; on a tie, ``out``."""
    words = [one for one in facts.words if one.list_id == list_id and one.channel in (channel, Channel.ALL)]
    if len(words) < 2:
        return words[0] if words else None
    return max(words, key=_weight)


def _weight(word: Word) -> tuple[int, ...]:
    """The newer one; of one moment the one that allows less, so the order in which they are read decides nothing."""
    return word.since, _CAUTION[word.state], -(_NEVER if word.expires_at is None else word.expires_at), word.channel


def _hard_facts(facts: Facts, question: Question) -> Iterator[Reason]:
    for fact in sorted(facts.facts, key=lambda fact: fact.kind):
        code = _HARD.get(FactKind(fact.kind))
        if code is not None and fact.sender_id in (0, question.sender_id):
            yield Reason(code, since=fact.since)


def _opt_outs(facts: Facts, question: Question) -> Iterator[Reason]:
    for fact in facts.facts:
        if fact.kind == FactKind.ERASED:
            yield Reason(ReasonCode.ERASED, since=fact.since)
        elif fact.kind == FactKind.HELD_BACK:  # as a precaution, as if they had said so
            yield Reason(ReasonCode.OPTED_OUT, since=fact.since)
    if not facts.words:
        return
    for list_id in sorted(question.lists):
        word = word_on(facts, list_id, question.channel)
        if word is not None and word.state == State.OUT:
            yield Reason(ReasonCode.OPTED_OUT, list_id, word.channel, word.since)


def _lack_of_consent(facts: Facts, question: Question) -> Iterator[Reason]:
    """The flag of the channel, and the proof of consent where the send asks for one."""
    word = word_on(facts, question.default_list, question.channel)
    spoken = word is not None and word.state != State.CLEARED
    flag = word.state if word is not None and not _expired(word, question.now) else None
    if flag == State.OUT:
        # Said already, as an opt-out; a bypass group passes that, but not a send that asks for consent.
        if question.bypass and question.require_opt_in:
            yield _missing(facts, question, expired=False)
        return
    if question.require_opt_in == "explicit":
        words = [word_on(facts, list_id, question.channel) for list_id in question.lists]
        consents = [word for word in words if word is not None and word.state == State.IN]
        if any(not _expired(consent, question.now) for consent in consents):
            return
        yield _missing(facts, question, expired=bool(consents))
    elif flag == State.IN:
        return
    elif question.default_state == "out" or (question.require_opt_in and question.default_state != "in"):
        yield _missing(facts, question, expired=spoken)


def _missing(facts: Facts, question: Question, *, expired: bool) -> Reason:
    lacking = ReasonCode.CONSENT_PENDING if _is_pending(facts, question) else ReasonCode.NO_CONSENT
    return Reason(ReasonCode.CONSENT_EXPIRED if expired else lacking, channel=question.channel)


def _is_pending(facts: Facts, question: Question) -> bool:
    marks = (fact for fact in facts.facts if fact.kind == FactKind.PENDING and fact.sender_id == question.channel)
    return any(mark.since > question.now - CONFIRM_WITHIN for mark in marks)


def _expired(word: Word, now: int) -> bool:
    return word.expires_at is not None and word.expires_at <= now


def _in_conversation(facts: Facts, question: Question) -> bool:
    return any(
        fact.kind == FactKind.HEARD
        and fact.since > question.now - question.service_window
        and (not question.sender_id or fact.sender_id == question.sender_id)
        for fact in facts.facts
    )
