"""The doctor: looks at everything that can be out of order and says what to do. It changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from connector.domain.errors import HeedError
from connector.domain.findings import Finding, Level
from connector.domain.instants import DAY, HOUR, MINUTE, SECOND
from connector.engine.guard import Guard
from connector.engine.ports import Clock, QueueSeen
from connector.engine.rounds import rounds
from connector.engine.vault import fits
from connector.store import migrate, vitals
from connector.store.database import Database

#: Between these clocks a difference is one.
_CLOCK_LATE, _CLOCK_WRONG = 2 * SECOND, MINUTE
_GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Premises:
    """What else there is to look at; ``queue``: None where no queue is known of."""

    home: Path
    public_url: str
    trusted_proxies: int
    secret: str
    queue: QueueSeen | None


def examine(database_url: str, clock: Clock, premises: Premises) -> list[Finding]:
    """Everything that is out of order, the database's first: without it the rest says little."""
    database = Database(database_url, pool=1)
    try:
        return list(_examined(database, clock, premises))
    finally:
        database.dispose()


def _examined(database: Database, clock: Clock, premises: Premises) -> Iterator[Finding]:
    yield from _database(database, clock, premises.secret)
    if premises.queue is not None:
        yield from _queue(premises.queue)
    yield from _url(premises.public_url, premises.trusted_proxies)
    for place in {premises.home, database.sqlite_path.parent if database.is_sqlite else premises.home}:
        yield from _disk(place)


def _database(database: Database, clock: Clock, secret: str) -> Iterator[Finding]:
    try:
        faults = database.faults()
        with database.read() as connection:
            missing = migrate.missing(connection)
        if faults:
            yield Finding(
                "loses_commits", Level.BROKEN, "The database is set to lose commits: " + "; ".join(faults) + ".",
                "Set it back in its configuration, or for this role or database (ALTER ROLE/DATABASE … RESET), and "
                "start Heed again: it refuses this one.",
            )  # fmt: skip
        if missing:
            yield Finding(
                "not_migrated", Level.BROKEN, f"The database lacks {len(missing)} migrations, from {missing[0]} on.",
                "Run heed db upgrade; older processes may go on while it does.",
            )  # fmt: skip
            return
        if not fits(database, secret):
            yield Finding(
                "wrong_secret", Level.BROKEN, "HEED_SECRET is not the one this database is locked with.",
                "Set the secret it was made with; where heed secret rotate was cut short, it is in secret.next.",
            )  # fmt: skip
        yield from _clocks(database, clock)
        seen, now = Guard(database, clock).look(), clock()
        if seen.differs:
            yield Finding(
                "copy_unconfirmed", Level.WARNING,
                f"This database is a copy, was restored or has moved ({', '.join(seen.differs)} differs): nothing "
                "is sent.", "If nothing else sends from it, say so: heed db confirm.",
            )  # fmt: skip
        yield from rounds(vitals.look(database, now, now - HOUR, now - DAY), now, held=bool(seen.differs))
    except HeedError as error:
        yield Finding(
            "no_database", Level.BROKEN, f"The database can't be asked: {error.detail}",
            "Start it, or look whether HEED_DATABASE_URL names it; calls are answered with 503 until then.",
        )  # fmt: skip


def _clocks(database: Database, clock: Clock) -> Iterator[Finding]:
    """This host's clock against the database's; where both are one, against what was written down before."""
    before, there, after = clock(), vitals.time_there(database), clock()
    off = (before + after) // 2 - there if there is not None else min(0, after - vitals.newest_instant(database))
    if abs(off) >= _CLOCK_LATE:
        against = "the database's" if there is not None else "what a worker has written down"
        yield Finding(
            "wrong_clock", Level.BROKEN if abs(off) >= _CLOCK_WRONG else Level.WARNING,
            f"This host's clock is {abs(off) / SECOND:.1f} s {'behind' if off < 0 else 'ahead of'} {against}: words "
            "and messages would be taken for older or younger than they are.",
            "Set the clock and keep it set (chrony, systemd-timesyncd), on this host and on the database's.",
        )  # fmt: skip


def _queue(queue: QueueSeen) -> Iterator[Finding]:
    if not queue.answers:
        yield Finding(
            "no_queue", Level.BROKEN, "The queue does not answer: opt-outs are taken, but no message leaves.",
            "Start it, or look whether HEED_REDIS_URL names it. Nothing is lost meanwhile.",
        )  # fmt: skip
        return
    if queue.policy not in ("noeviction", ""):
        yield Finding(
            "queue_evicts", Level.WARNING, f"The queue throws keys away when memory is short ({queue.policy}).",
            "CONFIG SET maxmemory-policy noeviction, and in its configuration file: a job that is thrown away delays "
            "messages by seconds.",
        )  # fmt: skip
    if not queue.keeps:
        yield Finding(
            "queue_forgets", Level.WARNING, "The queue keeps nothing on disk: after a restart of it, work waits for "
            "the next tick.", "CONFIG SET appendonly yes, and in its configuration file.",
        )  # fmt: skip


def _url(public_url: str, trusted_proxies: int) -> Iterator[Finding]:
    parts = urlsplit(public_url)
    if parts.scheme != "https" and not _is_loopback(parts.hostname or ""):
        yield Finding(
            "plain_url", Level.WARNING, f"HEED_PUBLIC_URL is {parts.scheme}://{parts.netloc}: links, keys and what "
            "people write travel unencrypted, and emails carry no one-click unsubscribe.",
            "Put a TLS proxy before Heed and set HEED_PUBLIC_URL to its https address.",
        )  # fmt: skip
    if parts.scheme == "https" and not trusted_proxies:
        yield Finding(
            "proxy_unnamed", Level.WARNING, "A proxy must be in front, since HEED_PUBLIC_URL is https, and all "
            "visitors look like it: forms and sign-in take them for one network, and evidence names the wrong one.",
            "Set HEED_TRUSTED_PROXIES to how many proxies add to X-Forwarded-For, mostly 1.",
        )  # fmt: skip


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _disk(place: Path) -> Iterator[Finding]:
    while not place.exists():
        place = place.parent
    usage = shutil.disk_usage(place)
    share = usage.free / usage.total if usage.total else 0.0
    if share < 0.1 and usage.free < 10 * _GIB:
        full = share < 0.02 or usage.free < _GIB // 10
        yield Finding(
            "disk_full", Level.BROKEN if full else Level.WARNING,
            f"{place} has {usage.free / _GIB:.2f} GiB left ({share:.0%}).",
            "Make room or give it a larger disk; HEED_KEEP_…_DAYS says how long what is over is kept.",
        )  # fmt: skip
