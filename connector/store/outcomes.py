"""What became of a send after its hand-off was over."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from connector.domain.words import SendStatus
from connector.store.tables import campaigns, sends


@dataclass(frozen=True, slots=True)
class HandedOver:
    """One send, as far as a provider's later word on it is concerned."""

    id: int
    status: SendStatus
    error: str | None
    key: bytes
    bucket: int
    kind: str
    #: "" where the person has been erased since.
    address: str
    enrolment: int | None
    sender: int
    on_opt_out: str


def find(connection: Connection, org: int, number: int) -> HandedOver | None:
    """The send; None where there is none, or its address could never be read."""
    row = connection.execute(
        select(
            sends.c.id, sends.c.status, sends.c.error, sends.c.key, sends.c.bucket, sends.c.kind, sends.c.address,
            sends.c.enrolment, campaigns.c.sender, campaigns.c.on_opt_out,
        )
        .join(campaigns, (campaigns.c.org == sends.c.org) & (campaigns.c.id == sends.c.campaign))
        .where(sends.c.org == org, sends.c.id == number, sends.c.key.is_not(None))
    ).one_or_none()  # fmt: skip
    return HandedOver(**{**row._mapping, "status": SendStatus(row.status)}) if row else None


def write(
    connection: Connection, org: int, number: int, before: SendStatus, after: SendStatus, error: str | None,
    provider_id: str | None,
) -> bool:  # fmt: skip
    """Take one step from ``before``; False where somebody else has taken one."""
    result = connection.execute(
        update(sends)
        .where(sends.c.org == org, sends.c.id == number, sends.c.status == before.value)
        .values(status=after.value, error=error, provider_id=func.coalesce(sends.c.provider_id, provider_id))
    )
    return result.rowcount == 1
