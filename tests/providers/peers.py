"""Peers that misbehave on purpose: a TCP server whose whole conduct is one function."""

import contextlib
import socket
import ssl
import struct
import threading
from dataclasses import dataclass, field


@dataclass
class Peer:
    """A server that listens on the loopback; ``port`` is enough to reach it."""

    port: int
    #: What each caller sent, as far as the conduct read it.
    heard: list[bytes] = field(default_factory=list)
    callers: int = 0
    #: One for every caller whose line has been closed.
    farewells: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    #: Set when the test is over, for conducts that wait.
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"


@contextlib.contextmanager
def peer(conduct, *, host="127.0.0.1", context: ssl.SSLContext | None = None):
    """Calls ``conduct(line, peer)`` in a thread for every caller; a line that breaks is no fault of the test."""
    listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    serving = Peer(listener.getsockname()[1])
    lines, threads = [], []

    def converse(line):
        with contextlib.ExitStack() as closing, contextlib.suppress(OSError):
            closing.callback(serving.farewells.release)
            closing.callback(line.close)
            if context is not None:
                line = context.wrap_socket(line, server_side=True)
                closing.callback(line.close)
            conduct(line, serving)

    def accept():
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            serving.callers += 1
            lines.append(line)
            threads.append(threading.Thread(target=converse, args=(line,)))
            threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield serving
    finally:
        serving.over.set()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join(5)
        for line in lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(5)
        assert not any(thread.is_alive() for thread in threads)


@contextlib.contextmanager
def deaf_port(host="127.0.0.1", port=0):
    """A port whose callers wait for ever for a connection: its queue of one is full and nobody accepts."""
    with socket.socket() as listener:
        listener.bind((host, port))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for line in waiting:
            line.setblocking(False)
            line.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
        for line in waiting:
            line.close()


def closed_port():
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def read_request(line, peer):
    """One HTTP request; an OSError when the caller has gone."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += _more(line)
    head, _, body = heard.partition(b"\r\n\r\n")
    length = next(
        (int(row.split(b":")[1]) for row in head.split(b"\r\n") if row.lower().startswith(b"content-length")), 0
    )
    while len(body) < length:
        body += _more(line)
    peer.heard.append(head + b"\r\n\r\n" + body)
    return head, body


def reset(line):
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()


def drip(line, peer, content, pause=0.02):
    """One byte at a time, for ever: the last one never comes."""
    for byte in content:
        line.sendall(bytes([byte]))
        if peer.over.wait(pause):
            return
    while not peer.over.wait(pause):
        line.sendall(b" ")


def _more(line):
    chunk = line.recv(65536)
    if not chunk:
        raise ConnectionError
    return chunk
