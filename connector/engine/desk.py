"""What an operator does with lists, people and accounts, put together once."""

from __future__ import annotations

from dataclasses import dataclass

from connector.engine.accounts import Accounts
from connector.engine.captures import Captures
from connector.engine.contacts import Contacts
from connector.engine.context import Services
from connector.engine.defaults import Defaults
from connector.engine.entries import Entries
from connector.engine.erasing import Erasing
from connector.engine.fenced import Fenced
from connector.engine.groups import Groups
from connector.engine.links import Links
from connector.engine.moving import Moving
from connector.engine.overview import Overview
from connector.engine.previewing import Previewing
from connector.engine.profiles import Profiles
from connector.engine.secrets import Secrets
from connector.engine.sendable import Sendable
from connector.engine.settling import Settling
from connector.engine.staff import Staff, staff
from connector.engine.templates import Templates
from connector.store.database import Database
from connector.store.lookup import Lookup


@dataclass(frozen=True)
class Desk:
    """The operator's side of the house."""

    entries: Entries
    profiles: Profiles
    defaults: Defaults
    accounts: Accounts
    contacts: Contacts
    groups: Groups
    sendable: Sendable
    erasing: Erasing
    templates: Templates
    staff: Staff
    captures: Captures
    overview: Overview
    previewing: Previewing


def desk(
    database: Database, services: Services, lookup: Lookup, fenced: Fenced, secrets: Secrets, settling: Settling,
    links: Links,
) -> Desk:  # fmt: skip
    directories, book, clock = services.directories, services.book, services.clock
    defaults, moving = Defaults(database, directories, settling), Moving(database, fenced, settling, clock)
    contacts = Contacts(database, directories, fenced, secrets, clock, services.region)
    return Desk(
        entries=Entries(database, directories, book, secrets, services.region),
        profiles=Profiles(directories, book, services.asking, secrets),
        defaults=defaults,
        accounts=Accounts(database, directories, defaults, moving, clock),
        contacts=contacts,
        groups=Groups(database, directories, fenced, settling, contacts, secrets, clock),
        sendable=Sendable(database, directories, lookup, clock),
        erasing=Erasing(database, fenced, secrets),
        templates=services.templates,
        staff=staff(database, directories, secrets, clock),
        overview=Overview(database, directories, clock),
        previewing=Previewing(directories, services.templates, links, secrets, clock),
        captures=Captures(database, secrets, clock),
    )
