"""All that has to do with what people write, put together once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connector.engine.answering import Answering
from connector.engine.bindings import Replies
from connector.engine.bounced import Bounced
from connector.engine.context import Services
from connector.engine.delivered import Delivered
from connector.engine.fenced import Fenced
from connector.engine.linking import Linking
from connector.engine.links import Links
from connector.engine.ports import Provider
from connector.engine.receive import Receiver
from connector.engine.replying import Replying
from connector.engine.reviews import Reviews
from connector.engine.rules import Rules
from connector.engine.run import Corridor
from connector.engine.saying import Saying
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
    waiting: Waiting, wait_s: float, fenced: Fenced, links: Links,
) -> Inbox:  # fmt: skip
    directories, clock, book, direct = services.directories, services.clock, services.book, services.direct
    delivered = Delivered(database, directories, book, waiting, clock, wait_s)
    bounced = Bounced(database, directories, book, delivered, secrets, links, clock)
    answering = Answering(database, directories, direct, links, clock)
    reviews = Reviews(database, directories, book, clock)
    replying, saying = Replying(corridor, direct, answering), Saying(book, answering)
    linking = Linking(database, fenced, secrets, clock)
    return Inbox(
        receiver=Receiver(
            database, services, providers, secrets, delivered, bounced, saying, replying, reviews, linking
        ),
        replies=Replies(database, directories, corridor, clock),
        rules=Rules(database, directories, clock),
        reviews=reviews,
    )
