"""The directory of an organisation: accounts, lists, senders and groups, read whole and kept until a change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, select, update

from connector.domain.frequency import Cap
from connector.domain.ids import row_number
from connector.domain.records import Account, Group, OptOutList, Sender
from connector.domain.words import Channel
from connector.store.tables import accounts, groups, lists, organisations, senders, webhooks


@dataclass(frozen=True)
class Directory:
    """What one organisation has set up, at one version."""

    organisation: int
    version: int
    accounts: Mapping[int, Account]
    lists: Mapping[int, OptOutList]
    senders: Mapping[int, Sender]
    groups: Mapping[int, Group]
    #: The types of events that some webhook has subscribed to.
    listening: frozenset[str]

    def home_of(self, account: int) -> int:
        """Whose lists govern for an account: its own (the account's number), or the organisation's (0)."""
        return account if self.accounts[account].own_lists else 0

    @cached_property
    def _lists_by_key(self) -> dict[tuple[int, str], OptOutList]:
        return {(found.account, found.key): found for found in self.lists.values()}

    @cached_property
    def _defaults(self) -> dict[int, OptOutList]:
        return {found.account: found for found in self.lists.values() if found.is_default}

    def default_list(self, account: int) -> OptOutList:
        return self._defaults[self.home_of(account)]

    def lists_of(self, account: int) -> list[OptOutList]:
        home = self.home_of(account)
        return [found for found in self.lists.values() if found.account == home]

    def find_list(self, account: int, name: str) -> OptOutList | None:
        """A list by its id or its key, as this account sees it."""
        home = self.home_of(account)
        number = row_number("list", name)
        found = self.lists.get(number) if number else None
        if found is not None and found.account == home:
            return found
        return self._lists_by_key.get((home, name))

    def governing(self, account: int, named: Iterable[int]) -> frozenset[int]:
        """Lists as this account sees them now: where it has moved since they were named, their likes by key."""
        home = self.home_of(account)
        return frozenset(self._at_home(number, home) for number in named)

    def _at_home(self, number: int, home: int) -> int:
        found = self.lists.get(number)
        if found is None or found.account == home:
            return number
        like = self._lists_by_key.get((home, found.key.partition("~")[0]))  # what was retired keeps its number there
        return like.id if like else number

    @cached_property
    def longest_cap(self) -> int:
        """How far back somebody's messages count, microseconds; 0 where no account has a cap."""
        return max((one.frequency_cap.period for one in self.accounts.values() if one.frequency_cap), default=0)

    def foreign_lists(self, account: int) -> list[int]:
        """The lists whose words this account does not see; those it once kept itself it does."""
        mine = (self.home_of(account), -account)
        return [found.id for found in self.lists.values() if found.account not in mine]

    def find_sender(self, name: str) -> Sender | None:
        number = row_number("sender", name)
        return self.senders.get(number) if number else None

    def find_group(self, name: str) -> Group | None:
        """A group by its id or its name."""
        number = row_number("group", name)
        if number:
            return self.groups.get(number)
        folded = name.casefold()
        return next((one for one in self.groups.values() if one.name.casefold() == folded), None)


def read_version(connection: Connection, org: int) -> int:
    return int(connection.execute(select(organisations.c.config_version).where(organisations.c.id == org)).scalar_one())


def count_change(connection: Connection, org: int) -> None:
    """Tell every process that its directory of this organisation is old; also serialises such changes."""
    connection.execute(
        update(organisations).where(organisations.c.id == org).values(config_version=organisations.c.config_version + 1)
    )


def read_directory(connection: Connection, org: int) -> Directory:
    version = read_version(connection, org)
    return Directory(
        org,
        version,
        {row.id: _account(row) for row in connection.execute(select(accounts).where(accounts.c.org == org))},
        {
            row.id: _list(row)
            for row in connection.execute(select(lists).where(lists.c.org == org).order_by(lists.c.id))
        },
        {
            row.id: _sender(row)
            for row in connection.execute(select(senders).where(senders.c.org == org).order_by(senders.c.id))
        },
        {
            row.id: Group(row.id, row.name, row.bypass)
            for row in connection.execute(select(groups).where(groups.c.org == org).order_by(groups.c.id))
        },
        _listening(connection, org),
    )


def _listening(connection: Connection, org: int) -> frozenset[str]:
    query = select(webhooks.c.events).where(webhooks.c.org == org, webhooks.c.disabled_at.is_(None))
    return frozenset(type for types in connection.execute(query).scalars() for type in types)


def _account(row: Any) -> Account:
    cap = row.frequency_cap and Cap(row.frequency_cap["messages"], row.frequency_cap["period"])
    return Account(
        row.id, row.org, row.name, row.region, row.own_lists, row.defaults, row.hold_unclear, cap, row.messages or {},
        row.send_response,
    )  # fmt: skip


def _list(row: Any) -> OptOutList:
    return OptOutList(
        row.id, row.account, row.key, row.name, row.description, tuple(row.keywords), tuple(row.opt_in_keywords),
        row.messages, row.send_response, row.sender, row.webhook_url, row.webhook_format, row.protect,
        row.keyword_scope, row.is_default, tuple(row.packs or ()),
    )  # fmt: skip


def _sender(row: Any) -> Sender:
    return Sender(
        row.id, row.account, row.provider, Channel(row.channel), row.number, row.channel_id, row.settings,
        row.inbound_token,
    )  # fmt: skip


def sender_by_token(connection: Connection, token: str) -> tuple[int, Sender] | None:
    """The organisation and sender behind an inbound address."""
    row = connection.execute(select(senders).where(senders.c.inbound_token == token)).one_or_none()
    return (row.org, _sender(row)) if row else None
