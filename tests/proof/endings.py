"""How everything ended, as the database tells it: waited for first."""

import time

from sqlalchemy import make_url

from connector.domain.ids import public_id
from tests.proof.chaos_verdict import Send
from tests.servers import PostgresServer

_OPEN = "SELECT count(*) FROM sends WHERE status IN ('pending', 'sending')"


def until_all_has_ended(server: PostgresServer, url: str, within_s: float) -> float | None:
    """Seconds until nothing was pending or in hand any more; None where that did not happen in time."""
    began = time.monotonic()
    with server.connect(make_url(url).database) as connection:
        while time.monotonic() - began < within_s:
            row = connection.execute(_OPEN).fetchone()
            if row is not None and not row[0]:
                return round(time.monotonic() - began, 1)
            time.sleep(0.1)
    return None


def sends_of(server: PostgresServer, url: str) -> list[Send]:
    """How Heed says that each send ended."""
    with server.connect(make_url(url).database) as connection:
        rows = connection.execute("SELECT id, address, status FROM sends").fetchall()
    return [Send(public_id("send", number), address, status) for number, address, status in rows]
