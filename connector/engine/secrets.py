"""Keys made from one root; each use has its own."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from itsdangerous import URLSafeSerializer


@dataclass(frozen=True, slots=True)
class Secrets:
    """``address`` makes address keys, ``history`` seals, ``tokens`` signs links; ``key_id`` names the secret."""

    address: bytes
    history: bytes
    tokens: bytes
    key_id: int = 1

    @classmethod
    def from_root(cls, root: bytes) -> Secrets:
        def derive(use: str) -> bytes:
            return hmac.digest(root, f"heed {use} v1".encode(), "sha256")

        return cls(derive("address"), derive("history"), derive("tokens"))

    @property
    def fingerprint(self) -> str:
        """What tells these keys from others."""
        return hmac.digest(self.address, b"fingerprint", "sha256").hex()[:32]

    def serializer(self, use: str) -> URLSafeSerializer:
        return URLSafeSerializer(self.tokens, salt=use)
