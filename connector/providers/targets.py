"""Where we may connect to: a sender's settings come from a tenant and must not reach into our own network.

The check that counts is made on the looked-up addresses, all of them, and the connection goes to exactly
those: a name that answers differently the second time (DNS rebinding) gains nothing. What a URL alone gives
away is refused earlier, when it is configured.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import requests
import urllib3

from connector.uptime import uptime

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: What is public in IPv6; the rest holds most forms that hide an IPv4 address, and site- and link-local ones.
_GLOBAL_IPV6 = ipaddress.IPv6Network("2000::/3")
_SPECIAL = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments; older Pythons know only parts of it
        "192.88.99.0/24",  # 6to4 relays
        "2001::/23",  # protocol assignments; Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address within
        "3fff::/20",  # documentation
    )
)
_PRIVATE_NAMES = (
    "localhost", "localdomain", "local", "internal", "intranet", "lan", "home", "corp", "home.arpa",
)  # fmt: skip
_AFTER_AUTHORITY = re.compile(r"[/?#]")
_UNSAFE_IN_URL = re.compile(r"[\x00-\x20\x7f\\]")


class NotSent(Exception):
    """Surely nothing of the message reached the provider; it may be offered again."""


class RefusedTarget(NotSent):
    """We do not connect to this place."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that has been read once, in the spelling that goes on the wire."""

    url: str
    scheme: str
    host: str


def check_target(url: str, allow_private: bool) -> None:
    """Raise RefusedTarget, with a sentence, for what a URL alone gives away; names are not looked up."""
    check_host(read_target(url).host, allow_private)


def check_host(host: str, allow_private: bool) -> None:
    """The same for a bare host name or address."""
    if allow_private:
        return
    address = _literal(host)
    if address is not None:
        _check_address(address)
        return
    labels = host.rstrip(".").lower()
    if "." not in labels or any(labels.endswith("." + name) for name in _PRIVATE_NAMES):
        raise RefusedTarget("the host has a name of a private network; a public one is needed")


@lru_cache(maxsize=1024)
def read_target(url: str) -> Target:
    """RefusedTarget for anything but a plain http or https URL with a host and without a user."""
    if _UNSAFE_IN_URL.search(url):
        raise RefusedTarget("a URL holds no blanks, control characters or backslashes")
    try:
        # The same normalising as on the wire: what we check and what we call can't be read differently.
        wire = requests.PreparedRequest()
        wire.prepare_url(url, None)
        parts = urllib3.util.parse_url(wire.url or "")
    except (ValueError, urllib3.exceptions.LocationValueError) as fault:
        raise RefusedTarget("this is not an http or https URL with a host") from fault
    if parts.scheme not in ("http", "https") or not parts.host:
        raise RefusedTarget("this is not an http or https URL with a host")
    # Looked for in the text as it came: normalising drops an empty user.
    if "@" in _AFTER_AUTHORITY.split(url.partition("//")[2], maxsplit=1)[0]:
        raise RefusedTarget("a URL with a user name or password is not called; use a header")
    host = parts.host.strip("[]")
    if "%" in host:
        raise RefusedTarget("an address with a zone belongs to one machine's network")
    return Target(wire.url or "", parts.scheme, host)


def dial(host: str, port: int, *, deadline: float, allow_private: bool) -> socket.socket:
    """A TCP connection to a checked address; NotSent where there is none by ``deadline`` (seconds of `uptime`)."""
    check_host(host, allow_private)
    places = _look_up(host, port, deadline)
    if not allow_private:
        for _, place in places:
            _check_address(ipaddress.ip_address(place[0].partition("%")[0]))
    reason = "the name has no address"
    for turn, (family, place) in enumerate(places):
        # One silent address (a broken IPv6 route) must leave time for the next.
        share = (deadline - uptime()) / (len(places) - turn)
        if share <= 0:
            raise NotSent("no connection in time")
        try:
            return _connect(family, place, share)
        except OSError as fault:
            reason = _why(fault)
    raise NotSent(reason)


def _look_up(host: str, port: int, deadline: float) -> list[tuple[socket.AddressFamily, Any]]:
    """(family, socket address) of each; the resolver knows no deadline, so it gets a thread of its own."""
    found: list[tuple[socket.AddressFamily, Any]] = []

    def ask() -> None:
        try:
            for family, _, _, _, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                found.append((family, place))
        except (OSError, UnicodeError):
            found.clear()

    if _literal(host) is not None:
        ask()
    else:
        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(max(0.0, deadline - uptime()))
        if asking.is_alive():
            raise NotSent("the name was not resolved in time")
    if not found:
        raise NotSent("the name can't be resolved")
    return found


def _connect(family: socket.AddressFamily, place: Any, seconds: float) -> socket.socket:
    line = socket.socket(family, socket.SOCK_STREAM)
    try:
        line.settimeout(seconds)
        line.connect(place)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError:
        line.close()
        raise
    return line


def _literal(host: str) -> Address | None:
    """The address that a host spells out, also in forms that only C libraries know (0x7f.1, 2130706433)."""
    bare = host.rstrip(".")
    try:
        return ipaddress.ip_address(bare)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(bare))
    except (OSError, ValueError):
        return None


def _check_address(address: Address) -> None:
    inside = not address.is_global or address.is_multicast or any(address in network for network in _SPECIAL)
    if inside or (address.version == 6 and address not in _GLOBAL_IPV6):
        raise RefusedTarget("the address is private, local or special; a public one is needed")


def _why(fault: OSError) -> str:
    if isinstance(fault, ConnectionRefusedError):
        return "the connection was refused"
    return "no connection in time" if isinstance(fault, TimeoutError) else "no way to the host"
