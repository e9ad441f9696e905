"""Every write that makes a refusal goes through here: lock the buckets, write, take back what is pending, wait.

The order is the guarantee. The word is written under the exclusive lock of the address's bucket, which no claim can
hold at the same time; so a claim has either seen the word, or its row stands there as ``sending``. The wait after the
commit then sees that row until the hand-off is over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from connector.domain.addresses import Address
from connector.domain.consent import decide
from connector.domain.errors import Unavailable
from connector.domain.words import OPTOUT_NUMBER, SendStatus
from connector.engine import seal
from connector.engine.directories import Directories
from connector.engine.judge import question_for, reason_rows
from connector.engine.ports import Clock
from connector.engine.secrets import Secrets
from connector.engine.settling import Settling
from connector.engine.targets import Target, keys_of
from connector.engine.telling import tell_ends
from connector.store import book, bulk, campaigns, contacts, fence, sends
from connector.store.database import Connection, Database, Deadlocked, make_room
from connector.store.lookup import Lookup

T = TypeVar("T")

#: How often the links of an address may change, or another writer stand in our way, before we give up.
_TRIES = 5


class Fenced:
    """Writes under the fence. ``write`` gets the connection and the time, and answers whatever it likes."""

    def __init__(
        self, database: Database, lookup: Lookup, directories: Directories, secrets: Secrets, clock: Clock,
        settling: Settling,
    ) -> None:  # fmt: skip
        self._database = database
        self._lookup = lookup
        self._directories = directories
        self._secrets = secrets
        self._clock = clock
        self._settling = settling

    def refuse(
        self, org: int, targets: Sequence[Target], write: Callable[[Connection, int], T], *, wait: bool = True
    ) -> tuple[T, list[bytes], bool]:
        """A write after which less may be sent; answers (what it said, every key concerned, whether all is quiet)."""
        answer, keys = self._under_lock(org, *_places(targets), write, refusing=True)
        return answer, keys, self._settling.wait(org, keys) if wait and keys else True

    def allow(self, org: int, targets: Sequence[Target], write: Callable[[Connection, int], T]) -> T:
        """A write after which more may be sent: in line with the others, with nothing to wait for."""
        return self._under_lock(org, *_places(targets), write, refusing=False)[0]

    def allow_known(self, org: int, targets: Sequence[Target], write: Callable[[Connection, int], T]) -> T:
        """The same for what may turn out to be known: no address is kept unless ``write`` has it remembered."""
        return self._under_lock(org, _places(targets)[0], {}, write, refusing=False)[0]

    def remember(self, connection: Connection, org: int, targets: Sequence[Target], now: int) -> None:
        """Keep the addresses of these."""
        book.remember(self._database, connection, org, _places(targets)[1], self._secrets.key_id, now)

    def refuse_known(self, org: int, places: Mapping[bytes, int], write: Callable[[Connection, int], T]) -> T:
        """A refusal about addresses of which only key and bucket are at hand. It does not wait: that can be asked."""
        return self._under_lock(org, places, {}, write, refusing=True)[0]

    def quiet(self, org: int, targets: Sequence[Target]) -> bool:
        """Wait until no hand-off to these addresses, or to those linked to them, is in progress."""
        keys = keys_of(targets)
        with self._database.read() as connection:
            links = book.linked(connection, org, keys)
        return self._settling.wait(org, sorted({*keys, *(other for others in links.values() for other, _ in others)}))

    def append(self, connection: Connection, drafts: Sequence[Mapping[str, Any]]) -> list[int]:
        """Sealed lines of history; answers their numbers. The buckets must be closed."""
        if not drafts:
            return []
        org = drafts[0]["org"]
        heads = book.heads_of(connection, org, {draft["bucket"] for draft in drafts})
        rows, ends = seal.seal(drafts, heads, self._secrets.history)
        return book.append(self._database, connection, rows, ends)

    def _under_lock(
        self, org: int, places: Mapping[bytes, int], known: Mapping[bytes, Address],
        write: Callable[[Connection, int], T], *, refusing: bool,
    ) -> tuple[T, list[bytes]]:  # fmt: skip
        keys, buckets = sorted(places), set(places.values())
        for _ in range(_TRIES):
            try:
                with self._database.write() as connection:
                    if len(keys) >= bulk.FROM:
                        make_room(connection)
                    fence.close_buckets(connection, buckets)
                    links = book.linked(connection, org, keys)
                    beside = {bucket for others in links.values() for _, bucket in others}
                    if beside <= buckets:
                        now = self._clock()
                        book.remember(self._database, connection, org, known, self._secrets.key_id, now)
                        answer = write(connection, now)
                        everyone = sorted({*keys, *(other for others in links.values() for other, _ in others)})
                        if refusing:
                            self._take_back(connection, org, everyone, now)
                        return answer, everyone
            except Deadlocked:  # with somebody who holds no bucket, such as the cancel of a campaign
                continue
            # An address turned out to be linked to one in another bucket: begin again with both closed, in order.
            buckets |= beside
        raise Unavailable("What stands beside this address keeps changing; try again.")

    def _take_back(self, connection: Connection, org: int, keys: Sequence[bytes], now: int) -> None:
        """What is pending and would now be refused is suppressed; who leaves a sequence on an opt-out, leaves."""
        pending = sends.pending_of(connection, org, keys)
        enrolled = campaigns.active_enrolments(connection, org, keys)
        if not pending and not enrolled:
            return
        of = campaigns.load(connection, org, _campaigns_of(pending, enrolled))
        known = self._lookup.known_within(connection, org, keys)
        directory = self._directories.at(org, known.version, connection)
        groups = contacts.memberships(connection, org, {group for one in of.values() for group in one.bypass}, keys)

        def refusal(campaign: int, key: bytes, kind: str) -> list[dict[str, Any]]:
            # What is known here holds nothing back until later: that is looked at when the message is due.
            question = question_for(directory, of[campaign], now, kind, groups.get(key, frozenset()))
            return reason_rows(decide(known.of(key), question))

        marks = []
        for row in pending:
            lasting = of[row.campaign].kind == "sequence" and of[row.campaign].on_opt_out == "skip"
            if not lasting and (reasons := refusal(row.campaign, row.key, row.kind)):
                marks.append(suppressed(row.id, reasons, now))
        sends.mark(connection, marks)
        tell_ends(connection, directory, ((one["row_id"], one["status"]) for one in marks), now)
        leaving = [
            number
            for number, campaign, key, kind in enrolled
            if of[campaign].on_opt_out == "exit" and refusal(campaign, key, kind)
        ]
        campaigns.end_enrolments(connection, org, leaving, "opted_out", now)


def _places(targets: Sequence[Target]) -> tuple[dict[bytes, int], dict[bytes, Address]]:
    """The bucket of each key, and its address where that is known."""
    known = {one.key: one.address for one in targets if one.address.canonical}
    return {one.key: one.bucket for one in targets}, known


def suppressed(row_id: int, reasons: Sequence[Mapping[str, Any]], now: int) -> dict[str, Any]:
    """A send that will not be handed over, with every reason."""
    code = reasons[0]["code"]
    return {
        "row_id": row_id, "status": SendStatus.SUPPRESSED.value, "reason": code, "reasons": list(reasons),
        "error": error_of(code), "due_at": now, "settled_at": now,
    }  # fmt: skip


def error_of(code: str) -> str:
    """What reports call a suppressed row; an opt-out has the name people know."""
    return OPTOUT_NUMBER if code in ("opted_out", "erased") else code.replace("_", " ").capitalize()


def _campaigns_of(pending: Iterable[sends.Due], enrolled: Iterable[tuple[int, int, bytes, str]]) -> set[int]:
    return {row.campaign for row in pending} | {campaign for _, campaign, _, _ in enrolled}
