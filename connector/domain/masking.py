"""An address shown to whoever holds a link: enough for its owner to know it, too little for anybody else."""

from __future__ import annotations

from connector.domain.addresses import AddressKind

_DOTS = "•••"


def mask(kind: AddressKind, text: str) -> str:
    """ "a•••@example.com", "+14•••23"; nothing for nothing."""
    if not text:
        return ""
    if kind is AddressKind.EMAIL:
        local, _, domain = text.rpartition("@")
        return f"{local[:1]}{_DOTS}@{domain}"
    return f"{text[:3]}{_DOTS}{text[-2:]}"
