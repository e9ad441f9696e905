"""A person erased: address, attributes and evidence go; the suppression stays, until their own new consent."""

from __future__ import annotations

from typing import Any

import orjson

from connector.domain.addresses import Address
from connector.domain.recipients import Batch
from connector.domain.words import Channel, FactKind, ReasonCode
from connector.engine import once, seal
from connector.engine.fenced import Fenced, suppressed
from connector.engine.secrets import Secrets
from connector.engine.targets import Who, targets_of
from connector.engine.words_written import draft_row, fact_row
from connector.store import book, campaigns, erasure, sends
from connector.store.database import Connection, Database

_NAMING = ("mobile", "email", "number", "whatsapp_id", "text", "message_id")


class Erasing:
    """Forgets people, under the fence."""

    def __init__(self, database: Database, fenced: Fenced, secrets: Secrets) -> None:
        self._database = database
        self._fenced = fenced
        self._secrets = secrets

    def erase(self, who: Who, batch: Batch) -> tuple[list[bytes], bool]:
        """Forget a person's addresses, each on its own; answers their keys, and whether nothing is on its way."""
        org = who.organisation
        batch.insist(Channel.ALL)
        targets = targets_of(batch, Channel.ALL, org, self._secrets.address)
        keys = sorted({target.key for target in targets})

        def write(connection: Connection, now: int) -> None:
            waiting = sends.pending_of(connection, org, keys)
            sends.mark(connection, [suppressed(row.id, [ERASED], now) for row in waiting])
            walking = [number for number, _, _, _ in campaigns.active_enrolments(connection, org, keys)]
            campaigns.end_enrolments(connection, org, walking, "opted_out", now)
            book.put_facts(
                self._database, connection, [fact_row(org, key, FactKind.ERASED, 0, now) for key in keys]
            )  # fmt: skip
            drafts = [
                draft_row(who, target, None, Channel.ALL, seal.ERASED, now, now, None, None)
                for target in {target.key: target for target in targets}.values()
            ]
            erasure.forget(connection, org, keys)
            told = erasure.deliveries_about(connection, org, keys)
            erasure.put_bodies(connection, org, {number: _without_address(body) for number, body in told})
            self._fenced.append(connection, drafts)

        settled = self._fenced.refuse(org, targets, write)[2]
        texts = sorted({one.removeprefix("+").lower() for target in targets for one in _spellings(target.address)})
        with self._database.write() as connection:
            erasure.forget_answers(connection, org, texts, once.ERASED)
        return keys, settled


#: Why what was waiting for an erased person is not sent, whatever its purpose: nobody knows where to any more.
ERASED: dict[str, Any] = {"code": ReasonCode.ERASED.value, "list": None, "channel": None, "since": None}


def _without_address(body: bytes) -> bytes:
    """What receivers are told, without whom."""
    told = orjson.loads(body)
    for part in (told, told.get("data")):
        if isinstance(part, dict):
            part.update({name: None for name in _NAMING if name in part})
    return orjson.dumps(told)


def _spellings(address: Address) -> tuple[str, ...]:
    return address.wire, address.canonical.removeprefix("wa:")
