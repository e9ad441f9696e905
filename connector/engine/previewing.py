"""How a message will read to one recipient, before anything is queued: tags filled, attributes put in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.domain.campaigns import Campaign
from connector.domain.contents import lacking, message_of
from connector.domain.errors import Invalid
from connector.domain.recipients import Recipient
from connector.domain.records import Sender
from connector.domain.words import Channel, Purpose
from connector.engine.audience import reachable, target_for
from connector.engine.directories import Directories, named_lists, named_sender
from connector.engine.links import Links
from connector.engine.ports import Clock
from connector.engine.secrets import Secrets
from connector.engine.tags import Tagging
from connector.engine.targets import Who
from connector.engine.templates import Templates
from connector.store.directory import Directory
from connector.store.sends import Due


class Previewing:
    """Renders as the claim does, and keeps nothing: the links in it lead nowhere."""

    def __init__(
        self, directories: Directories, templates: Templates, links: Links, secrets: Secrets, clock: Clock
    ) -> None:
        self._directories = directories
        self._templates = templates
        self._links = links
        self._secrets = secrets
        self._clock = clock

    def show(self, who: Who, values: Mapping[str, Any], step: Mapping[str, Any], person: Recipient) -> dict[str, Any]:
        """``text``, ``subject`` and ``html`` as this person would get them; Invalid where they can't."""
        directory = self._directories.current(who.organisation)
        sender = named_sender(directory, values["sender"])
        lists = tuple(one.id for one in named_lists(directory, who.account, values["lists"]))
        content, faults = self._templates.content(who.organisation, sender.channel, step)
        if faults or (faults := list(person.faults(sender.channel))):
            raise Invalid(faults)
        if missing := lacking(content, person.attributes, ""):
            raise Invalid([missing])
        address = reachable(person, sender.channel)
        tags = self._tags(directory, sender, lists, person, content) if address else {}
        wire = address.wire if address else ""
        message = message_of("preview", sender, wire, content, person.attributes, tags)
        return {name: getattr(message, name) for name in ("text", "subject", "html")}

    def _tags(
        self, directory: Directory, sender: Sender, lists: tuple[int, ...], person: Recipient, content: Any
    ) -> Mapping[str, str]:
        target = target_for(person, sender.channel, directory.organisation, self._secrets.address)
        if target is None:
            return {}
        campaign = Campaign(
            0, sender.account, "broadcast", "", sender.id, lists, Purpose.MARKETING, False, "exit", "draft"
        )  # fmt: skip
        now = self._clock()
        row = Due(
            0, 0, 0, None, target.key, target.bucket, target.address.kind.value, target.address.wire,
            person.attributes, 0, 0, now,
        )  # fmt: skip
        return Tagging(self._links, directory, now).of(row, campaign, sender, content)


def sample_for(channel: Channel) -> dict[str, str]:
    """Whom a preview is for where nobody is named: an address that belongs to nobody."""
    return {"email": "ada@example.com"} if channel is Channel.EMAIL else {"number": "+14155550123"}
