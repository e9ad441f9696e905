"""Receivers are told: what there is to tell becomes deliveries, and deliveries are tried until they arrive.

Signed and retried as Standard Webhooks has it (standardwebhooks.com, specification 1.0.0): ten attempts over three
days, 2xx is the only success, 410 ends the subscription, Retry-After is heeded.
"""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import structlog

from connector.domain.instants import DAY, HOUR, MINUTE, SECOND
from connector.domain.records import Webhook
from connector.engine import meters
from connector.engine.directories import Directories
from connector.engine.fan_out import FanOut
from connector.engine.ports import Clock, Poster
from connector.engine.secrets import Secrets
from connector.store import hooks
from connector.store.database import Database
from connector.store.directory import Directory
from connector.store.hooks import Delivery
from connector.uptime import uptime

log = structlog.get_logger()

#: When an attempt that failed is made again: after the first, the second, and so on; then it is given up.
SCHEDULE = (5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
#: An endpoint at which nothing has arrived for so long is switched off.
PATIENCE = 5 * DAY
TIMEOUT_S = 15.0

_TOGETHER = 16
_LEASE = 60 * SECOND


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt: the answer's status, or why there was none; no ``url`` where nobody listens any more."""

    delivery: Delivery
    url: str | None
    status: int | None
    error: str | None
    retry_after: float
    duration_ms: int

    @property
    def arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def unwanted(self) -> bool:
        """Whether the receiver itself wants no more."""
        return self.status == 410


class Notify:
    """Works through the outbox and the deliveries; any worker may."""

    def __init__(
        self, database: Database, directories: Directories, secrets: Secrets, clock: Clock, post: Poster
    ) -> None:
        self._database = database
        self._directories = directories
        self._secrets = secrets
        self._clock = clock
        self._post = post
        self._fan_out = FanOut(database, directories, clock)
        self._hands = ThreadPoolExecutor(_TOGETHER, thread_name_prefix="hook")

    def is_due(self) -> bool:
        with self._database.read() as connection:
            return hooks.is_anything_due(connection, self._clock())

    def work(self, slice_s: float) -> bool:
        """Tell whom there is to tell; True where the slice ended before the work did."""
        end = time.monotonic() + slice_s
        while time.monotonic() < end:
            if not self._fan_out.work() and not self._deliver():
                return False
        return True

    def _deliver(self) -> int:
        now = self._clock()
        with self._database.write() as connection:
            due = hooks.take_due(connection, now, now + _LEASE, _TOGETHER)
            endpoints = {
                org: _endpoints(connection, self._directories.fresh(connection, org))
                for org in {one.org for one in due}
            }
        if due:
            tried = list(self._hands.map(lambda one: self._try(one, endpoints[one.org]), due))
            self._settle(tried)
        return len(due)

    def _try(self, delivery: Delivery, endpoints: Callable[[Delivery], tuple[str, str] | None]) -> Tried:
        endpoint = endpoints(delivery)
        if endpoint is None:
            return Tried(delivery, None, None, "nobody listens there any more", 0, 0)
        url, secret = endpoint
        began = uptime()
        headers = signed(delivery, secret or self.list_secret(delivery.list_id or 0), self._clock())
        answer = self._post(url, headers, delivery.body, began + TIMEOUT_S)
        took_ms = int((uptime() - began) * 1000)
        return Tried(delivery, url, answer.status, answer.error, answer.retry_after, took_ms)

    def list_secret(self, list_id: int) -> str:
        """What a list's own webhook is signed with; made from the service's secret, so there is nothing to store."""
        made = hmac.digest(self._secrets.tokens, b"list webhook %d" % list_id, "sha256")
        return "whsec_" + base64.b64encode(made).decode()

    def _settle(self, tried: Sequence[Tried]) -> None:
        now = self._clock()
        for one in tried:
            meters.webhooks.labels("arrived" if one.arrived else "failed").inc()
        with self._database.write() as connection:
            hooks.settle(connection, [_row(one, now) for one in tried])
            heard = [one.delivery.webhook for one in tried if one.arrived and one.delivery.webhook]
            failed = [one.delivery.webhook for one in tried if not one.arrived and one.url and one.delivery.webhook]
            hooks.mark_webhooks(connection, heard, [one for one in failed if one not in heard], now)
            for org in {one.delivery.org for one in tried if one.unwanted}:
                gone = [(one.delivery, one.url) for one in tried if one.unwanted and one.delivery.org == org]
                hooks.drop_gone(
                    connection, org, [(one.webhook, url) for one, url in gone if one.webhook],
                    [(one.list_id, url) for one, url in gone if one.list_id and not one.webhook],
                )  # fmt: skip
                self._directories.changed(connection, org)
            if hooks.disable_failing(connection, now - PATIENCE, now):
                log.warning("webhooks_disabled")


def signed(delivery: Delivery, secret: str, now: int) -> dict[str, str]:
    """The headers of an attempt: id, time and signature over both and the body."""
    stamp = str(now // SECOND)
    content = f"{delivery.message_id}.{stamp}.".encode() + delivery.body
    digest = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), content, "sha256")
    return {
        "content-type": "application/json", "webhook-id": delivery.message_id, "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(), "user-agent": "Heed",
    }  # fmt: skip


def _endpoints(connection: Any, directory: Directory) -> Callable[[Delivery], tuple[str, str] | None]:
    """Where a delivery goes now, and what it is signed with ("" for a list's own secret)."""
    webhooks: Mapping[int, Webhook] = {
        one.id: one for one in hooks.all_webhooks(connection, directory.organisation) if one.disabled_at is None
    }

    def endpoint(delivery: Delivery) -> tuple[str, str] | None:
        if delivery.webhook is not None:
            found = webhooks.get(delivery.webhook)
            return (found.url, found.secret) if found else None
        of_list = directory.lists.get(delivery.list_id or 0)
        return (of_list.webhook_url, "") if of_list is not None and of_list.webhook_url else None

    return endpoint


def _row(tried: Tried, now: int) -> dict[str, Any]:
    """What an attempt leaves: arrived, given up, or due again."""
    attempts = tried.delivery.attempts + 1
    over = tried.unwanted or tried.url is None or attempts > len(SCHEDULE)
    status = "delivered" if tried.arrived else "dead" if over else "pending"
    wait = 0 if status != "pending" else max(SCHEDULE[attempts - 1], int(tried.retry_after * SECOND))
    return {
        "row_id": tried.delivery.id, "status": status, "attempts": attempts, "due_at": now + wait,
        "last_status": tried.status, "last_error": tried.error, "duration_ms": tried.duration_ms,
        "delivered_at": now if tried.arrived else None,
    }  # fmt: skip
