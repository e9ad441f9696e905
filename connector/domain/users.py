"""Named users of the console: what each role may do, and who is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What a user is here for."""

    ADMIN = "admin"
    OPERATOR = "operator"
    AGENT = "agent"
    VIEWER = "viewer"


#: The one table of rights: a role is a set of the scopes that API keys have, and every page asks for scopes.
ROLE_SCOPES: Mapping[Role, frozenset[str]] = {
    Role.ADMIN: frozenset({"read", "write", "send", "export", "bypass", "admin", "lists:read"}),
    Role.OPERATOR: frozenset({"read", "write", "send", "export", "lists:read"}),
    Role.AGENT: frozenset({"read", "write", "lists:read"}),
    Role.VIEWER: frozenset({"read", "lists:read"}),
}


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with a name, a password and a role."""

    id: int
    organisation: int
    account: int
    name: str
    role: Role
    password_hash: str
    #: Whether the password was made by somebody else, and must be replaced at the next sign-in.
    must_change: bool
    created_at: int
    disabled_at: int | None


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in: a user, or whoever holds an API key."""

    #: The hash of the token that the browser holds.
    hash: bytes
    organisation: int
    organisation_name: str
    account: int
    #: The name that stands in the history.
    actor: str
    #: The name that stands on the page.
    name: str
    scopes: frozenset[str]
    created_at: int
    seen_at: int
    user: int | None = None
    role: Role | None = None
    must_change: bool = False
    #: Whether it is a ticket of the side panel: nothing of it is remembered.
    is_ticket: bool = False
    #: What is still to be told on the next page.
    notes: tuple[Mapping[str, Any], ...] = ()


def folded(name: str) -> str:
    """The name as it must be unique, whatever its case."""
    return " ".join(name.casefold().split())
