"""What a provider says of a message after the hand-off: the unknown becomes known, and a late "no" is believed.

Such calls come in any order, more than once, and late. So a status only moves forward, and where it ends does not
depend on the order: failed, if the provider ever said so, else sent.
"""

from __future__ import annotations

from connector.domain.errors import Unavailable
from connector.domain.ids import row_number
from connector.domain.messages import Delivery, InboundStatus, Kind
from connector.domain.records import Sender
from connector.domain.words import SendStatus, Source
from connector.engine.consent_book import ConsentBook
from connector.engine.directories import Directories
from connector.engine.ports import Clock
from connector.engine.targets import Who, target_from
from connector.engine.telling import tell_ends
from connector.engine.waiting import Waiting
from connector.store import campaigns, outcomes
from connector.store.database import Database
from connector.store.outcomes import HandedOver

UNKNOWN, SENT, FAILED = SendStatus.UNKNOWN, SendStatus.SENT, SendStatus.FAILED
#: Every step there is. What the provider refused at once, or we never handed over, is not for it to change.
ARROWS = {
    (UNKNOWN, Delivery.ACCEPTED): SENT,
    (UNKNOWN, Delivery.DELIVERED): SENT,
    (UNKNOWN, Delivery.FAILED): FAILED,
    (SENT, Delivery.FAILED): FAILED,
}
#: Kinds of failure that are the person's own word.
_WORDS = (Kind.OPTED_OUT, Kind.MARKETING_STOPPED)
_TRIES = 5


class Delivered:
    """Believes what a sender's provider says of that sender's messages."""

    def __init__(
        self, database: Database, directories: Directories, book: ConsentBook, waiting: Waiting, clock: Clock,
        limit_s: float,
    ) -> None:  # fmt: skip
        self._database = database
        self._directories = directories
        self._book = book
        self._waiting = waiting
        self._clock = clock
        self._limit_s = limit_s

    def hear(self, org: int, sender: Sender, said: InboundStatus) -> str:
        """What became of it: the status that the send has now, or "no_such_send"."""
        number = row_number("send", said.send_id)
        for _ in range(_TRIES):
            found = self._find(org, sender, number)
            if found is None:
                return "no_such_send"
            after = ARROWS.get((found.status, said.delivery), found.status)
            if after is found.status and not _says_more(found, said):
                return after.value
            if said.kind in _WORDS:  # first: a death in between loses an outcome and not an opt-out
                self._tell(org, sender, found, said)
            if self._write(org, found, after, said):
                return after.value
        raise Unavailable("This message is being written about by others; try again.")

    def _find(self, org: int, sender: Sender, number: int | None) -> HandedOver | None:
        """The send, once its hand-off is over; only this sender's provider may speak of it."""

        def look() -> HandedOver | None:
            with self._database.read() as connection:
                return outcomes.find(connection, org, number) if number else None

        found = look()
        if found is None or found.sender != sender.id:
            return None
        # A callback can be quicker than the answer it is about. Whoever answers last would be believed, so it waits.
        if found.status is SendStatus.SENDING and not self._waiting.until(
            lambda: (now := look()) is None or now.status is not SendStatus.SENDING, self._limit_s
        ):
            raise Unavailable("This message is still being handed over; try again.")
        return look()

    def _tell(self, org: int, sender: Sender, found: HandedOver, said: InboundStatus) -> None:
        if found.address:
            who = Who(org, sender.account, f"provider {sender.provider}", Source.PROVIDER)
            target = target_from(found.kind, found.address, found.key, found.bucket)
            self._book.told(who, said.kind, target, sender, said.detail)

    def _write(self, org: int, found: HandedOver, after: SendStatus, said: InboundStatus) -> bool:
        with self._database.write() as connection:
            error = _error(said) if after is FAILED else None
            written = outcomes.write(connection, org, found.id, found.status, after, error, said.provider_id)
            if written and after is not found.status:
                directory = self._directories.fresh(connection, org)
                tell_ends(connection, directory, [(found.id, after.value)], self._clock())
            gone = said.kind is Kind.INVALID_RECIPIENT or said.kind in _WORDS
            if written and gone and found.enrolment is not None and found.on_opt_out == "exit":
                campaigns.end_enrolments(connection, org, [found.enrolment], "opted_out", self._clock())
        return written


def _says_more(found: HandedOver, said: InboundStatus) -> bool:
    """Whether a failure that is known turns out to be the person's own word."""
    known = (found.error or "").partition(":")[0]
    return found.status is FAILED and said.kind in _WORDS and known not in _WORDS


def _error(said: InboundStatus) -> str:
    kind = said.kind or Kind.PROVIDER
    return f"{kind.value}: {said.detail}" if said.detail else kind.value
