"""An account goes from the organisation's lists to its own, or back, and no opt-out is lost on the way.

Every slice closes all buckets: no word can be written and no message claimed meanwhile, so what a slice has copied
is whole. How far each list has been copied is written in the same transaction; whoever comes back after a crash goes
on there. Words said after their list was copied come later in its order, and so are copied too. The last slice turns
the account.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connector.domain.errors import Conflict
from connector.domain.ids import public_id
from connector.domain.words import Channel, State
from connector.engine.fenced import Fenced
from connector.engine.list_words import spoken, word_faults
from connector.engine.ports import Clock
from connector.engine.settling import Settling
from connector.engine.targets import Who
from connector.store import accounts, book, entries, fence, resources, tables
from connector.store.book import Cell, Entry
from connector.store.database import Connection, Database
from connector.store.directory import Directory, count_change, read_directory
from connector.store.entries import Listed, Place

#: How many words are copied while everybody else waits.
SLICE = 5_000

#: A word to be carried, the list it goes to, and the list it comes from.
Load = tuple[Listed, int, int]


class Moving:
    """Carries the words of an account's lists from one home to the other."""

    def __init__(self, database: Database, fenced: Fenced, settling: Settling, clock: Clock) -> None:
        self._database = database
        self._fenced = fenced
        self._settling = settling
        self._clock = clock

    def move(self, who: Who, account: int, *, own: bool) -> list[bytes]:
        """Answers the addresses to which something decided before was still on its way in the end."""
        in_hand: list[bytes] | None = None
        while in_hand is None:
            in_hand = self._slice(who, account, own)
        return [] if self._settling.wait(who.organisation, in_hand) else in_hand

    def _slice(self, who: Who, account: int, own: bool) -> list[bytes] | None:
        """Copy a slice; with the last one the account turns, and what is being handed over then is answered."""
        org = who.organisation
        with self._database.write() as connection:
            fence.close_buckets(connection, range(fence.BUCKETS))
            count_change(connection, org)
            before = accounts.moving(connection, org, account)
            after: dict[str, Any] = before["after"] if before and before["own"] == own else {}
            directory = read_directory(connection, org)
            if directory.accounts[account].own_lists != own:
                self._make_lists(connection, directory, account, own)
                loads = _next(connection, read_directory(connection, org), account, own, after)
                self._carry(connection, who, loads, own)
                if len(loads) == SLICE:
                    state = {"own": own, "after": after}
                    resources.change(connection, tables.accounts, org, account, {"moving": state})
                    return None
                if not own:
                    accounts.retire_lists(connection, org, account)
            resources.change(connection, tables.accounts, org, account, {"own_lists": own, "moving": None})
            return accounts.keys_in_hand(connection, org)

    def _make_lists(self, connection: Connection, directory: Directory, account: int, own: bool) -> None:
        """For every list its like in the other home, by its key. Conflict where their words would not be clear."""
        there = [one for one in directory.lists.values() if one.account == (account if own else 0)]
        keys, names = {one.key for one in there}, {one.name.casefold() for one in there}
        of_account = directory.accounts[account].name
        missing = []
        for row in accounts.lists_at(connection, directory.organisation, 0 if own else account):
            if row["key"] in keys:
                continue
            if faults := word_faults(spoken(directory.lists[row["id"]]), there):
                raise Conflict("; ".join(fault.detail for fault in faults), code="keyword_collision")
            if row["name_folded"] in names:
                row["name"] = f"{row['name'][:30]} ({of_account[:10]} {row['id']})"
                row["name_folded"] = row["name"].casefold()
            missing.append({**row, "account": account if own else 0, "created_at": self._clock()})
        accounts.add_lists(connection, [{k: v for k, v in row.items() if k != "id"} for row in missing])

    def _carry(self, connection: Connection, who: Who, loads: list[Load], own: bool) -> None:
        """Words with their lines of history. To its own lists an account takes all words; it leaves every "no"."""
        org, now = who.organisation, self._clock()
        said = book.current(connection, org, list({row.place.key for row, _, _ in loads}), {to for _, to, _ in loads})
        drafts, words = [], []
        for row, to, origin in loads:
            cell = (row.place.key, to, row.place.channel)
            since = row.since if own else _since(row, to, said)
            stands = said.get(cell)
            if stands is not None and (stands.state, stands.since) == (row.state, since):
                continue
            said[cell] = Entry(row.state, since, row.expires_at, 0)
            drafts.append({
                "org": org, "bucket": row.bucket or 0, "key": row.place.key, "list_id": to,
                "channel": row.place.channel, "state": State(row.state).label, "source": who.source.value,
                "actor": who.actor, "reason": "the account's lists were moved",
                "evidence": {"from_list": public_id("list", origin), "event": public_id("event", row.place.event)},
                "occurred_at": row.since, "recorded_at": now,
            })  # fmt: skip
            words.append({"org": org, "key": row.place.key, "list_id": to, "channel": row.place.channel,
                          "state": row.state, "since": since, "expires_at": row.expires_at})  # fmt: skip
        numbers = self._fenced.append(connection, drafts)
        rows = [{**word, "event": number} for word, number in zip(words, numbers, strict=True)]
        book.put_entries(self._database, connection, rows)


def _next(connection: Connection, directory: Directory, account: int, own: bool, after: dict[str, Any]) -> list[Load]:
    """The next words to carry, list by list; ``after`` is moved on behind them."""
    source, target = (0, account) if own else (account, 0)
    like = {one.key: one.id for one in directory.lists.values() if one.account == target}
    loads: list[Load] = []
    for one in sorted((one for one in directory.lists.values() if one.account == source), key=lambda one: one.id):
        event, key, channel = after.get(str(one.id), (0, "", 0))
        rows = entries.oldest(
            connection, directory.organisation, one.id, None if own else int(State.OUT), SLICE - len(loads),
            Place(event, bytes.fromhex(key), channel),
        )  # fmt: skip
        if rows:
            place = rows[-1].place
            after[str(one.id)] = (place.event, place.key.hex(), place.channel)
        loads += [(row, like[one.key], one.id) for row in rows]
        if len(loads) == SLICE:
            break
    return loads


def _since(row: Listed, to: int, said: dict[Cell, Entry]) -> int:
    """A "no" counts from no earlier than any "yes" it meets: it stands, and only a later word lifts it."""
    channels: Iterable[int] = Channel if row.place.channel == Channel.ALL else (Channel.ALL, row.place.channel)
    met = [said.get((row.place.key, to, int(channel))) for channel in channels]
    return max([row.since, *(one.since for one in met if one is not None)])
