"""What a person has said is written down: their word on the lists, a provider's switch, what a provider does itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connector.domain.records import OptOutList
from connector.domain.words import Channel, FactKind, Source, State
from connector.engine.answering import Answering
from connector.engine.consent_book import ConsentBook
from connector.engine.heard import Heard
from connector.engine.words_written import Line, NewWord

#: What has become of a person by such a word.
_OUTCOMES = {State.OUT: "opted_out", State.CLEARED: "resumed", State.IN: "opted_in"}


class Saying:
    """Writes what was understood, and has it confirmed where the provider has not answered already."""

    def __init__(self, book: ConsentBook, answering: Answering) -> None:
        self._book = book
        self._answering = answering

    def block(self, heard: Heard, *, holds: bool) -> None:
        """Write or lift what the provider does by itself: it takes no more messages to this person by this sender."""
        self._book.set_fact(
            heard.who, FactKind.PROVIDER_BLOCKED, [heard.target], holds=holds, reason=None, sender=heard.sender.id,
            wait=False, said_at=heard.at,
        )  # fmt: skip

    def turn(self, state: State, heard: Heard, default: Sequence[OptOutList]) -> tuple[str, bool]:
        """A provider's switch is for its own channel, whatever the list does with keywords."""
        word = NewWord(state, heard.channel, "switch", _since(state, heard), {"message_id": heard.message.message_id})
        who = replace(heard.who, source=Source.PROVIDER)
        lines, _, settled = self._book.write(who, word, [heard.target], default)
        return _outcome(state, lines), settled

    def opt_in(self, heard: Heard, lists: Sequence[OptOutList]) -> tuple[str, bool]:
        """What becomes of it, and whether all is quiet.

        Anybody can write in somebody's name by mail: that may take them off, but it takes their own yes back on.
        """
        if heard.channel is Channel.EMAIL:
            self._answering.ask(heard, lists)
            return "to_confirm", True
        self.block(heard, holds=False)
        return self.say(State.IN, heard, lists)

    def say(self, state: State, heard: Heard, lists: Sequence[OptOutList]) -> tuple[str, bool]:
        """Write the word on the channel it came on, or on all of them where the list says so.

        Answers what has become of the person, and whether all is quiet.
        """
        settled, said = True, list[Line]()
        for scope, channel in (("channel", heard.channel), ("all", Channel.ALL)):
            chosen = [one for one in lists if one.keyword_scope == scope]
            if chosen:
                word = NewWord(state, channel, heard.message.text[:100], _since(state, heard), heard.evidence)
                lines, _, quiet = self._book.write(heard.who, word, [heard.target], chosen)
                settled &= quiet
                said += lines
        if not heard.message.acts:  # else the provider has answered already
            self._answering.confirm(heard, state, said)
        return _outcome(state, said), settled


def _since(state: State, heard: Heard) -> int:
    return heard.until if state is State.OUT else heard.at


def _outcome(state: State, lines: Sequence[Line]) -> str:
    """A word that came late, after a newer one on every list, has changed nothing."""
    return "superseded" if all(one.change.status == "superseded" for one in lines) else _OUTCOMES[state]
