"""What holds for people who never spoke. A default set to "out" is a refusal, and as sure as one.

It is written while every bucket is closed: a claim has either read the new default, or its row is there to wait for.
"""

from __future__ import annotations

from collections.abc import Mapping

from connector.domain.errors import Invalid
from connector.domain.records import Account
from connector.domain.words import CHANNEL_NAMES
from connector.engine.directories import Directories
from connector.engine.settling import Settling
from connector.engine.targets import Who
from connector.store import accounts, fence, resources, tables
from connector.store.database import Database
from connector.store.directory import count_change, read_directory


class Defaults:
    """The defaults of accounts, channel by channel."""

    def __init__(self, database: Database, directories: Directories, settling: Settling) -> None:
        self._database = database
        self._directories = directories
        self._settling = settling

    def of(self, who: Who) -> dict[str, str]:
        return shown(self._directories.current(who.organisation).accounts[who.account])

    def put(self, who: Who, account: int, values: Mapping[str, str]) -> list[bytes]:
        """Change some; answers the addresses to which something decided before was still on its way in the end."""
        if not values:
            raise Invalid.at("", "required", "name at least one channel")
        org = who.organisation
        with self._database.write() as connection:
            fence.close_buckets(connection, range(fence.BUCKETS))
            count_change(connection, org)
            kept = read_directory(connection, org).accounts[account].defaults
            resources.change(connection, tables.accounts, org, account, {"defaults": {**kept, **values}})
            in_hand = accounts.keys_in_hand(connection, org, account) if "out" in values.values() else []
        return [] if self._settling.wait(org, in_hand) else in_hand


def shown(account: Account) -> dict[str, str]:
    return {channel: account.defaults.get(channel, "none") for channel in CHANNEL_NAMES[1:]}
