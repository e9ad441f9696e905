"""Who works at the console, put together once."""

from __future__ import annotations

from dataclasses import dataclass

from connector.engine.directories import Directories
from connector.engine.keys import Keys
from connector.engine.panel import Panel
from connector.engine.ports import Clock
from connector.engine.secrets import Secrets
from connector.engine.sessions import Sessions
from connector.engine.users import Users
from connector.store.database import Database


@dataclass(frozen=True)
class Staff:
    """Named users, and who of them is signed in."""

    users: Users
    sessions: Sessions
    panel: Panel


def staff(database: Database, directories: Directories, secrets: Secrets, clock: Clock) -> Staff:
    return Staff(
        Users(database, directories, clock),
        Sessions(database, Keys(database, clock), clock),
        Panel(database, secrets, clock),
    )
