"""Who may show the side panel within a page of theirs, and the tickets that open it there."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from itsdangerous import BadSignature

from connector.domain.instants import HOUR
from connector.domain.users import ROLE_SCOPES, Role, Session
from connector.engine.ports import Clock
from connector.engine.secrets import Secrets
from connector.engine.targets import Who
from connector.store import identity, users
from connector.store.database import Database

#: A ticket opens the panel for so long, and may do at most what an agent may.
GOOD_FOR = 8 * HOUR
_USE = "panel ticket"


class Panel:
    """The setting of an organisation, and tickets made for its agents."""

    def __init__(self, database: Database, secrets: Secrets, clock: Clock) -> None:
        self._database = database
        self._serializer = secrets.serializer(_USE)
        self._clock = clock

    def origins(self, who: Who) -> list[str]:
        with self._database.read() as connection:
            return users.panel_origins_of(connection, who.organisation)

    def allow(self, who: Who, origins: Sequence[str]) -> None:
        """These and no others."""
        with self._database.write() as connection:
            users.put_panel_origins(connection, who.organisation, sorted(set(origins)))

    def ticket(self, who: Who, agent: str) -> str:
        """What an inbox puts into the panel's address for one of its agents, whose name stands in the history."""
        scopes = sorted(who.scopes & ROLE_SCOPES[Role.AGENT])
        made = [who.organisation, who.account, who.key, agent, who.actor, scopes, self._clock()]
        return str(self._serializer.dumps(made))

    def admitted(self, ticket: str) -> Session | None:
        """In whose name a ticket opens the panel; None for one that is too old, not ours, or of a key that is over."""
        try:
            org, account, key, agent, by, scopes, made = self._serializer.loads(ticket)
        except (BadSignature, TypeError, ValueError):
            return None
        now = self._clock()
        if now - made > GOOD_FOR:
            return None
        with self._database.read() as connection:
            if not identity.key_opens(connection, org, key, now):
                return None
            name = identity.organisation_name(connection, org)
        actor, mark = f"{agent}, by {by}", hashlib.sha256(ticket.encode()).digest()
        return Session(mark, org, name, account, actor, agent, frozenset(scopes), made, made, is_ticket=True)
