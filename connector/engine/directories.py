"""The directory of each organisation, kept in memory and read anew when its version has moved on."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from connector.domain.errors import Fault, Invalid
from connector.domain.foreign import unresolved
from connector.domain.records import OptOutList, Sender
from connector.engine.targets import Who
from connector.store.database import Connection, Database
from connector.store.directory import Directory, count_change, read_directory, read_version


class Directories:
    """Hands out directories; one that is asked for by version is never older than that version."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[int, Directory] = {}
        self._lock = threading.Lock()

    def at(self, org: int, version: int, connection: Connection | None = None) -> Directory:
        """The directory as of ``version``, which a look-up has just read along with its facts."""
        kept = self._kept.get(org)
        if kept is not None and kept.version >= version:
            return kept
        if connection is not None:
            return self._keep(read_directory(connection, org))
        with self._database.read() as own:
            return self._keep(read_directory(own, org))

    def kept(self, org: int) -> Directory:
        """The directory as we last knew it: good for names, to be confirmed by ``at`` before it decides anything."""
        kept = self._kept.get(org)
        return kept if kept is not None else self.current(org)

    def current(self, org: int) -> Directory:
        with self._database.read() as connection:
            return self.at(org, read_version(connection, org), connection)

    def fresh(self, connection: Connection, org: int) -> Directory:
        """The directory as a transaction sees it."""
        return self.at(org, read_version(connection, org), connection)

    def changed(self, connection: Connection, org: int) -> None:
        """Something of it was changed in this transaction."""
        count_change(connection, org)

    def _keep(self, directory: Directory) -> Directory:
        with self._lock:
            kept = self._kept.get(directory.organisation)
            if kept is None or kept.version < directory.version:
                self._kept[directory.organisation] = directory
        return directory


def named_lists(directory: Directory, account: int, names: Sequence[str]) -> list[OptOutList]:
    """The lists a call names, each once; Invalid names every one that is not there."""
    found: dict[int, OptOutList] = {}
    faults = []
    for index, name in enumerate(names):
        one = directory.find_list(account, name)
        if one is None:
            faults.append(Fault(f"/lists/{index}", "unknown_list", "there is no such list"))
        else:
            found[one.id] = one
    if faults:
        raise Invalid(faults)
    return list(found.values())


def unknown_names(directories: Directories, who: Who, values: Mapping[str, Any]) -> list[Fault]:
    """Lists and senders named in an input that are not there; a directory that lacks one is read anew first."""
    faults = _unknown(directories.kept(who.organisation), who, values)
    return _unknown(directories.current(who.organisation), who, values) if faults else faults


def _unknown(directory: Directory, who: Who, values: Mapping[str, Any]) -> list[Fault]:
    named, sender, groups = values.get("lists"), values.get("sender"), values.get("bypass_groups")
    faults = [
        Fault(f"/lists/{index}", "unknown_list", "there is no such list")
        for index, name in enumerate(named if isinstance(named, list) else ())
        if _is_name(name) and directory.find_list(who.account, name) is None
    ]
    if _is_name(sender) and directory.find_sender(sender) is None:
        faults.append(Fault("/sender", "unknown_sender", "there is no such sender"))
    faults += [
        Fault(f"/bypass_groups/{index}", "unknown_group", "there is no such group")
        for index, name in enumerate(groups if isinstance(groups, list) else ())
        if _is_name(name) and directory.find_group(name) is None
    ]
    return faults


def _is_name(value: Any) -> TypeGuard[str]:
    """Whether a value could name something; of an unfilled template something else is said."""
    return isinstance(value, str) and value != "" and not unresolved(value)


def named_sender(directory: Directory, name: str, pointer: str = "/sender") -> Sender:
    found = directory.find_sender(name)
    if found is None:
        raise Invalid.at(pointer, "unknown_sender", "there is no such sender")
    return found
