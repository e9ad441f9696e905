"""What a list says to a person who has just spoken: one confirmation for a change, no conversation of robots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import structlog

from connector.domain.errors import HeedError
from connector.domain.ids import public_id
from connector.domain.instants import DAY, MINUTE
from connector.domain.recipients import Batch, Named, Recipient
from connector.domain.records import OptOutList
from connector.domain.words import Channel, Purpose, State
from connector.engine.direct import Direct
from connector.engine.directories import Directories
from connector.engine.heard import Heard
from connector.engine.links import Link, Links
from connector.engine.ports import Clock
from connector.engine.targets import Who
from connector.engine.words_written import Line
from connector.store import contacts, reports
from connector.store.database import Database

log = structlog.get_logger()

#: A change is confirmed once within five minutes: 47 CFR 64.1200(a)(12) allows one message, and that soon.
WITHIN = 5 * MINUTE
#: So many answers to one address from one sender within that time; whoever writes more often is likely a robot.
_MOST = 5

_MESSAGES = {
    (State.OUT, "added"): "first_opt_out", (State.OUT, "already"): "already_opt_out",
    (State.IN, "added"): "first_opt_in", (State.IN, "already"): "already_opt_in",
}  # fmt: skip

_PLEASE = "Please confirm"
_ASK_FIRST = "Somebody asked, by mail and in your name, that you be written to again. If that was you, say so here:"
_ELSE = "If it was not, do nothing: nothing has changed."


class Answering:
    """Sends the messages of lists, through the same door as everything else."""

    def __init__(
        self, database: Database, directories: Directories, direct: Direct, links: Links, clock: Clock
    ) -> None:
        self._database = database
        self._directories = directories
        self._direct = direct
        self._links = links
        self._clock = clock

    def may_answer(self, heard: Heard) -> bool:
        """Whether this address has not been answered too often just now."""
        with self._database.read() as connection:
            org, key, since = heard.who.organisation, heard.target.key, self._clock() - WITHIN
            return reports.answers_since(connection, org, key, heard.sender.id, since) < _MOST

    def confirm(self, heard: Heard, state: State, lines: Sequence[Line]) -> None:
        """The first message that one of the lists has for what has become of the person; the account's where none has.

        A change is told each time; what was so already, once in a while.
        """
        account = self._directories.current(heard.who.organisation).accounts[heard.who.account]
        for own in (True, False):
            for line in lines:
                words = line.list if own else account
                name = _MESSAGES.get((state, line.change.status))
                message = words.messages.get(name) if name else None
                if message and words.send_response:
                    self._send(heard, line, f"{name} {line.list.public['id']}", message["text"])
                    return

    def ask(self, heard: Heard, lists: Sequence[OptOutList]) -> None:
        """Ask at the address itself whether it was they who want to be written to: a link that only they have."""
        org, address, reference = heard.who.organisation, heard.target.address, "confirm opt-in"
        with self._database.read() as connection:
            if reports.is_answered(connection, org, heard.target.key, reference, self._clock() - DAY):
                return  # once a day: whoever writes in other people's names must not fill their mailboxes
        link = Link(
            org, heard.sender.account, heard.channel, heard.target.key, heard.target.bucket,
            tuple(one.id for one in lists),
        )  # fmt: skip
        text = f"{_ASK_FIRST}\n\n{self._links.preferences_url(link)}\n\n{_ELSE}"
        who = replace(heard.who, once=f"{org}/{reference}/{heard.sender.id}/{heard.message.message_id}")
        person = Recipient((Named(address.kind.value, address.wire, address),), {}, "")
        self._hand(who, heard, public_id("sender", heard.sender.id), person, text, _PLEASE, reference)

    def _send(self, heard: Heard, line: Line, reference: str, text: str) -> None:
        org, address = heard.who.organisation, heard.target.address
        with self._database.read() as connection:
            since = self._clock() - WITHIN
            if line.change.status == "already" and reports.is_answered(
                connection, org, heard.target.key, reference, since
            ):
                return
            owner = contacts.owners(connection, org, [heard.target.key]).get(heard.target.key)
        if not self.may_answer(heard):
            log.warning("answer_withheld", sender=public_id("sender", heard.sender.id), why="too many just now")
            return
        attributes = {**(owner.attributes if owner else {}), "list": line.list.name}
        person = Recipient((Named(address.kind.value, address.wire, address),), attributes, "")
        # One message has one answer: delivered again after a crash, it finds the word written and would say so too.
        who = replace(heard.who, once=f"{org}/confirm/{heard.sender.id}/{heard.message.message_id}")
        sender = public_id("sender", line.list.sender or heard.sender.id)
        self._hand(who, heard, sender, person, text, line.list.name, reference)

    def _hand(
        self, who: Who, heard: Heard, sender: str, person: Recipient, text: str, subject: str, reference: str
    ) -> None:  # fmt: skip
        content = {"text": text, "subject": subject if heard.channel is Channel.EMAIL else None}
        try:
            self._direct.send(
                who, sender, Batch((person,), True), content, lists=["default"], purpose=Purpose.CONFIRMATION,
                require_opt_in=False, bypass_groups=(), reference=reference, send_at=None, wait=False,
            )  # fmt: skip
        except HeedError as error:  # the word is written; a text that can't be filled must not make the provider retry
            log.warning("confirmation_not_sent", reference=reference, error=error.code)
