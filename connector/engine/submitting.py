"""What people say over a form: "in" at once, or a second yes asked for by a message and counted when it comes.

Whoever types an address in need not own it. So without a second yes a form lifts no "no" that was said before: where
there is one, the address itself is asked, and where nobody can ask it, nothing is written. The visitor sees the same.
"""

from __future__ import annotations

import secrets as randomness
from collections.abc import Mapping
from enum import Enum
from functools import partial
from typing import Any

from connector.domain.addresses import AddressKind, InvalidAddress, parse
from connector.domain.change import Said, is_out
from connector.domain.errors import Gone, NotFound
from connector.domain.forms import CONFIRM_WITHIN, Asked, Form
from connector.domain.ids import public_id
from connector.domain.instants import rfc3339
from connector.domain.recipients import Recipient, read_batch
from connector.domain.records import OptOutList
from connector.domain.templates import write_template
from connector.domain.words import Channel, FactKind, Purpose, Source, State
from connector.engine.consent_book import ConsentBook
from connector.engine.direct import Direct
from connector.engine.directories import Directories
from connector.engine.fenced import Fenced
from connector.engine.form_requests import request_row, taken_as_it_is, to_ask
from connector.engine.ports import Clock
from connector.engine.secrets import Secrets
from connector.engine.targets import Target, Who, target_from, target_of
from connector.engine.words_written import NewWord
from connector.store import book, forms, identity
from connector.store.database import Connection, Database


class Taken(Enum):
    """What a visitor is told. Whether the address is known, and what it said before, shows in none of these."""

    DONE = "done"
    UNREADABLE = "unreadable"
    #: Too many from one network.
    LATER = "later"


class Submitting:
    """Takes what forms send."""

    def __init__(
        self, database: Database, directories: Directories, fenced: Fenced, consent: ConsentBook, direct: Direct,
        secrets: Secrets, clock: Clock, public_url: str, region: str | None,
    ) -> None:  # fmt: skip
        self._database = database
        self._directories = directories
        self._fenced = fenced
        self._book = consent
        self._direct = direct
        self._secrets = secrets
        self._clock = clock
        self._public_url = public_url
        self._region = region

    def form(self, token: str) -> Form:
        with self._database.read() as connection:
            found = forms.by_token(connection, token)
        if found is None:
            raise NotFound
        return found

    def organisation(self, org: int) -> str:
        with self._database.read() as connection:
            return identity.organisation_name(connection, org)

    def lists(self, form: Form) -> list[OptOutList]:
        """The lists it opts into, as its account sees them now."""
        directory = self._directories.current(form.org)
        numbers = sorted(directory.governing(form.account, form.lists))
        return [directory.lists[number] for number in numbers if number in directory.lists]

    def submit(self, form: Form, text: str, network: str, shown: Mapping[str, Any]) -> Taken:
        """An address that somebody typed; ``shown``: the words that stood beside it."""
        account = self._directories.current(form.org).accounts[form.account]
        try:
            address = parse(form.kind, text, account.region or self._region)
        except InvalidAddress:
            return Taken.UNREADABLE
        target = target_of(Recipient((), {}, ""), address, form.org, self._secrets.address)
        evidence = {**shown, "form": public_id("form", form.id), "network": network}
        asks, code = form.double_opt_in or self._said_no(form, target), randomness.token_urlsafe(16)
        sender = self._asker(form)
        if asks and sender is None:
            return Taken.DONE
        remember = partial(to_ask, self._database) if asks else taken_as_it_is
        taken = self._fenced.allow(
            form.org, [target], lambda db, now: remember(db, form, request_row(form, target, code, evidence, now))
        )
        if taken is None:
            return Taken.LATER
        if taken and asks:
            self._send(form, target, code, sender)
        elif taken and not asks:
            self._opt_in(form, target, {**evidence, "confirmed": False}, unproven=True)
        return Taken.DONE

    def asked(self, code: str) -> tuple[Asked, Form]:
        """What a link asks to confirm; Gone where it is too old."""
        with self._database.read() as connection:
            asked = forms.asked(connection, code)
            form = forms.by_number(connection, asked.org, asked.form) if asked else None
        if asked is None or form is None:
            raise NotFound
        if asked.confirmed_at is None and asked.requested_at < self._clock() - CONFIRM_WITHIN:
            raise Gone
        return asked, form

    def confirm(self, asked: Asked, form: Form, shown: Mapping[str, Any]) -> None:
        """The second yes. Pressed once more it says nothing new, least of all after a later "no"."""
        if asked.confirmed_at is not None:
            return
        target = target_from(asked.kind, asked.address, asked.key, asked.bucket)
        first = {**asked.evidence, "at": rfc3339(asked.requested_at)}
        self._opt_in(form, target, {**shown, "form": public_id("form", form.id), "confirmed": True, "asked": first})

        def write(connection: Connection, now: int) -> None:
            forms.confirmed(connection, asked.code, now)
            book.drop_facts(connection, form.org, [target.key], FactKind.PENDING, int(form.channel))

        self._fenced.allow(form.org, [target], write)

    def _opt_in(self, form: Form, target: Target, evidence: Mapping[str, Any], *, unproven: bool = False) -> None:
        word = NewWord(State.IN, form.channel, evidence=evidence, unproven=unproven)
        self._book.write(self._who(form), word, [target], self.lists(form))

    def _said_no(self, form: Form, target: Target) -> bool:
        """Whether a "no" of this address governs what the form would opt it into."""
        default = self._directories.current(form.org).default_list(form.account)
        of = {default.id, *(one.id for one in self.lists(form))}
        with self._database.read() as connection:
            words = book.current(connection, form.org, [target.key], of)
        said: dict[int, dict[int, Said]] = {}
        for (_, number, channel), word in words.items():
            said.setdefault(number, {})[channel] = Said(word.state, word.since)
        return any(is_out(one, form.channel) for one in said.values())

    def _asker(self, form: Form) -> int | None:
        """Who asks for the second yes: the form's sender, or the account's first one on its channel."""
        senders = self._directories.current(form.org).senders.values()
        fitting = (one.id for one in senders if one.channel is form.channel and one.account == form.account)
        return form.sender or next(fitting, None)

    def _send(self, form: Form, target: Target, code: str, sender: int | None) -> None:
        """Ask by a message. It goes through the corridor as every other: to who is blocked, nothing goes."""
        name, url = self.organisation(form.org), f"{self._public_url}/confirm/{code}"
        text = f"{name}: please confirm that you want our messages: {url}\nIf you did not ask for this, do nothing."
        content = {"text": write_template((text,))}
        if form.channel is Channel.EMAIL:
            content["subject"] = write_template((f"Please confirm: {name}",))
        kind = AddressKind(target.address.kind)
        self._direct.send(
            self._who(form, once=f"confirmation {code}"), public_id("sender", sender or 0),
            read_batch({kind.value: target.address.wire}, None), content, lists=["default"],
            purpose=Purpose.CONFIRMATION, require_opt_in=False, bypass_groups=(),
            reference=f"Confirmation of {public_id('form', form.id)}", send_at=None, wait=False,
        )  # fmt: skip

    def _who(self, form: Form, once: str | None = None) -> Who:
        return Who(form.org, form.account, f"form {public_id('form', form.id)}", Source.FORM, once=once)
