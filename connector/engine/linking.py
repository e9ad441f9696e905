"""Two addresses that a provider tells to be one person's: from then on a word on either governs both."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

from connector.domain.addresses import AddressKind, InvalidAddress, parse
from connector.domain.ids import public_id
from connector.domain.messages import Inbound, InboundLink
from connector.domain.recipients import Recipient
from connector.domain.records import Sender
from connector.domain.words import Channel, Source
from connector.engine.fenced import Fenced
from connector.engine.ports import Clock
from connector.engine.secrets import Secrets
from connector.engine.targets import Target, Who, target_of
from connector.engine.words_written import draft_row
from connector.store import book
from connector.store.database import Connection, Database

#: How many addresses one person may have: beyond that somebody links what does not belong together.
_MOST = 16


class Linking:
    """Links addresses, once."""

    def __init__(self, database: Database, fenced: Fenced, secrets: Secrets, clock: Clock) -> None:
        self._database = database
        self._fenced = fenced
        self._secrets = secrets
        self._clock = clock

    def take_out(self, org: int, sender: Sender, parts: Sequence[Inbound]) -> tuple[list[Inbound], bool]:
        """Everything else in the call, and whether nothing is in flight that the new links would have refused."""
        told = {part for part in parts if isinstance(part, InboundLink)}
        settled = [self._link(org, sender, one) for one in sorted(told, key=lambda one: (one.number, one.whatsapp_id))]
        return [part for part in parts if not isinstance(part, InboundLink)], all(settled)

    def _link(self, org: int, sender: Sender, told: InboundLink) -> bool:
        try:
            pair = [
                self._target(org, AddressKind.NUMBER, told.number),
                self._target(org, AddressKind.WHATSAPP_ID, told.whatsapp_id),
            ]
        except InvalidAddress:
            return True
        keys = [one.key for one in pair]
        with self._database.read() as connection:
            known = book.linked(connection, org, keys[:1])
        if any(other == keys[1] for other, _ in known.get(keys[0], ())):
            return True
        actor = f"provider {sender.provider}"
        who = Who(org, sender.account, actor, Source.PROVIDER)

        def write(connection: Connection, now: int) -> None:
            family = {one.key: one.bucket for one in pair}
            for others in book.linked(connection, org, keys).values():
                family |= dict(others)
            if len(family) > _MOST:
                return
            for one, two in permutations(family.items(), 2):
                if one[0] < two[0]:
                    book.link(self._database, connection, org, one, two, now)
            evidence = {"sender": public_id("sender", sender.id)}
            drafts = [
                draft_row(who, one, None, Channel.ALL, "linked", now, now, "told by the provider", evidence)
                for one in pair
            ]
            self._fenced.append(connection, drafts)

        # A refusal, because a word that was said on one of them holds for the other from here on.
        return self._fenced.refuse(org, pair, write)[2]

    def _target(self, org: int, kind: AddressKind, text: str) -> Target:
        return target_of(Recipient((), {}, ""), parse(kind, text, None), org, self._secrets.address)
