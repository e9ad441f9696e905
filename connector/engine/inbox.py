"""All that has to do with what people write, put together once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connector.engine.answering import Answering
from connector.engine.bindings import Replies
from connector.engine.bounced import Bounced
from connector.engine.context import Services
from connector.engine.delivered import Delivered
from connector.engine.ports import Provider
from connector.engine.receive import Receiver
from connector.engine.replying import Replying
from connector.engine.reviews import Reviews
from connector.engine.rules import Rules
from connector.engine.run import Corridor
from connector.engine.secrets import Secrets
from connector.engine.waiting import Waiting
from connector.store.database import Database


@dataclass(frozen=True)
class Inbox:
    """The inbound door, and what an operator sets up behind it."""

    receiver: Receiver
    replies: Replies
    rules: Rules
    reviews: Reviews


def inbox(
    database: Database, services: Services, corridor: Corridor, providers: Mapping[str, Provider], secrets: Secrets,
    waiting: Waiting, wait_s: float,
) -> Inbox:  # fmt: skip
    directories, clock, book, direct = services.directories, services.clock, services.book, services.direct
    delivered = Delivered(database, directories, book, waiting, clock, wait_s)
    bounced = Bounced(database, book, delivered, secrets, clock)
    answering, reviews = Answering(database, direct, clock), Reviews(database, directories, book, clock)
    replying = Replying(corridor, direct, answering)
    return Inbox(
        receiver=Receiver(database, services, providers, secrets, delivered, bounced, answering, replying, reviews),
        replies=Replies(database, directories, corridor, clock),
        rules=Rules(database, directories, clock),
        reviews=reviews,
    )
