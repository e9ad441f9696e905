"""The built house: everything that a web process or a worker asks, put together once by ``bootstrap``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connector.engine.bindings import Bindings
from connector.engine.bringing import Bringing
from connector.engine.campaigns import Campaigns
from connector.engine.catalog import Catalog
from connector.engine.context import Services
from connector.engine.desk import Desk
from connector.engine.enrolling import Enrolling
from connector.engine.exports import Exports
from connector.engine.gathering import Gathering
from connector.engine.guard import Guard
from connector.engine.history import History
from connector.engine.inbox import Inbox
from connector.engine.incarnations import Incarnations
from connector.engine.journal import Journal
from connector.engine.keys import Keys
from connector.engine.list_imports import ListImports
from connector.engine.lists import Lists
from connector.engine.notify import Notify
from connector.engine.operations import Operations
from connector.engine.options import Options
from connector.engine.ports import Clock, Hints, Provider
from connector.engine.public import Public
from connector.engine.run import Corridor
from connector.engine.secrets import Secrets
from connector.engine.send import Sender
from connector.engine.settling import Settling
from connector.engine.setup import Setup
from connector.engine.webhooks import Webhooks
from connector.store.database import Database


@dataclass(frozen=True)
class House:
    """Who asks finds here what answers."""

    database: Database
    clock: Clock
    secrets: Secrets
    public_url: str
    catalog: Catalog
    providers: Mapping[str, Provider]
    services: Services
    corridor: Corridor
    campaigns: Campaigns
    enrolling: Enrolling
    gathering: Gathering
    lists: Lists
    setup: Setup
    desk: Desk
    public: Public
    imports: ListImports
    bringing: Bringing
    exports: Exports
    history: History
    bindings: Bindings
    options: Options
    journal: Journal
    inbox: Inbox
    notify: Notify
    webhooks: Webhooks
    keys: Keys
    settling: Settling
    sender: Sender
    hints: Hints
    incarnations: Incarnations
    guard: Guard
    operations: Operations

    def close(self) -> None:
        self.incarnations.close()
        self.database.dispose()
