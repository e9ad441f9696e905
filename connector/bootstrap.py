"""The composition root: the only place that names actions, providers and store together."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import lru_cache

import actions
from connector import queue
from connector.builders.triggers import triggers
from connector.domain.errors import HeedError
from connector.domain.findings import Finding
from connector.domain.ids import public_id
from connector.engine.asking import Asking
from connector.engine.bindings import Bindings
from connector.engine.bringing import Bringing
from connector.engine.bypassing import Bypassing
from connector.engine.campaigns import Campaigns
from connector.engine.catalog import Catalog, discover
from connector.engine.claim import Claims
from connector.engine.consent_book import ConsentBook
from connector.engine.context import Services
from connector.engine.desk import desk
from connector.engine.direct import Direct
from connector.engine.directories import Directories
from connector.engine.doctor import Premises, examine
from connector.engine.enrolling import Enrolling
from connector.engine.exports import Exports
from connector.engine.fenced import Fenced
from connector.engine.gathering import Gathering
from connector.engine.guard import Guard
from connector.engine.history import History
from connector.engine.house import House
from connector.engine.inbox import inbox
from connector.engine.incarnations import Incarnations
from connector.engine.journal import Journal
from connector.engine.keys import Keys
from connector.engine.links import Links
from connector.engine.list_imports import ListImports
from connector.engine.lists import Lists
from connector.engine.notify import Notify
from connector.engine.on_their_way import People
from connector.engine.once import Once
from connector.engine.operations import Operations
from connector.engine.options import Options
from connector.engine.ports import Clock, Provider
from connector.engine.public import public
from connector.engine.reading import Files
from connector.engine.run import Corridor
from connector.engine.send import Sender
from connector.engine.settling import Settling
from connector.engine.setup import ALL_SCOPES, Setup, new_key
from connector.engine.templates import Templates
from connector.engine.vault import opened, rotate
from connector.engine.waiting import Waiting
from connector.engine.webhooks import Webhooks
from connector.providers.console import Console
from connector.providers.hook_post import HookPost
from connector.providers.http_api import HttpApi
from connector.providers.smtp import Smtp
from connector.providers.twilio import Twilio
from connector.providers.whatsapp_cloud import WhatsAppCloud
from connector.settings import Settings, load
from connector.store import identity
from connector.store.database import Database
from connector.store.lookup import Lookup
from connector.store.migrate import migrate

__all__ = ["ALL_SCOPES", "House", "build", "create_key", "first_key", "house", "migrate", "now", "pack"]


def now() -> int:
    """The system's clock, microseconds since the epoch."""
    return time.time_ns() // 1000


def pack() -> Catalog:
    """The actions that are installed here, and the triggers; needs no database."""
    return discover(actions, triggers())


def build(settings: Settings, *, role: str = "web", clock: Clock = now) -> House:
    """The house for these settings. Its database must be up to date and safe (WrongSecret, UnsafeDatabase)."""
    database = Database(settings.database_url, pool=settings.threads + 8)
    try:
        database.check_safe(allow_unsafe=settings.allow_unsafe_database)
        secrets = opened(database, settings.secret)
        guard = Guard(database, clock)
        guard.begin()
    except HeedError:
        database.dispose()
        raise
    lookup, directories = Lookup(database), Directories(database)
    waiting = Waiting(settings.threads // 2)
    settling = Settling(database, waiting, settings.wait_s)
    fenced = Fenced(database, lookup, directories, secrets, clock, settling)
    book = ConsentBook(database, directories, fenced, secrets, clock)
    hints = queue.Hints(settings.redis_url) if settings.redis_url else queue.NoHints()
    incarnations = Incarnations(database, role, clock)
    templates = Templates(database, clock)
    campaigns = Campaigns(database, directories, clock, hints, waiting, templates)
    enrolling = Enrolling(database, directories, lookup, secrets, clock, hints)
    direct = Direct(database, directories, secrets, clock, hints, waiting, templates)
    services = Services(
        book=book, asking=Asking(database, directories, lookup, secrets, clock), direct=direct,
        people=People(database, campaigns, enrolling, fenced), directories=directories,
        once=Once(database, clock, incarnations.token), templates=templates, clock=clock, region=settings.region,
    )  # fmt: skip
    catalog, providers = pack(), _providers(settings)
    corridor = Corridor(catalog, services)
    post = HookPost(allow_private=settings.allow_private_targets)
    files = Files(settings.home / "imports", settings.keep.files)
    links = Links(secrets, settings.public_url)
    claims = Claims(database, lookup, directories, Bypassing(fenced), clock, guard, links)
    notify = Notify(database, directories, secrets, clock, post)
    return House(
        database=database,
        clock=clock,
        secrets=secrets,
        public_url=settings.public_url,
        catalog=catalog,
        providers=providers,
        services=services,
        corridor=corridor,
        campaigns=campaigns,
        enrolling=enrolling,
        gathering=Gathering(database, directories, enrolling, secrets, hints),
        lists=Lists(database, directories, clock),
        setup=Setup(database, directories, providers, clock, settings.public_url, settings.region),
        desk=desk(database, services, lookup, fenced, secrets, settling, links),
        public=public(database, services, lookup, fenced, secrets, links),
        imports=ListImports(database, directories, clock, hints, waiting, files, settings.region),
        bringing=Bringing(database, directories, fenced, secrets, clock, files, settings.region),
        exports=Exports(database, directories),
        history=History(database, services.asking, directories, secrets, clock),
        bindings=Bindings(database, corridor, clock),
        options=Options(database, directories),
        journal=Journal(database, directories, direct, secrets, clock),
        inbox=inbox(database, services, corridor, providers, secrets, waiting, settings.wait_s, fenced, links),
        notify=notify,
        webhooks=Webhooks(database, directories, clock, post, notify),
        keys=Keys(database, clock),
        settling=settling,
        sender=Sender(database, directories, claims, providers, book, clock),
        hints=hints,
        incarnations=incarnations,
        guard=guard,
        operations=Operations(database, clock, guard, hints, settings.metrics_token, settings.keep),
    )


@lru_cache(maxsize=1)
def house(role: str) -> House:
    """This process's house, built when it is first asked for (never before a fork)."""
    return build(load(), role=role)


def first_organisation(settings: Settings) -> str | None:
    """On an empty database: an organisation with its admin key, whose text is answered once."""
    database = Database(settings.database_url, pool=2)
    try:
        with database.write() as connection:
            if identity.count_organisations(connection):
                return None
            org, account = identity.new_organisation(connection, "Heed", settings.region, now())
            text = settings.bootstrap_key
            return new_key(connection, org, account, "First key", ALL_SCOPES, None, now(), text=text)[1]
    finally:
        database.dispose()


def first_key(settings: Settings) -> str | None:
    """The first key's text, made on an empty database and kept in the state folder for whoever starts Heed here."""
    path = settings.home / "first-key"
    text = first_organisation(settings)
    if text is not None and settings.bootstrap_key is None:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(text + "\n")
    return text or (path.read_text().strip() if path.exists() else None)


def create_key(house: House, name: str, scopes: Sequence[str]) -> dict[str, str] | None:
    """A key for the oldest organisation; None where there is none yet."""
    with house.database.write() as connection:
        first = identity.first_organisation(connection)
        if first is None:
            return None
        number, text = new_key(connection, *first, name, scopes, None, house.clock())
    return {"id": public_id("key", number), "key": text}


def examined(settings: Settings, clock: Clock = now) -> list[Finding]:
    """What is out of order, also where no house can be built."""
    seen = queue.seen(settings.redis_url, settings.home / "queue" / "address")
    premises = Premises(settings.home, settings.public_url, settings.trusted_proxies, settings.secret, seen)
    return examine(settings.database_url, clock, premises)


def rotate_secret(settings: Settings, to: str) -> None:
    """Lock this database's keys with another secret; WrongSecret."""
    database = Database(settings.database_url, pool=1)
    try:
        opened(database, settings.secret)
        rotate(database, settings.secret, to)
    finally:
        database.dispose()


def _providers(settings: Settings) -> dict[str, Provider]:
    private = settings.allow_private_targets
    several: tuple[Provider, ...] = (
        HttpApi(allow_private=private), Smtp(allow_private=private), Console(), WhatsAppCloud(allow_private=private),
        Twilio(allow_private=private, public_url=settings.public_url),
    )  # fmt: skip
    return {provider.name: provider for provider in several}
