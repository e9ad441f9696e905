"""Sends looked up afterwards: one send or a whole call, and why each was or was not sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connector.domain.addresses import address_key
from connector.domain.campaigns import Campaign, SendRow
from connector.domain.errors import Invalid, NotFound
from connector.domain.ids import public_id, row_number
from connector.domain.instants import rfc3339
from connector.domain.recipients import Batch
from connector.engine.direct import Direct
from connector.engine.directories import Directories
from connector.engine.ports import Clock
from connector.engine.report import result_of
from connector.engine.secrets import Secrets
from connector.engine.targets import Who
from connector.store import campaigns, reports
from connector.store.database import Database
from connector.store.directory import Directory

_PART = 500


class Journal:
    """Reads sends."""

    def __init__(
        self, database: Database, directories: Directories, direct: Direct, secrets: Secrets, clock: Clock
    ) -> None:
        self._database = database
        self._directories = directories
        self._direct = direct
        self._secrets = secrets
        self._clock = clock

    def get(self, who: Who, name: str) -> dict[str, Any]:
        """A direct send by the id its answer had (``snd_``), or one message (``msg_``)."""
        request = row_number("request", name)
        if request is not None:
            return self._direct.report(who.organisation, request).body
        number = row_number("send", name)
        with self._database.read() as connection:
            row = reports.find(connection, who.organisation, number) if number else None
            if row is None:
                raise NotFound
            campaign = campaigns.load(connection, who.organisation, [row.campaign])[row.campaign]
        return self._public(self._directories.current(who.organisation), row, campaign)

    def search(
        self, who: Who, batch: Batch | None, campaign: int | None, status: str | None, limit: int, cursor: str | None
    ) -> dict[str, Any]:
        """Sends, newest first."""
        before = row_number("send", cursor) if cursor else None
        if cursor and before is None:
            raise Invalid.at("/cursor", "bad_cursor", "is not a cursor of this listing")
        keys = None if batch is None else self._keys(batch)
        with self._database.read() as connection:
            rows = reports.search(
                connection,
                who.organisation,
                keys=keys,
                campaign=campaign,
                status=status,
                now=self._clock(),
                before=before,
                limit=limit + 1,
            )
            of = campaigns.load(connection, who.organisation, {row.campaign for row in rows})
        directory = self._directories.current(who.organisation)
        more = len(rows) > limit
        return {
            "items": [self._public(directory, row, of[row.campaign]) for row in rows[:limit]],
            "next_cursor": public_id("send", rows[limit - 1].id) if more else None,
        }

    def unsent(self, who: Who, batch: Batch, limit: int) -> list[dict[str, Any]]:
        """What was not sent to these people, newest first: by which step of what, and why not."""
        keys, found, before = self._keys(batch), list[SendRow](), None
        with self._database.snapshot() as connection:
            while len(found) < limit:
                rows = reports.search(connection, who.organisation, keys=keys, before=before, limit=_PART)
                found += [row for row in rows if row.status != "sent"]
                if len(rows) < _PART:
                    break
                before = rows[-1].id
            of = campaigns.load(connection, who.organisation, {row.campaign for row in found[:limit]})
        directory = self._directories.current(who.organisation)
        return [self._explained(directory, row, of[row.campaign]) for row in found[:limit]]

    def campaigns(self, who: Who, limit: int, cursor: str | None) -> tuple[list[Campaign], str | None]:
        """One page of campaigns and the cursor of the next."""
        after = row_number("campaign", cursor) if cursor else 0
        if after is None:
            raise Invalid.at("/cursor", "bad_cursor", "is not a cursor of this listing")
        with self._database.read() as connection:
            found = campaigns.page(connection, who.organisation, ("broadcast", "sequence"), after, limit + 1)
        more = public_id("campaign", found[limit - 1].id) if len(found) > limit else None
        return found[:limit], more

    def campaign_rows(self, who: Who, campaign: Campaign) -> Iterator[dict[str, Any]]:
        """A row for each send of a campaign, read a thousand at a time."""
        positions = {step.id: step.position for step in campaign.steps}
        after = 0
        while True:
            with self._database.read() as connection:
                rows = reports.rows_of(connection, who.organisation, campaign.id, after, 1000)
            for row in rows:
                yield {
                    "recipient": row.address, "step": positions[row.step], "status": row.status, "error": row.error,
                    "reasons": " ".join(reason["code"] for reason in row.reasons), "provider_id": row.provider_id,
                    "at": rfc3339(row.settled_at) if row.settled_at else None,
                }  # fmt: skip
            if len(rows) < 1000:
                return
            after = rows[-1].id

    def _keys(self, batch: Batch) -> list[bytes]:
        return [address_key(address, self._secrets.address) for one in batch.people for address in one.addresses]

    def _explained(self, directory: Directory, row: SendRow, campaign: Campaign) -> dict[str, Any]:
        """One send with the name of what it is of; what waits for a reason is held."""
        public = self._public(directory, row, campaign)
        if public["status"] == "scheduled" and public["reasons"]:
            public["status"] = "held"
        return {
            **public, "campaign_name": None if campaign.kind == "direct" else campaign.name,
            "step": next(one.position for one in campaign.steps if one.id == row.step),
            "channel": directory.senders[campaign.sender].channel.label,
        }  # fmt: skip

    def _public(self, directory: Directory, row: SendRow, campaign: Campaign) -> dict[str, Any]:
        direct = campaign.kind == "direct"
        return {
            "id": public_id("send", row.id), "campaign": None if direct else public_id("campaign", campaign.id),
            "request": public_id("request", campaign.id) if direct else None, "reference": campaign.reference,
            **result_of(directory, row, self._clock()), "at": rfc3339(row.settled_at) if row.settled_at else None,
        }  # fmt: skip
