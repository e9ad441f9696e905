"""What an operator does with lists, people and accounts, put together once."""

from __future__ import annotations

from dataclasses import dataclass

from connector.engine.accounts import Accounts
from connector.engine.context import Services
from connector.engine.defaults import Defaults
from connector.engine.entries import Entries
from connector.engine.fenced import Fenced
from connector.engine.moving import Moving
from connector.engine.profiles import Profiles
from connector.engine.secrets import Secrets
from connector.engine.settling import Settling
from connector.store.database import Database


@dataclass(frozen=True)
class Desk:
    """The operator's side of the house."""

    entries: Entries
    profiles: Profiles
    defaults: Defaults
    accounts: Accounts


def desk(database: Database, services: Services, fenced: Fenced, secrets: Secrets, settling: Settling) -> Desk:
    directories, book, clock = services.directories, services.book, services.clock
    defaults, moving = Defaults(database, directories, settling), Moving(database, fenced, settling, clock)
    return Desk(
        entries=Entries(database, directories, book, secrets, services.region),
        profiles=Profiles(directories, book, services.asking, secrets),
        defaults=defaults,
        accounts=Accounts(database, directories, defaults, moving, clock),
    )
