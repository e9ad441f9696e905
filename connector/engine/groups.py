"""Groups of contacts. A bypass group's members pass the opt-out rule, so leaving one is as sure as an opt-out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connector.domain.addresses import address_key
from connector.domain.errors import Conflict, NotFound
from connector.domain.ids import public_id
from connector.domain.recipients import Batch
from connector.domain.records import Group
from connector.domain.words import Channel
from connector.engine.contacts import Contacts, insist_may_join
from connector.engine.directories import Directories
from connector.engine.fenced import Fenced
from connector.engine.matching import matched
from connector.engine.ports import Clock
from connector.engine.secrets import Secrets
from connector.engine.settling import Settling
from connector.engine.targets import Who
from connector.engine.words_written import rejected
from connector.store import bypasses, contacts, fence, resources, tables
from connector.store.database import Connection, Database
from connector.store.directory import Directory, count_change, read_directory


class Groups:
    """Made, changed, filled and dropped."""

    def __init__(
        self, database: Database, directories: Directories, fenced: Fenced, settling: Settling, people: Contacts,
        secrets: Secrets, clock: Clock,
    ) -> None:  # fmt: skip
        self._database = database
        self._directories = directories
        self._fenced = fenced
        self._settling = settling
        self._people = people
        self._secrets = secrets
        self._clock = clock

    def all(self, who: Who) -> list[dict[str, Any]]:
        directory = self._directories.current(who.organisation)
        return self._shown(who, [directory.groups[number] for number in sorted(directory.groups)])

    def get(self, who: Who, name: str) -> dict[str, Any]:
        return self._shown(who, [self.find(who, name)])[0]

    def find(self, who: Who, name: str) -> Group:
        return _found(self._directories.current(who.organisation), name)

    def make(self, who: Who, values: Mapping[str, Any]) -> dict[str, Any]:
        org, name = who.organisation, values["name"]
        row = {
            "org": org, "name": name, "folded": name.casefold(), "bypass": values.get("bypass", False),
            "created_at": self._clock(),
        }  # fmt: skip
        with self._database.write() as connection:
            count_change(connection, org)
            number = resources.make(connection, tables.groups, row)
        return self.get(who, public_id("group", number))

    def change(self, who: Who, name: str, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """Merge; answers the group, and the addresses to which something that passed by it is still on its way."""
        found = self.find(who, name)
        columns = {field: values[field] for field in ("name", "bypass") if field in values}
        if "name" in columns:
            columns["folded"] = columns["name"].casefold()
        taken = found.bypass and columns.get("bypass") is False

        def write(connection: Connection) -> None:
            resources.change(connection, tables.groups, who.organisation, found.id, columns)

        late = self._turned(who, found, taken, write)
        return self.get(who, name), late

    def drop(self, who: Who, name: str) -> list[bytes]:
        """Delete a group; its members stay contacts. Answers to whom something is still on its way.

        Conflict names the campaigns that still need it.
        """
        found, org = self.find(who, name), who.organisation

        def write(connection: Connection) -> None:
            if using := resources.campaigns_with_group(connection, org, found.id):
                raise Conflict("The group is used by: " + ", ".join(using), code="group_in_use")
            contacts.drop_group(connection, org, found.id)

        return self._turned(who, found, found.bypass, write)

    def join(self, who: Who, name: str, batch: Batch) -> list[dict[str, Any]]:
        """Put people in, as contacts made or completed where needed; a status for each."""
        group, org = self.find(who, name), who.organisation
        batch.insist(Channel.ALL)
        directory = self._directories.current(org)
        with self._database.write() as connection:
            people = [one for one in batch.people if one.addresses]
            of, grown = matched(connection, org, people, self._secrets.address, self._clock())
            within = contacts.groups_of(connection, org, list(grown)).values()
            insist_may_join(who, directory, {one for several in within for one in several})
            new = contacts.join(self._database, connection, org, group.id, [number for number in of if number])
        numbers, rows = iter(of), []
        for person in batch.people:
            number = next(numbers) if person.addresses else None
            if number is None:
                rows.append(rejected(person, Channel.ALL))
                continue
            rows.append(
                {**person.public, "status": "added" if number in new else "already",
                 "contact": public_id("contact", number)}
            )  # fmt: skip
            new.discard(number)
        return rows

    def leave(self, who: Who, name: str, batch: Batch) -> tuple[list[dict[str, Any]], bool]:
        """Take people out; a status for each, and whether nothing that passed by the group is on its way any more."""
        group, org = self.find(who, name), who.organisation
        batch.insist(Channel.ALL)
        with self._database.read() as connection:
            keys = [[address_key(address, self._secrets.address) for address in one.addresses] for one in batch.people]
            owners = contacts.owners(connection, org, [key for of in keys for key in of])
        ids = [next((owners[key].id for key in of if key in owners), None) for of in keys]
        concerned = list({one.id: one for one in owners.values() if one.id in ids}.values())

        def write(connection: Connection, _now: int) -> set[int]:
            return contacts.leave(connection, org, group.id, [one.id for one in concerned])

        targets = self._people.targets(org, concerned)
        gone, _, settled = self._fenced.refuse(org, targets, write) if targets else (set[int](), [], True)
        rows = [
            {**person.public, "status": "removed" if number in gone else "absent"}
            if person.addresses
            else rejected(person, Channel.ALL)
            for person, number in zip(batch.people, ids, strict=True)
        ]
        return rows, settled

    def _turned(
        self, who: Who, group: Group, taken: bool, write: Callable[[Connection], None]
    ) -> list[bytes]:  # fmt: skip
        """A change of a group; where it takes a bypass away, while every bucket is closed, and then the wait."""
        org = who.organisation
        with self._database.write() as connection:
            if taken:
                fence.close_buckets(connection, range(fence.BUCKETS))
            count_change(connection, org)
            _found(read_directory(connection, org), public_id("group", group.id))
            write(connection)
            in_hand = bypasses.in_hand(connection, org) if taken else []
        return [] if not in_hand or self._settling.wait(org, in_hand) else in_hand

    def _shown(self, who: Who, several: list[Group]) -> list[dict[str, Any]]:
        with self._database.read() as connection:
            sizes = contacts.sizes(connection, who.organisation, [one.id for one in several])
        return [
            {"id": public_id("group", one.id), "name": one.name, "bypass": one.bypass, "members": sizes.get(one.id, 0)}
            for one in several
        ]


def _found(directory: Directory, name: str) -> Group:
    found = directory.find_group(name)
    if found is None:
        raise NotFound
    return found
