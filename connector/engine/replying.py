"""Smart replies: a question sets actions off and is answered, each once for a message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from connector.domain.errors import HeedError, Unavailable
from connector.domain.ids import public_id
from connector.domain.recipients import read_batch
from connector.domain.records import SmartReply
from connector.domain.words import Channel, Purpose, Source
from connector.engine.answering import Answering
from connector.engine.direct import Direct
from connector.engine.heard import Heard, data_of
from connector.engine.run import Corridor
from connector.engine.targets import Who

#: What answers by email are called; the question has no subject that we know.
_SUBJECT = "Your message"

_LIFTING = frozenset({"record_opt_in", "remove_from_opt_out"})


class Replying:
    """Runs actions through the corridor, as a builder's call does."""

    def __init__(self, corridor: Corridor, direct: Direct, answering: Answering) -> None:
        self._corridor = corridor
        self._direct = direct
        self._answering = answering

    def preview(self, who: Who, name: str, mapping: Mapping[str, Any], data: Any) -> dict[str, Any]:
        """The input of an action of a smart reply, without effect."""
        return {"action": name, **self._corridor.preview(who, name, mapping, data)}

    def reply(self, heard: Heard, reply: SmartReply) -> str:
        """A smart reply's actions, then its answer; each once for this message."""
        who = replace(heard.who, source=Source.REPLY, actor=f"reply {public_id('reply', reply.id)}")
        once = f"{heard.sender.id}/{heard.message.message_id}"
        data, answering = data_of(heard), replace(who, once=f"{who.organisation}/{who.actor}/{once}")
        todo: list[Callable[[], object]] = [
            partial(self._corridor.run_mapped, who, step["action"], step["mapping"], data, key=f"{once}/{index}")
            for index, step in enumerate(reply.actions)
            # By mail anybody can write in somebody's name: it takes nobody back on.
            if heard.channel is not Channel.EMAIL or step["action"] not in _LIFTING
        ]
        if reply.reply and self._answering.may_answer(heard):
            todo.append(partial(self._answer, answering, heard, reply.reply))
        outcomes = [_succeeds(one) for one in todo]
        return "replied" if all(outcomes) else "reply_failed"

    def _answer(self, who: Who, heard: Heard, text: str) -> None:
        """Answer within the conversation the person opened."""
        content = {"text": text, "subject": _SUBJECT if heard.channel is Channel.EMAIL else None}
        batch = read_batch({heard.target.address.kind.value: heard.target.address.wire}, None)
        self._direct.send(
            who, public_id("sender", heard.sender.id), batch, content, lists=["default"],
            purpose=Purpose.SERVICE, require_opt_in=False, bypass_groups=(), reference=None, send_at=None, wait=False,
        )  # fmt: skip


def _succeeds(act: Callable[[], object]) -> bool:
    """Whether it could be done; what will never work is no reason for the provider to call again."""
    try:
        act()
    except HeedError as error:
        if error.status >= 500:
            raise
        if error.code == "in_progress":  # another delivery of this message: how that one ends is not known yet
            raise Unavailable("Another delivery of this message is still being dealt with.") from error
        return False
    return True
