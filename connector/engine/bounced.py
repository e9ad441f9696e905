"""What comes back by mail about ours is believed: hard bounces and complaints become hard facts, soft ones count.

A report counts once, however often it arrives. What is known of the send is settled first, then the address is
judged, and last the report is marked as dealt with: a death in between means that it is read again.
"""

from __future__ import annotations

import hmac
from typing import Any

from connector.domain.addresses import AddressKind, InvalidAddress, parse
from connector.domain.ids import public_id, row_number
from connector.domain.messages import Delivery, InboundReport, InboundStatus, Kind
from connector.domain.recipients import Recipient
from connector.domain.records import Sender
from connector.domain.standing import WITHIN, Condition, Signal, Standing, after
from connector.domain.words import Channel, FactKind, Source, State
from connector.engine.consent_book import ConsentBook
from connector.engine.delivered import Delivered
from connector.engine.directories import Directories
from connector.engine.links import Links
from connector.engine.ports import Clock
from connector.engine.secrets import Secrets
from connector.engine.targets import Target, Who, target_from, target_of
from connector.engine.words_written import NewWord
from connector.store import bounces, journal, outcomes
from connector.store.database import Database
from connector.store.outcomes import HandedOver

_FACTS = {Condition.HARD_BOUNCE: FactKind.HARD_BOUNCE, Condition.COMPLAINT: FactKind.COMPLAINT}
#: What a report means for the send itself; a message that was complained of had arrived.
_SENDS = {
    Signal.DELIVERED: (Delivery.DELIVERED, None),
    Signal.SOFT_BOUNCE: (Delivery.FAILED, Kind.PROVIDER),
    Signal.HARD_BOUNCE: (Delivery.FAILED, Kind.INVALID_RECIPIENT),
}


class Bounced:
    """Hears what mail servers say of a sender's mail."""

    def __init__(
        self, database: Database, directories: Directories, book: ConsentBook, delivered: Delivered,
        secrets: Secrets, links: Links, clock: Clock,
    ) -> None:  # fmt: skip
        self._database = database
        self._directories = directories
        self._links = links
        self._book = book
        self._delivered = delivered
        self._secrets = secrets
        self._clock = clock

    def hear(self, org: int, sender: Sender, report: InboundReport) -> dict[str, Any]:
        """One report has one effect; what became of it, and whether nothing is in flight to the address any more."""
        told = self._named(org, report)
        if not self._is_proven(sender, report):
            return {"id": report.message_id, **self._doubt(org, sender, told, report)}
        send = self._send(org, sender, report, told)
        about = target_from(send.kind, send.address, send.key, send.bucket) if send and send.address else told
        if about is None:
            return {"id": report.message_id, "outcome": "invalid_address"}
        signal = report.signal
        if signal is Signal.HARD_BOUNCE and told is not None and about.key != told.key:
            signal = Signal.SOFT_BOUNCE  # they have it forwarded, and what is gone is the other mailbox
        if send:
            self._settle(org, sender, send, signal, report)
        return {"id": report.message_id, **self._judge(org, sender, about, signal, report, send)}

    def _is_proven(self, sender: Sender, report: InboundReport) -> bool:
        """Anybody can mail us a report. Only who has seen the mail knows its mark."""
        if sender.settings.get("trusted_reports"):
            return True
        wanted = self._links.mark(report.send_id or "")
        return hmac.compare_digest(wanted.encode(), report.mark.encode())

    def _doubt(self, org: int, sender: Sender, told: Target | None, report: InboundReport) -> dict[str, Any]:
        """What a report without a mark does: at most what a mail may do in somebody's name, which is to opt out."""
        if told is None:
            return {"outcome": "invalid_address"}
        complains = report.signal is Signal.COMPLAINT
        outcome = "opted_out" if complains else "unproven"
        with self._database.write() as connection:
            now = self._clock()
            noted = journal.receive(self._database, connection, org, sender.id, report.message_id, told.key, now)
        if noted.outcome is not None:
            return {"outcome": "duplicate", "settled": not complains or self._book.is_quiet(org, [told])}
        settled = True
        if complains:
            who = Who(org, sender.account, f"provider {sender.provider}", Source.PROVIDER, again=noted.again)
            word = NewWord(State.OUT, Channel.EMAIL, "complaint", None, {"report": report.message_id})
            default = self._directories.current(org).default_list(sender.account)
            settled = self._book.write(who, word, [told], [default])[2]
        with self._database.write() as connection:
            journal.dealt_with(connection, org, sender.id, report.message_id, outcome, self._clock())
        return {"outcome": outcome, "settled": settled}

    def _named(self, org: int, report: InboundReport) -> Target | None:
        """Whom the report names."""
        try:
            address = parse(AddressKind.EMAIL, report.recipient, None)
        except InvalidAddress:
            return None
        return target_of(Recipient((), {}, ""), address, org, self._secrets.address)

    def _send(self, org: int, sender: Sender, report: InboundReport, told: Target | None) -> HandedOver | None:
        """Our own message: by the id that it carried, else the last one to this address. Only this sender's counts."""
        number = row_number("send", report.send_id) if report.send_id else None
        with self._database.read() as connection:
            found = outcomes.find(connection, org, number) if number else None
            if found is None and told is not None:
                last = bounces.last_send(connection, org, sender.id, told.key, self._clock() - WITHIN)
                found = outcomes.find(connection, org, last) if last else None
        return found if found and found.sender == sender.id else None

    def _settle(self, org: int, sender: Sender, send: HandedOver, signal: Signal, report: InboundReport) -> None:
        if signal in _SENDS:
            delivery, kind = _SENDS[signal]
            name, code = public_id("send", send.id), report.code if kind else ""
            self._delivered.hear(org, sender, InboundStatus(name, None, delivery, kind, code))

    def _judge(
        self, org: int, sender: Sender, about: Target, signal: Signal, report: InboundReport, send: HandedOver | None
    ) -> dict[str, Any]:
        now = self._clock()
        at = min(report.at, now) if report.at is not None else now
        with self._database.write() as connection:
            before = bounces.standing(self._database, connection, org, about.key)
            noted = journal.receive(self._database, connection, org, sender.id, report.message_id, about.key, now)
            stands = after(before, signal, at)
            if noted.outcome is not None:
                bounces.put(connection, org, about.key, before)
            elif stands.condition not in _FACTS:
                bounces.put(connection, org, about.key, stands)
                journal.dealt_with(connection, org, sender.id, report.message_id, stands.condition.value, now)
        if noted.outcome is not None:
            quiet = noted.outcome not in _FACTS or self._book.is_quiet(org, [about])
            return {"outcome": "duplicate", "settled": quiet}
        if stands.condition not in _FACTS:
            return {"outcome": stands.condition.value, "settled": True}
        who = Who(org, sender.account, f"provider {sender.provider}", Source.PROVIDER, again=noted.again)
        settled = self._write(who, sender, about, before, stands, report, send)
        return {"outcome": stands.condition.value, "settled": settled}

    def _write(
        self, who: Who, sender: Sender, about: Target, before: Standing, stands: Standing, report: InboundReport,
        send: HandedOver | None,
    ) -> bool:  # fmt: skip
        """The hard fact with its line in the history; where it stood already, only the wait."""
        org = who.organisation
        if stands.condition is before.condition:
            settled = self._book.is_quiet(org, [about])
        else:
            said = {
                "report": report.message_id, "code": report.code, "diagnostic": report.detail,
                "send": public_id("send", send.id) if send else "",
            }  # fmt: skip
            settled = self._book.set_fact(
                who, _FACTS[stands.condition], [about], holds=True, reason=report.code or None,
                evidence={name: value for name, value in said.items() if value},
            )  # fmt: skip
        with self._database.write() as connection:
            bounces.put(connection, org, about.key, stands)
            now, outcome = self._clock(), stands.condition.value
            journal.dealt_with(connection, org, sender.id, report.message_id, outcome, now)
        return settled
