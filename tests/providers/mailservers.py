"""Mail servers: a real one (aiosmtpd) that keeps what it is given, and one that answers as it is told."""

import contextlib
import ssl

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

USER, PASSWORD = "shop", "s3cret"


class _Controller(Controller):
    """Tells the port it was given, where it was to take any."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Keeper:
    """Takes every mail and keeps its envelope; refuses recipients as told by ``refuse``."""

    def __init__(self):
        self.envelopes = []
        self.logged_in = []
        self.refuse = {}

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.envelopes.append(envelope)
        self.logged_in.append(session.authenticated)
        return f"250 2.0.0 OK: queued as Q{len(self.envelopes)}"


@contextlib.contextmanager
def mail_server(context: ssl.SSLContext | None = None, *, implicit_tls=False, login=False, utf8=True):
    """(the keeper, its port); with a context it insists on STARTTLS, or speaks TLS from the first byte."""
    keeper = Keeper()
    controller = _Controller(
        keeper,
        hostname="127.0.0.1",
        port=0,
        ssl_context=context if implicit_tls else None,
        tls_context=None if implicit_tls else context,
        require_starttls=context is not None and not implicit_tls,
        authenticator=_authenticate if login else None,
        # It knows nothing of TLS from the first byte and would warn; the tests ask whether the caller logged in.
        auth_required=login and not implicit_tls,
        auth_require_tls=context is not None and not implicit_tls,
        enable_SMTPUTF8=utf8,
        ready_timeout=10,
    )
    controller.start()
    try:
        yield keeper, controller.port
    finally:
        controller.stop()


def _authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    # handled=False: with the default a refused client waits for a reply that never comes.
    return AuthResult(success=good, handled=False)


GREETING, CONTENT = "greeting", "content"
_USUAL = {
    GREETING: b"220 mail.example ESMTP\r\n",
    "EHLO": b"250-mail.example\r\n250 ENHANCEDSTATUSCODES\r\n",
    "MAIL": b"250 2.1.0 OK\r\n",
    "RCPT": b"250 2.1.5 OK\r\n",
    "DATA": b"354 Go on\r\n",
    CONTENT: b"250 2.0.0 OK: queued as Q1\r\n",
    "QUIT": b"221 Bye\r\n",
}


def told(**answers):
    """A conduct for a peer: ``told(RCPT=b"550 5.1.1 no\\r\\n")``; an answer may be a function of (line, peer)."""
    replies = {**_USUAL, **answers}

    def conduct(line, peer):
        rows = _rows(line, peer)
        _answer(replies[GREETING], line, peer)
        for command in rows:
            verb = command[:4].decode().upper()
            _answer(replies.get(verb, b"500 5.5.2 what?\r\n"), line, peer)
            if verb == "DATA" and replies["DATA"] == _USUAL["DATA"]:
                while next(rows) != b".":
                    pass
                _answer(replies[CONTENT], line, peer)

    return conduct


def _rows(line, peer):
    """Every line of text, without its end; read from the socket itself, as a file would keep a reset back."""
    pending = b""
    while True:
        *rows, pending = pending.split(b"\r\n")
        peer.heard.extend(rows)
        yield from rows
        chunk = line.recv(65536)
        if not chunk:
            raise ConnectionError
        pending += chunk


def _answer(reply, line, peer):
    if callable(reply):
        reply(line, peer)
    else:
        line.sendall(reply)
