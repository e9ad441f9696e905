"""The way out over a link. What it writes takes the fence like any other word; looking at it changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connector.domain.addresses import Address, AddressKind
from connector.domain.errors import NotFound
from connector.domain.ids import public_id
from connector.domain.masking import mask
from connector.domain.recipients import Recipient
from connector.domain.records import OptOutList
from connector.domain.words import Channel, Source, State
from connector.engine.consent_book import ConsentBook
from connector.engine.directories import Directories
from connector.engine.links import OUT, Link, Links
from connector.engine.targets import Target, Who, target_from
from connector.engine.words_written import NewWord
from connector.store import identity, links_out
from connector.store.database import Database
from connector.store.directory import Directory

#: As the history shows who spoke over a link.
PERSON = "the person"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page says of a link."""

    organisation: str
    #: The address with its middle hidden; "" where it was erased.
    address: str
    channel: Channel
    lists: tuple[OptOutList, ...]


class OptingOut:
    """Reads links and opts out over them."""

    def __init__(self, database: Database, directories: Directories, book: ConsentBook, links: Links) -> None:
        self._database = database
        self._directories = directories
        self._book = book
        self._links = links

    def by_token(self, token: str) -> Link:
        return _there(self._links.read(token, OUT))

    def by_code(self, code: str) -> Link:
        with self._database.read() as connection:
            row = links_out.find(connection, code)
        return _there(_link(row) if row else None)

    def show(self, link: Link) -> Shown:
        with self._database.read() as connection:
            name = identity.organisation_name(connection, link.org)
            known = links_out.address_of(connection, link.org, link.key)
        lists = self._lists(self._directories.current(link.org), link)
        return Shown(name, mask(AddressKind(known[0]), known[1]) if known else "", link.channel, tuple(lists))

    def out(self, link: Link, source: Source, *, everything: bool = False) -> bool:
        """Opt out of the message's lists on its channel, or of everything; whether nothing is on its way any more."""
        directory = self._directories.current(link.org)
        account = account_of(directory, link)
        lists = [directory.default_list(account)] if everything else self._lists(directory, link)
        evidence = {"message": public_id("send", link.send)} if link.send else None
        word = NewWord(State.OUT, Channel.ALL if everything else link.channel, evidence=evidence)
        return self._book.write(Who(link.org, account, PERSON, source), word, [self.target(link)], lists)[2]

    def target(self, link: Link) -> Target:
        """Whom the link names; where nobody knows the address any more, its key says enough to stop everything."""
        with self._database.read() as connection:
            known = links_out.address_of(connection, link.org, link.key)
        if known is None:
            return Target(Recipient((), {}, ""), Address(_kind_on(link.channel), "", ""), link.key, link.bucket)
        return target_from(known[0], known[1].removeprefix("wa:"), link.key, link.bucket)

    def _lists(self, directory: Directory, link: Link) -> list[OptOutList]:
        """The lists as they are now; of one that was deleted, the default list takes the place."""
        account = account_of(directory, link)
        default = directory.default_list(account)
        home = {one.id: one for one in directory.lists_of(account)}
        found = {home.get(number, default).id: None for number in sorted(directory.governing(account, link.lists))}
        return [home[number] for number in found or {default.id: None}]


def account_of(directory: Directory, link: Link) -> int:
    """The link's account, or where it was deleted the organisation's oldest one."""
    return link.account if link.account in directory.accounts else min(directory.accounts)


def _kind_on(channel: Channel) -> AddressKind:
    return AddressKind.EMAIL if channel is Channel.EMAIL else AddressKind.NUMBER


def _link(row: Mapping[str, Any]) -> Link:
    return Link(
        row["org"], row["account"], Channel(row["channel"]), row["key"], row["bucket"], tuple(row["lists"]),
        row["send"],
    )  # fmt: skip


def _there(link: Link | None) -> Link:
    if link is None:
        raise NotFound
    return link
