"""What there is to tell becomes deliveries, one for each who listens, in the transaction that takes it out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import orjson

from connector.domain.ids import public_id
from connector.domain.records import OptOutList, Webhook
from connector.engine.directories import Directories
from connector.engine.judge import public_reasons
from connector.engine.ports import Clock
from connector.store import hooks, notices
from connector.store.database import Connection, Database
from connector.store.directory import Directory
from connector.store.hooks import Told
from connector.store.notices import Notice
from schemas import events

_STATES = {"out": events.OPTED_OUT, "in": events.OPTED_IN}
_AT_ONCE = 500


class FanOut:
    """Words from the book's outbox, and notices of sends and messages."""

    def __init__(self, database: Database, directories: Directories, clock: Clock) -> None:
        self._database = database
        self._directories = directories
        self._clock = clock

    def work(self) -> int:
        """Take some out of both; answers how many."""
        with self._database.write() as connection:
            told, noticed = hooks.outgoing(connection, _AT_ONCE), notices.outgoing(connection, _AT_ONCE)
            if not told and not noticed:
                return 0
            rows: list[dict[str, Any]] = []
            for org in {one.org for one in told} | {one.org for one in noticed}:
                rows += self._of(
                    connection, org, [t for t in told if t.org == org], [n for n in noticed if n.org == org]
                )
            hooks.fan_out(connection, told, rows)
            notices.told(connection, [one.id for one in noticed])
        return len(told) + len(noticed)

    def _of(
        self, connection: Connection, org: int, told: Sequence[Told], noticed: Sequence[Notice]
    ) -> Iterator[dict[str, Any]]:
        directory, now = self._directories.fresh(connection, org), self._clock()
        listening = hooks.all_webhooks(connection, org)
        for one in told:
            yield from _of_word(directory, listening, one, now)
        for notice in noticed:
            yield from _of_notice(directory, listening, notice, now)


def _of_word(directory: Directory, listening: Iterable[Webhook], told: Told, now: int) -> Iterator[dict[str, Any]]:
    """One delivery for the list's own webhook, and one for each that subscribed."""
    kind, of_list = _STATES.get(told.state), directory.lists.get(told.list_id)
    if kind is None or of_list is None:
        return
    sender = directory.senders.get(of_list.sender or 0)
    data = events.contact_event(
        id=public_id("event", told.event), type=kind, at=told.occurred_at, kind=told.kind, address=told.canonical,
        channel=told.channel, of_list=of_list.public, channel_id=sender.channel_id if sender else 100 + told.channel,
    )  # fmt: skip
    row = _row(directory.organisation, data, told.key, now)
    if _wants(of_list, kind):
        yield row | {"list_id": of_list.id, "body": orjson.dumps(events.body_of(data, of_list.webhook_format))}
    yield from _subscribed(listening, lambda webhook: of_list.account in (0, webhook.account), row, data, now)


def _of_notice(
    directory: Directory, listening: Iterable[Webhook], notice: Notice, now: int
) -> Iterator[dict[str, Any]]:
    """One delivery for each webhook of the sender's account that subscribed."""
    sender, number = directory.senders.get(notice.sender), public_id("notice", notice.id)
    if sender is None:
        return
    if notice.send is None:
        said = notice.data or {}
        data = events.keyword_event(id=number, at=notice.at, channel_id=sender.channel_id, data=said)
    else:
        data = events.message_event(
            id=number, type=notice.type, at=notice.at, channel=int(sender.channel), channel_id=sender.channel_id,
            **_of_send(directory, notice),
        )  # fmt: skip
    row = _row(directory.organisation, data, notice.key, now)
    yield from _subscribed(listening, lambda webhook: webhook.account == sender.account, row, data, now)


def _of_send(directory: Directory, notice: Notice) -> dict[str, Any]:
    """What is told of a send; it may have moved on since, and then its error is of a later notice."""
    send = notice.send or {}
    direct, campaign = send["campaign_kind"] == "direct", send["campaign"]
    return {
        "kind": send["kind"], "address": send["address"], "message": public_id("send", send["id"]),
        "reasons": public_reasons(directory, (send["reasons"] or []) if notice.type == events.SKIPPED else []),
        "error": None if notice.type == events.SENT else send["error"],
        "campaign": None if direct else public_id("campaign", campaign),
        "campaign_name": None if direct else send["name"],
        "request": public_id("request", campaign) if direct else None,
        "step": None if direct else send["position"], "reference": send["reference"],
        "provider_id": send["provider_id"],
    }  # fmt: skip


def _row(org: int, data: dict[str, Any], key: bytes | None, now: int) -> dict[str, Any]:
    return {
        "org": org, "webhook": None, "list_id": None, "type": data["type"], "message_id": data["id"], "key": key,
        "status": "pending", "due_at": now, "created_at": now,
    }  # fmt: skip


def _subscribed(
    listening: Iterable[Webhook],
    may_hear: Callable[[Webhook], bool],
    row: dict[str, Any],
    data: dict[str, Any],
    now: int,
) -> Iterator[dict[str, Any]]:
    for webhook in listening:
        if webhook.hears(row["type"], now) and may_hear(webhook):
            yield row | {"webhook": webhook.id, "body": orjson.dumps(events.body_of(data, webhook.format))}


def _wants(of_list: OptOutList, kind: str) -> bool:
    """The legacy body tells of opt-outs only: it has no field that would tell which it is."""
    return bool(of_list.webhook_url) and (of_list.webhook_format == "standard" or kind == events.OPTED_OUT)
