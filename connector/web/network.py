"""Where a call came from, without the part that names one machine."""

from __future__ import annotations

import ipaddress
from typing import Any

from flask import request


def network() -> str:
    """203.0.113.0/24, or 2001:db8::/48; empty where it is not known."""
    try:
        address: Any = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False))
