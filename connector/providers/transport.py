"""The connections under ``http.post``: dialled to checked addresses, pooled, and cut at a total deadline."""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection

from connector.providers.deadlines import Deadline, Line
from connector.providers.targets import dial

#: Servers end idle connections after five seconds or more; one that ends under a request costs an "unknown".
_LONGEST_IDLE = 4.0
_POOLS, _POOL_SIZE = 64, 64


@cache
def adapter(allow_private: bool) -> HTTPAdapter:
    """One for all threads, as connections outlive them; apart, so that no private one serves the others."""
    return _Adapter(pool_connections=_POOLS, pool_maxsize=_POOL_SIZE)


@dataclass(slots=True)
class Exchange:
    """One request on its way; the connection it travels on finds it in ``here``."""

    limit: Deadline
    allow_private: bool
    #: Set before the first byte of the request can leave.
    begun: bool = False


class _Here(threading.local):
    exchange: Exchange


here = _Here()


@cache
def trusted_context() -> ssl.SSLContext:
    """Verifies names and certificates, by the system's authorities (SSL_CERT_FILE is heard) and certifi's."""
    context = ssl.create_default_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context


class _Watched(HTTPConnection):
    """Connects to checked addresses only, and is cut at the deadline of the exchange that uses it."""

    _line: Line | None = None
    _used = 0.0

    def _new_conn(self) -> socket.socket:
        exchange = here.exchange
        first = dial(self.host, self.port, deadline=exchange.limit.at, allow_private=exchange.allow_private)
        # A TLS handshake keeps to this as a whole, unlike reads. Zero would mean "do not block".
        first.settimeout(exchange.limit.left() or 0.001)
        self._line = Line(first)
        return first

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        if self._line is not None:
            here.exchange.limit.watch(self._line)
        self._used = time.monotonic()
        here.exchange.begun = True
        super().send(data)

    def close(self) -> None:
        super().close()
        self._line = None

    @property
    def is_connected(self) -> bool:
        """Asked by the pool before it gives an idle connection out again."""
        return super().is_connected and time.monotonic() - self._used < _LONGEST_IDLE


class _WatchedTls(_Watched, HTTPSConnection):
    """The same over TLS."""


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Watched


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


class _Adapter(HTTPAdapter):
    """The transport of requests without its Session, which keeps cookies and reads redirects unbounded."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options, ssl_context=trusted_context())
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}

    def cert_verify(self, *_: Any) -> None:
        """Nothing to do: the context verifies, and reads its authorities once, not at every connection."""


# A forked child must not talk on its parent's connections.
os.register_at_fork(after_in_child=adapter.cache_clear)
