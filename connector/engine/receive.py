"""What comes in: a person's message, read once, understood by keywords first and smart replies last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from connector.domain.addresses import AddressKind, InvalidAddress, parse
from connector.domain.errors import HeedError, Invalid, NotFound, Unauthorised
from connector.domain.ids import public_id
from connector.domain.instants import rfc3339
from connector.domain.keywords import matches_opt_in, matches_opt_out, normalise
from connector.domain.messages import BadInbound, BadSignature, InboundMessage, InboundRequest
from connector.domain.recipients import Recipient, read_batch
from connector.domain.records import OptOutList, Sender, SmartReply
from connector.domain.words import Channel, FactKind, Purpose, Source, State
from connector.engine.context import Services
from connector.engine.directories import Directories
from connector.engine.once import Answer
from connector.engine.ports import Provider
from connector.engine.run import Corridor
from connector.engine.secrets import Secrets
from connector.engine.targets import Target, Who, target_of
from connector.engine.words_written import NewWord
from connector.store import journal
from connector.store.database import Database
from connector.store.directory import Directory, sender_by_token
from connector.store.resources import smart_replies

_SCOPES = frozenset({"read", "write", "send"})


@dataclass(frozen=True, slots=True)
class Heard:
    """A message with the person behind it."""

    who: Who
    sender: Sender
    channel: Channel
    message: InboundMessage
    target: Target
    at: int

    @property
    def evidence(self) -> dict[str, Any]:
        return {"message_id": self.message.message_id, "text": self.message.text[:1000]}


class Receiver:
    """The inbound door. Keywords and replies leave it by the same corridor as a builder's call."""

    def __init__(
        self, database: Database, directories: Directories, services: Services, corridor: Corridor,
        providers: Mapping[str, Provider], secrets: Secrets,
    ) -> None:  # fmt: skip
        self._database = database
        self._directories = directories
        self._services = services
        self._corridor = corridor
        self._providers = providers
        self._secrets = secrets

    def receive(self, token: str, request: InboundRequest) -> Answer:
        """Everything in one call of a provider. It is verified before anything is read, and read before any write."""
        with self._database.read() as connection:
            found = sender_by_token(connection, token)
        if found is None:
            raise NotFound
        org, sender = found
        try:
            messages = self._providers[sender.provider].parse_inbound(request, sender.settings, self._services.clock())
        except BadSignature as error:
            raise Unauthorised(str(error) or "The call is not signed by this sender's provider.") from error
        except BadInbound as error:
            raise Invalid.at("", "bad_inbound", str(error)) from error
        outcomes = [self._one(org, sender, message) for message in messages]
        settled = all(outcome.pop("settled", True) for outcome in outcomes)
        return Answer(200 if settled else 202, {"received": len(outcomes), "messages": outcomes})

    def _one(self, org: int, sender: Sender, message: InboundMessage) -> dict[str, Any]:
        """One message has one effect, however often it is delivered."""
        heard = self._understand(org, sender, message)
        key = heard.target.key if heard else None
        with self._database.write() as connection:
            outcome = journal.receive(
                self._database, connection, org, sender.id, message.message_id, key, self._services.clock()
            )
        if outcome is not None:
            quiet = heard is None or outcome != "opted_out" or self._services.book.is_quiet(org, [heard.target])
            return {"id": message.message_id, "outcome": "duplicate", "settled": quiet}
        outcome, settled = self._act(heard) if heard else ("invalid_address", True)
        with self._database.write() as connection:
            now = self._services.clock()
            journal.dealt_with(connection, org, sender.id, message.message_id, outcome, now)
        return {"id": message.message_id, "outcome": outcome, "settled": settled}

    def _understand(self, org: int, sender: Sender, message: InboundMessage) -> Heard | None:
        channel = message.channel if message.channel not in (None, Channel.ALL) else sender.channel
        directory = self._directories.current(org)
        kinds = (AddressKind.EMAIL,) if channel is Channel.EMAIL else (AddressKind.NUMBER, AddressKind.WHATSAPP_ID)
        if channel is not Channel.WHATSAPP:
            kinds = kinds[:1]
        region = directory.accounts[sender.account].region or self._services.region
        for kind in kinds:
            try:
                address = parse(kind, message.sender_address, region)
            except InvalidAddress:
                continue
            now = self._services.clock()
            who = Who(org, sender.account, f"sender {public_id('sender', sender.id)}", Source.KEYWORD, _SCOPES)
            target = target_of(Recipient((), {}, ""), address, org, self._secrets.address)
            at = min(message.at, now) if message.at is not None else now
            return Heard(who, sender, channel or sender.channel, message, target, at)
        return None

    def _act(self, heard: Heard) -> tuple[str, bool]:
        """The order that decides: opt-out keywords, opt-in keywords, then the first smart reply."""
        self._services.book.heard(heard.who, heard.target, heard.sender.id, heard.at)
        directory = self._directories.current(heard.who.organisation)
        lists = directory.lists_of(heard.sender.account)
        text = heard.message.text
        if out := _owners(lists, heard.sender, lambda one: any(matches_opt_out(text, word) for word in one.keywords)):
            return "opted_out", self._say(State.OUT, heard, out)
        if back := _owners(
            lists, heard.sender, lambda one: any(matches_opt_in(text, word) for word in one.opt_in_keywords)
        ):
            self._services.book.set_fact(
                heard.who, FactKind.PROVIDER_BLOCKED, [heard.target], holds=False, reason=None, sender=heard.sender.id,
                said_at=heard.at,
            )  # fmt: skip
            return "opted_in", self._say(State.IN, heard, back)
        return self._reply(heard, directory), True

    def _say(self, state: State, heard: Heard, lists: Sequence[OptOutList]) -> bool:
        """Write the word on the channel it came on, or on all of them where the list says so."""
        settled = True
        for scope, channel in (("channel", heard.channel), ("all", Channel.ALL)):
            chosen = [one for one in lists if one.keyword_scope == scope]
            if chosen:
                word = NewWord(state, channel, heard.message.text[:100], heard.at, heard.evidence)
                settled &= self._services.book.write(heard.who, word, [heard.target], chosen)[2]
        return settled

    def _reply(self, heard: Heard, directory: Directory) -> str:
        """The first smart reply that fits: its actions, then its answer; each once for this message."""
        with self._database.read() as connection:
            replies = smart_replies(connection, heard.who.organisation)
        reply = next((one for one in replies if _fits(one, heard)), None)
        if reply is None:
            return "none"
        who = replace(heard.who, source=Source.REPLY, actor=f"reply {public_id('reply', reply.id)}")
        once = f"{heard.sender.id}/{heard.message.message_id}"
        data, answering = _data(heard), replace(who, once=f"{who.organisation}/{who.actor}/{once}")
        todo: list[Callable[[], object]] = [
            partial(self._corridor.run_mapped, who, step["action"], step["mapping"], data, key=f"{once}/{index}")
            for index, step in enumerate(reply.actions)
        ]
        if reply.reply:
            todo.append(partial(self._answer, answering, heard, reply.reply))
        outcomes = [_succeeds(one) for one in todo]
        return "replied" if all(outcomes) else "reply_failed"

    def _answer(self, who: Who, heard: Heard, text: str) -> None:
        """Answer within the conversation the person opened."""
        batch = read_batch({heard.target.address.kind.value: heard.target.address.wire}, None)
        self._services.direct.send(
            who, public_id("sender", heard.sender.id), batch, {"text": text}, lists=["default"],
            purpose=Purpose.SERVICE, require_opt_in=False, bypass_groups=(), reference=None, send_at=None, wait=False,
        )  # fmt: skip


def _succeeds(act: Callable[[], object]) -> bool:
    """Whether it could be done; what will never work is no reason for the provider to call again."""
    try:
        act()
    except HeedError as error:
        if error.status >= 500:
            raise
        return False
    return True


def _owners(lists: Sequence[OptOutList], sender: Sender, matches: Any) -> list[OptOutList]:
    """The lists whose words match; those that name this sender beat those that name none."""
    named = [one for one in lists if one.sender == sender.id and matches(one)]
    return named or [one for one in lists if one.sender is None and matches(one)]


def _fits(reply: SmartReply, heard: Heard) -> bool:
    if reply.sender not in (None, heard.sender.id) or reply.channel not in (Channel.ALL, heard.channel):
        return False
    text = normalise(heard.message.text)
    words = [normalise(word) for word in reply.keywords]
    match reply.match:
        case "exact":
            return text in words
        case "begins_with":
            return any(f"{text} ".startswith(f"{word} ") for word in words)
        case _:
            return any(f" {word} " in f" {text} " for word in words)


def _data(heard: Heard) -> dict[str, Any]:
    """What a smart reply's mapping sees."""
    message, address = heard.message, heard.target.address
    return {
        "message": {
            "id": message.message_id, "from": message.sender_address, "to": message.recipient or heard.sender.number,
            "text": message.text, "channel": heard.channel.label, "received_at": rfc3339(heard.at),
        },
        "contact": {"number": None, "email": None, "attributes": {}, address.kind.value: address.wire},
    }  # fmt: skip
