"""Where a call came from, without the part that names one machine."""

from __future__ import annotations

import ipaddress
from typing import Any

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix


def believe(app: Flask, proxies: int) -> None:
    """Take the visitor's address from X-Forwarded-For, to which so many proxies of our own add; nothing else."""
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]


def network() -> str:
    """203.0.113.0/24, or 2001:db8::/48; empty where it is not known."""
    try:
        address: Any = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False))
