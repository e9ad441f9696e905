"""What comes in: a person's message, read once, understood by keywords first and smart replies last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from connector.domain.errors import Forbidden, Invalid, NotFound, Unauthorised
from connector.domain.messages import (
    BadInbound,
    BadSignature,
    Inbound,
    InboundLink,
    InboundMessage,
    InboundRequest,
    InboundStatus,
)
from connector.domain.records import OptOutList, Sender
from connector.domain.words import State
from connector.engine.bounced import Bounced
from connector.engine.context import Services
from connector.engine.delivered import Delivered
from connector.engine.heard import Heard, data_of, hear
from connector.engine.linking import Linking
from connector.engine.once import Answer
from connector.engine.ports import Challenging, Greeting, Provider
from connector.engine.replying import Replying
from connector.engine.reviews import Reviews
from connector.engine.saying import Saying
from connector.engine.secrets import Secrets
from connector.engine.targets import Who
from connector.engine.telling import tell_keyword
from connector.engine.understanding import Meaning, shown, understood
from connector.engine.waits import waits
from connector.store import inbound, journal
from connector.store.database import Connection, Database
from connector.store.directory import Directory, sender_by_token
from connector.store.journal import Noted
from connector.store.resources import smart_replies

_UNSAID = Meaning("none")


class Receiver:
    """The inbound door. Keywords and replies leave it by the same corridor as a builder's call."""

    def __init__(
        self, database: Database, services: Services,
        providers: Mapping[str, Provider], secrets: Secrets, delivered: Delivered, bounced: Bounced,
        saying: Saying, replying: Replying, reviews: Reviews, linking: Linking,
    ) -> None:  # fmt: skip
        self._database = database
        self._directories = services.directories
        self._services = services
        self._providers = providers
        self._secrets = secrets
        self._delivered = delivered
        self._bounced = bounced
        self._saying = saying
        self._replying = replying
        self._reviews = reviews
        self._linking = linking

    def receive(self, token: str, read: Callable[[], InboundRequest]) -> Answer:
        """Everything in one call of a provider. It is verified before anything is read, and read before any write.

        Not even its body is taken in before the token is known: bodies of strangers may never come.
        """
        org, sender = self._sender(token)
        request = read()
        provider = self._providers[sender.provider]
        try:
            if isinstance(provider, Greeting) and (said := provider.greeting(request, sender.settings)) is not None:
                return Answer(200, said)
            parts = provider.parse_inbound(request, sender.settings, self._services.clock())
        except BadSignature as error:
            raise Unauthorised(str(error) or "The call is not signed by this sender's provider.") from error
        except BadInbound as error:
            raise Invalid.at("", "bad_inbound", str(error)) from error
        others, quiet = self._linking.take_out(org, sender, parts)  # first, so that the words govern both
        outcomes = [self.take(org, sender, part) for part in others]
        settled = all([quiet, *(outcome.pop("settled", True) for outcome in outcomes)])
        if getattr(provider, "silent", False):
            return Answer(204, None)
        return Answer(200 if settled else 202, {"received": len(outcomes), "messages": outcomes})

    def challenge(self, token: str, request: InboundRequest) -> str:
        """What to answer a provider that asks whether this address is ours."""
        _, sender = self._sender(token)
        provider = self._providers[sender.provider]
        if not isinstance(provider, Challenging):
            raise NotFound
        try:
            return provider.challenge(request, sender.settings)
        except BadSignature as error:
            raise Forbidden(str(error)) from error
        except BadInbound as error:
            raise Invalid.at("", "bad_inbound", str(error)) from error

    def try_out(self, who: Who, values: Mapping[str, Any]) -> dict[str, Any]:
        """What a message would do, and why: which word, rule or smart reply matches it. Without effect."""
        directory = self._directories.current(who.organisation)
        sender = directory.find_sender(values["sender"])
        if sender is None:
            raise Invalid.at("/sender", "unknown_sender", "there is no such sender")
        given = next((str(values[name]) for name in ("number", "email", "whatsapp_id") if values.get(name)), "")
        message = InboundMessage("try", given, None, values["text"], sender.channel, None)
        heard = self._hear(directory, sender, message)
        if heard is None:
            raise Invalid.at("", "invalid_address", "give an address that this sender can hear from")
        return shown(self.meaning(heard, directory), data_of(heard), partial(self._replying.preview, who))

    def _sender(self, token: str) -> tuple[int, Sender]:
        with self._database.read() as connection:
            found = sender_by_token(connection, token)
        if found is None:
            raise NotFound
        return found

    def take(self, org: int, sender: Sender, part: Inbound) -> dict[str, Any]:
        """What becomes of one message, status or report that a sender's provider, or its mail, brought."""
        if isinstance(part, InboundStatus):
            return {"id": part.send_id, "outcome": self._delivered.hear(org, sender, part)}
        if isinstance(part, InboundMessage):
            return self._one(org, sender, part)
        if isinstance(part, InboundLink):
            return {"id": "", "outcome": "linked", "settled": self._linking.take_out(org, sender, [part])[1]}
        return self._bounced.hear(org, sender, part)

    def _one(self, org: int, sender: Sender, message: InboundMessage) -> dict[str, Any]:
        """One message has one effect, however often it is delivered."""
        directory = self._directories.current(org)
        heard = self._hear(directory, sender, message)
        meaning = self.meaning(heard, directory) if heard and _is_said(message) else _UNSAID
        noted = self._noted(org, sender, message, heard)
        if noted.outcome is not None:
            quiet = heard is None or noted.outcome != "opted_out" or self._services.book.is_quiet(org, [heard.target])
            return {"id": message.message_id, "outcome": "duplicate", "settled": quiet}
        if heard:
            heard = replace(heard, who=replace(heard.who, again=noted.again))
        outcome, settled = self._act(heard, meaning, directory) if heard else ("invalid_address", True)
        if heard and message.written:
            self._services.people.replied(heard.who, sender.id, heard.target)
        with self._database.write() as connection:
            now = self._services.clock()
            journal.dealt_with(connection, org, sender.id, message.message_id, outcome, now)
            if heard and meaning.kind != "none":
                tell_keyword(connection, self._directories.fresh(connection, org), heard, meaning, outcome)
        return {"id": message.message_id, "outcome": outcome, "settled": settled}

    def _noted(self, org: int, sender: Sender, message: InboundMessage, heard: Heard | None) -> Noted:
        """What is known of a message; one that was not dealt with opens the conversation."""
        key = heard.target.key if heard else None

        def note(connection: Connection, now: int) -> Noted:
            return journal.receive(self._database, connection, org, sender.id, message.message_id, key, now)

        if heard and _is_said(message):
            return self._services.book.heard(heard.who, heard.target, sender.id, heard.at, note)
        with self._database.write() as connection:
            return note(connection, self._services.clock())

    def _hear(self, directory: Directory, sender: Sender, message: InboundMessage) -> Heard | None:
        here = self._services
        return hear(
            directory, sender, message, region=here.region, secret=self._secrets.address, now=here.clock()
        )  # fmt: skip

    def _act(self, heard: Heard, meaning: Meaning, directory: Directory) -> tuple[str, bool]:
        """The order that decides: the provider's switch, opt-out keywords, opt-in keywords, the first smart reply."""
        default = [directory.default_list(heard.sender.account)]
        told = heard.message.word
        if told is not None and not _is_said(heard.message):
            return self._saying.turn(told, heard, default)
        if heard.message.acts and told is State.OUT:
            self._saying.block(heard, holds=True)
        if meaning.kind == "opt_out" or told is State.OUT:
            return self._saying.say(State.OUT, heard, meaning.lists or default)
        if heard.message.acts and told is State.IN:
            self._saying.block(heard, holds=False)
        if meaning.kind == "opt_in":
            return self._saying.opt_in(heard, meaning.lists)
        if meaning.reply is not None:
            return self._replying.reply(heard, meaning.reply), True
        if meaning.kind == "unclear":
            return "to_review", self._reviews.put(heard)
        return "none", True

    def meaning(self, heard: Heard, directory: Directory) -> Meaning:
        """How a message is understood; without effect."""
        org, account = heard.who.organisation, heard.sender.account
        with self._database.read() as connection:
            rules, replies = inbound.rules_of(connection, org, account), smart_replies(connection, org)

        def waits_for_yes(chosen: Sequence[OptOutList]) -> bool:
            with self._database.read() as connection:
                return waits(connection, org, heard.target.key, chosen, self._services.clock())

        return understood(
            heard.message.text, heard.channel, heard.sender, directory.lists_of(account), rules, replies,
            waits_for_yes=waits_for_yes,
        )  # fmt: skip


def _is_said(message: InboundMessage) -> bool:
    """Whether a person wrote it; else it tells of a switch that they turned at the provider."""
    return message.written or message.word is None
