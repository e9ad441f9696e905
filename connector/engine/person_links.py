"""The links of one person, for messages that are sent from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connector.domain.errors import Invalid
from connector.domain.recipients import Batch
from connector.domain.words import Channel
from connector.engine.directories import Directories, named_lists
from connector.engine.fenced import Fenced
from connector.engine.links import Link, Links
from connector.engine.secrets import Secrets
from connector.engine.targets import Who, targets_of


class PersonLinks:
    """Makes them. They are for the person alone: who has the second one speaks in the person's name."""

    def __init__(self, directories: Directories, fenced: Fenced, secrets: Secrets, links: Links) -> None:
        self._directories = directories
        self._fenced = fenced
        self._secrets = secrets
        self._links = links

    def of(self, who: Who, batch: Batch, channel: Channel | None, lists: Sequence[str]) -> dict[str, Any]:
        """The way out of some lists on one channel, and the page of all choices."""
        batch.insist(channel or Channel.ALL)
        chosen = named_lists(self._directories.current(who.organisation), who.account, lists)
        targets = targets_of(batch, channel or Channel.ALL, who.organisation, self._secrets.address)
        if len(targets) != 1:
            raise Invalid.at("", "one_address", "give one address: a number, an email or a whatsapp_id")
        (target,) = targets
        # The page shows its owner a part of the address, so it has to be known.
        self._fenced.allow(who.organisation, targets, lambda _db, _now: None)
        way = target.address.channels[0] if channel is None else channel
        link = Link(
            who.organisation, who.account, way, target.key, target.bucket, tuple(one.id for one in chosen)
        )  # fmt: skip
        return {
            "unsubscribe_url": self._links.unsubscribe_url(link), "preferences_url": self._links.preferences_url(link)
        }  # fmt: skip
