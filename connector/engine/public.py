"""What people do themselves over links and forms, put together once."""

from __future__ import annotations

from dataclasses import dataclass

from connector.engine.context import Services
from connector.engine.fenced import Fenced
from connector.engine.forms import Forms
from connector.engine.links import Links
from connector.engine.opting_out import OptingOut
from connector.engine.person_links import PersonLinks
from connector.engine.preferences import Preferences
from connector.engine.secrets import Secrets
from connector.engine.stamps import Stamps
from connector.engine.submitting import Submitting
from connector.store.database import Database
from connector.store.lookup import Lookup


@dataclass(frozen=True)
class Public:
    """The people's side of the house."""

    links: Links
    out: OptingOut
    preferences: Preferences
    stamps: Stamps
    forms: Forms
    submitting: Submitting
    person_links: PersonLinks


def public(
    database: Database, services: Services, lookup: Lookup, fenced: Fenced, secrets: Secrets, links: Links
) -> Public:  # fmt: skip
    directories, book, clock = services.directories, services.book, services.clock
    out = OptingOut(database, directories, book, links)
    return Public(
        links=links,
        out=out,
        preferences=Preferences(database, directories, lookup, book, links, out, clock),
        stamps=Stamps(secrets, clock),
        forms=Forms(database, directories, clock, links.base),
        submitting=Submitting(
            database, directories, fenced, book, services.direct, secrets, clock, links.base, services.region
        ),
        person_links=PersonLinks(directories, fenced, secrets, links),
    )
