"""What an action is handed: the services of the house, acting for one caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.domain.recipients import Batch
from connector.domain.results import Result
from connector.domain.words import Channel, Purpose, State
from connector.engine.asking import Asking
from connector.engine.consent_book import ConsentBook
from connector.engine.direct import Direct
from connector.engine.directories import Directories
from connector.engine.on_their_way import People
from connector.engine.once import Once
from connector.engine.ports import Clock
from connector.engine.targets import Who
from connector.engine.templates import Templates
from connector.engine.words_written import NewWord
from connector.sdk import Context


@dataclass(frozen=True)
class Services:
    """The built house, as the corridor needs it."""

    book: ConsentBook
    asking: Asking
    direct: Direct
    people: People
    directories: Directories
    once: Once
    templates: Templates
    clock: Clock
    #: The region in which national numbers are read where the account has none.
    region: str | None


def context_for(services: Services, who: Who) -> Context:
    return Context(_Consent(services, who), _Sending(services, who), _Sequences(services, who), services.clock())


@dataclass(frozen=True, slots=True)
class _Consent:
    services: Services
    who: Who

    def record(
        self, state: State, recipients: Batch, channel: Channel, lists: Sequence[str], *, reason: str | None,
        occurred_at: int | None, evidence: Mapping[str, Any] | None, expires_at: int | None = None,
        basis: str | None = None,
    ) -> Result:  # fmt: skip
        word = NewWord(state, channel, reason, occurred_at, evidence, expires_at, basis)
        return self.services.book.record(self.who, word, recipients, lists)

    def ask(
        self, recipients: Batch, channel: Channel, lists: Sequence[str], *, purpose: Purpose,
        require_opt_in: bool | str, bypass_groups: Sequence[str],
    ) -> Result:  # fmt: skip
        return self.services.asking.ask(self.who, recipients, channel, lists, purpose, require_opt_in, bypass_groups)

    def history(self, recipients: Batch, limit: int) -> Result:
        return self.services.asking.history(self.who, recipients, limit)


@dataclass(frozen=True, slots=True)
class _Sending:
    services: Services
    who: Who

    def send(
        self, sender: str, recipients: Batch, content: Mapping[str, Any], *, lists: Sequence[str], purpose: Purpose,
        require_opt_in: bool | str, bypass_groups: Sequence[str], reference: str | None, send_at: int | None,
        wait: bool,
    ) -> Result:  # fmt: skip
        return self.services.direct.send(
            self.who, sender, recipients, content, lists=lists, purpose=purpose, require_opt_in=require_opt_in,
            bypass_groups=bypass_groups, reference=reference, send_at=send_at, wait=wait,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Sequences:
    services: Services
    who: Who

    def enrol(self, sequence: str, recipients: Batch, attributes: Mapping[str, Any] | None) -> Result:
        return self.services.people.enrol(self.who, sequence, recipients, attributes)

    def remove(self, sequence: str, recipients: Batch) -> Result:
        return self.services.people.remove(self.who, sequence, recipients)
