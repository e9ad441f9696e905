"""Every table: one module a subject."""

from connector.store.tables.base import metadata
from connector.store.tables.book import addresses, entries, events, facts, heads, links, outbox
from connector.store.tables.campaigns import audiences, campaigns, enrolments, sends, steps
from connector.store.tables.days import days
from connector.store.tables.hooks import deliveries, notices, webhooks
from connector.store.tables.imports import imports
from connector.store.tables.inbound import reviews, rules, soft_bounces
from connector.store.tables.journal import idempotency, inbound, incarnations
from connector.store.tables.people import contacts, groups, members
from connector.store.tables.public import confirmations, forms, short_links
from connector.store.tables.setup import (
    accounts,
    api_keys,
    bindings,
    lists,
    meta,
    organisations,
    paces,
    replies,
    senders,
    templates,
)
from connector.store.tables.users import captures, panel_origins, sessions, tries, users

__all__ = [
    "accounts",
    "addresses",
    "api_keys",
    "audiences",
    "bindings",
    "campaigns",
    "captures",
    "confirmations",
    "contacts",
    "days",
    "deliveries",
    "enrolments",
    "entries",
    "events",
    "facts",
    "forms",
    "groups",
    "heads",
    "idempotency",
    "imports",
    "inbound",
    "incarnations",
    "links",
    "lists",
    "members",
    "meta",
    "metadata",
    "notices",
    "organisations",
    "outbox",
    "paces",
    "panel_origins",
    "replies",
    "reviews",
    "rules",
    "senders",
    "sends",
    "sessions",
    "short_links",
    "soft_bounces",
    "steps",
    "templates",
    "tries",
    "users",
    "webhooks",
]
