"""What a message means: opt-out words and rules first, opt-in words and rules next, smart replies last. No effect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from connector.domain.ids import public_id
from connector.domain.keywords import Said, is_affirmative
from connector.domain.records import OptOutList, Rule, Sender, SmartReply
from connector.domain.refusals import is_unclear_refusal
from connector.domain.words import Channel, State
from connector.engine.packs import heard_in, heard_out

T = TypeVar("T", OptOutList, Rule)


@dataclass(frozen=True, slots=True)
class Meaning:
    """How a message was understood, and by what."""

    #: "opt_out", "opt_in", "reply", "unclear" or "none".
    kind: str
    lists: tuple[OptOutList, ...] = ()
    word: str | None = None
    rule: Rule | None = None
    reply: SmartReply | None = None

    @property
    def why(self) -> str:
        """The match in words."""
        if self.rule is not None:
            return f"begins with {self.rule.begins_with!r}"
        if self.word is not None:
            return f"says {self.word!r} of {', '.join(repr(one.name) for one in self.lists)}"
        if self.reply is not None:
            return f"{self.reply.match.replace('_', ' ')} one of {', '.join(map(repr, self.reply.keywords))}"
        return "sounds like a refusal" if self.kind == "unclear" else "nothing matches"

    @property
    def public(self) -> dict[str, Any]:
        """What recognised the message, and the lists that it is about."""
        return {
            "keyword": self.word, "lists": [one.public for one in self.lists],
            "rule": public_id("rule", self.rule.id) if self.rule else None,
            "reply": public_id("reply", self.reply.id) if self.reply else None,
        }  # fmt: skip


def understood(
    text: str, channel: Channel, sender: Sender, lists: Sequence[OptOutList], rules: Sequence[Rule],
    replies: Iterable[SmartReply], *, waits_for_yes: Callable[[Sequence[OptOutList]], bool],
) -> Meaning:  # fmt: skip
    """What a text that came to a sender means. ``waits_for_yes``: whether a bare yes can be meant for these lists."""
    mine = [one for one in rules if one.channel in (Channel.ALL, channel) and one.sender in (None, sender.id)]
    by_key, said = {one.id: one for one in lists}, Said(text)
    for state, says in ((State.OUT, _says_out), (State.IN, _says_in)):
        found = [(one, word) for one in lists if (word := says(said, one)) is not None]
        chosen = owners([one for one, _ in found], sender)
        if chosen and (state is State.OUT or _is_meant(found, waits_for_yes, chosen)):
            word = next(word for one, word in found if one in chosen)
            return Meaning(_KINDS[state], tuple(chosen), word)
        fitting = owners([one for one in mine if one.state is state and said.begins_with(one.begins_with)], sender)
        if fitting:
            named = tuple(by_key[number] for number in fitting[0].lists if number in by_key)
            return Meaning(_KINDS[state], named or tuple(one for one in lists if one.is_default), rule=fitting[0])
    reply = next((one for one in replies if one.fits(said.words, channel, sender.id)), None)
    if reply is not None:
        return Meaning("reply", reply=reply)
    return Meaning("unclear" if is_unclear_refusal(text) else "none")


def shown(
    meaning: Meaning, data: Mapping[str, Any], preview: Callable[[str, Mapping[str, Any], Any], dict[str, Any]]
) -> dict[str, Any]:  # fmt: skip
    """A meaning as somebody who tries it out reads it."""
    reply = meaning.reply
    return {
        "outcome": meaning.kind, "why": meaning.why, "lists": [one.public for one in meaning.lists],
        "says": says(meaning), "word": meaning.word,
        "rule": public_id("rule", meaning.rule.id) if meaning.rule else None,
        "reply": {"id": public_id("reply", reply.id), "text": reply.reply} if reply else None,
        "actions": [preview(one["action"], one["mapping"], data) for one in reply.actions] if reply else [],
    }  # fmt: skip


def says(meaning: Meaning) -> str | None:
    """The text that answers it, where the person had not said so before; what is in braces is still to be filled."""
    if meaning.reply is not None:
        return meaning.reply.reply
    name = {"opt_out": "first_opt_out", "opt_in": "first_opt_in"}.get(meaning.kind, "")
    told = (one.messages[name]["text"] for one in meaning.lists if one.send_response and one.messages.get(name))
    return next(told, None)


def owners(several: Sequence[T], sender: Sender) -> list[T]:
    """Those that name this sender beat those that name none; those that name another have no part in it."""
    return [one for one in several if one.sender == sender.id] or [one for one in several if one.sender is None]


_KINDS = {State.OUT: "opt_out", State.IN: "opt_in"}


def _says_out(said: Said, one: OptOutList) -> str | None:
    return next((word for word in heard_out(one) if said.opts_out(word)), None)


def _says_in(said: Said, one: OptOutList) -> str | None:
    return next((word for word in heard_in(one) if said.opts_in(word)), None)


def _is_meant(
    found: Sequence[tuple[OptOutList, str]], waits: Callable[[Sequence[OptOutList]], bool],
    chosen: Sequence[OptOutList],
) -> bool:  # fmt: skip
    """A bare yes answers whatever was asked last; it is an opt-in only of somebody who is out, or was asked for one."""
    return any(not is_affirmative(word) for one, word in found if one in chosen) or waits(chosen)
