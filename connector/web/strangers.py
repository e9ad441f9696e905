"""Who a page or a name server may not speak for: calls from another site, or by a name that was bent towards us."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from flask import request

from connector.domain.errors import Forbidden
from connector.web.house import house


def refuse_strangers() -> None:
    """Forbidden where the call's Host or Origin is not the service's own (DNS rebinding)."""
    ours = urlsplit(house().public_url)
    if not _is_ours(urlsplit(f"//{request.host}").hostname, ours.hostname):
        raise Forbidden("This name is not the service's own (HEED_PUBLIC_URL).")
    origin = request.headers.get("Origin")
    if origin is not None and origin not in (f"{ours.scheme}://{ours.netloc}", request.host_url.rstrip("/")):
        raise Forbidden("A page of another origin may not call this.")


def _is_ours(host: str | None, public: str | None) -> bool:
    """The public name, this machine's own, or a bare address, which no name server can bend."""
    if host is None:
        return False
    if host in (public, "localhost"):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
