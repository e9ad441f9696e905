"""What texts say of opting out, filled in as messages are taken in hand; links that need a code are kept together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.domain.addresses import AddressKind
from connector.domain.campaigns import Campaign, Content
from connector.domain.contents import TAGS, tags_in
from connector.domain.ids import public_id
from connector.domain.opt_out_tags import country_of, instruction
from connector.domain.records import Sender
from connector.domain.words import Channel, Purpose
from connector.engine.links import Link, Links
from connector.engine.packs import heard_out
from connector.store.directory import Directory
from connector.store.sends import Due


@dataclass(slots=True)
class Tagging:
    """The tags of one batch of messages; it asks the database nothing."""

    links: Links
    directory: Directory
    now: int
    #: The short links that the batch gives out, to be stored in the transaction that takes it in hand.
    given: list[dict[str, Any]] = field(default_factory=list)

    def link(self, row: Due, campaign: Campaign, sender: Sender) -> Link:
        return Link(
            self.directory.organisation, campaign.account, sender.channel, row.key, row.bucket, campaign.lists, row.id
        )

    def unsubscribe_url(self, row: Due, campaign: Campaign, sender: Sender) -> str | None:
        """Where a mail program takes the person off with one POST (RFC 8058); marketing by email alone has one."""
        if sender.channel is not Channel.EMAIL or campaign.purpose is not Purpose.MARKETING:
            return None
        return self.links.unsubscribe_url(self.link(row, campaign, sender)) if self.links.is_secure else None

    def mark(self, row: Due, sender: Sender) -> str:
        """What an email carries for the reports about it; nothing else has one."""
        return self.links.mark(public_id("send", row.id)) if sender.channel is Channel.EMAIL else ""

    def of(self, row: Due, campaign: Campaign, sender: Sender, content: Content) -> Mapping[str, str]:
        """The values of the tags that the content holds."""
        wanted = tags_in(content)
        if not wanted:
            return TAGS
        link = self.link(row, campaign, sender)
        preferences = self.links.preferences_url(link) if "preferences" in wanted else ""
        if sender.channel is Channel.EMAIL:
            url = self.links.unsubscribe_url(link)
            return {"opt_out": f"Unsubscribe: {url}", "opt_out_link": url, "preferences": preferences}
        said = self._instruction(row, campaign, sender)
        url = self._short(link) if "opt_out_link" in wanted or ("opt_out" in wanted and said is None) else ""
        return {"opt_out": said or f"Opt out: {url}", "opt_out_link": url, "preferences": preferences}

    def _instruction(self, row: Due, campaign: Campaign, sender: Sender) -> str | None:
        default = self.directory.default_list(campaign.account).id
        governing = [*self.directory.governing(campaign.account, campaign.lists), default]
        lists = [self.directory.lists[number] for number in dict.fromkeys(governing) if number in self.directory.lists]
        country = country_of(row.address) if row.kind == AddressKind.NUMBER else None
        return instruction(country, sender.channel, sender.number, [word for one in lists for word in heard_out(one)])

    def _short(self, link: Link) -> str:
        code = self.links.code(link)
        self.given.append({
            "code": code, "org": link.org, "account": link.account, "channel": int(link.channel), "key": link.key,
            "bucket": link.bucket, "lists": list(link.lists), "send": link.send, "created_at": self.now,
        })  # fmt: skip
        return self.links.short_url(code)
