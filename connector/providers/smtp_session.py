"""One mail over one SMTP connection, and what became of it."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from email.message import EmailMessage
from typing import Any

from connector.domain.messages import Accepted, Kind, Outcome, Rejected, Retry, Unknown
from connector.providers.deadlines import Deadline, Line
from connector.providers.mail import wire_form
from connector.providers.smtp_replies import Phase, judge, queue_id
from connector.providers.targets import NotSent, RefusedTarget, dial
from connector.providers.transport import trusted_context

PORTS = {"none": 25, "starttls": 587, "tls": 465}
_UNREACHED, _CUT_OFF = 30.0, 60.0
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


class Session:
    """From the greeting to the server's word on the mail; used once."""

    def __init__(self, settings: Mapping[str, Any], *, allow_private: bool, limit: Deadline) -> None:
        self._settings = settings
        self._allow_private = allow_private
        self._limit = limit
        self._talk: _Talk | None = None
        self._phase = Phase.SESSION
        #: Set before the final dot can leave; a server that never saw it has no mail (RFC 5321 §4.1.1.4).
        self._dotted = False

    def hand_over(self, mail: EmailMessage, recipient: str) -> Outcome:
        """The outcome, whatever the server does."""
        try:
            return self._hand_over(mail, recipient)
        except RefusedTarget as why:
            return Rejected(Kind.PROVIDER, str(why))
        except NotSent as why:
            return Retry(_UNREACHED, str(why))
        except smtplib.SMTPResponseException as reply:
            if self._limit.cut:
                return self._broken(reply)
            return judge(reply.smtp_code, _as_bytes(reply.smtp_error), self._phase)
        except (OSError, ValueError) as fault:
            return self._broken(fault)
        finally:
            if self._talk is not None:
                self._talk.close()

    def _hand_over(self, mail: EmailMessage, recipient: str) -> Outcome:
        sender = mail["From"].addresses[0]
        talk = self._talk = self._connect(sender.domain)
        self._log_in(talk)
        utf8 = not (sender.addr_spec + recipient).isascii()
        if utf8 and not talk.has_extn("smtputf8"):
            return Rejected(Kind.PROVIDER, "the server takes no addresses with letters beyond ASCII")
        content = wire_form(mail, utf8=utf8, dkim=self._settings.get("dkim"))
        self._phase = Phase.SENDER
        _expect(250, talk.mail(sender.addr_spec, _options(talk, len(content), utf8)))
        self._phase = Phase.RECIPIENT
        code, text = talk.rcpt(recipient)
        if code != 251:  # "will forward" is as good as yes
            _expect(250, (code, text))
        self._phase = Phase.CONTENT
        _expect(354, talk.docmd("DATA"))
        return self._send_content(talk, content)

    def _connect(self, own_name: str) -> _Talk:
        security = self._settings.get("security") or "starttls"
        port = int(self._settings.get("port") or PORTS[security])
        return _Talk(
            str(self._settings["host"]),
            port,
            own_name=own_name,
            allow_private=self._allow_private,
            limit=self._limit,
            context=trusted_context() if security == "tls" else None,
        )

    def _log_in(self, talk: _Talk) -> None:
        talk.ehlo_or_helo_if_needed()
        if (self._settings.get("security") or "starttls") == "starttls":
            # Never without, where it was asked for: a man in the middle can take the offer away.
            talk.starttls(context=trusted_context())
            talk.ehlo_or_helo_if_needed()
        if self._settings.get("username"):
            self._phase = Phase.LOGIN
            talk.login(self._settings["username"], self._settings["password"])

    def _send_content(self, talk: _Talk, content: bytes) -> Outcome:
        stuffed = _LEADING_DOT.sub(b"..", content)
        talk.send(stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n")
        self._dotted = True
        talk.send(b".\r\n")
        try:
            code, text = talk.getreply()
        except smtplib.SMTPResponseException:
            return Unknown("the answer to the mail can't be read")
        if self._limit.cut:
            # The library takes the half line that was there when we cut for a whole one.
            return Unknown("no whole answer in time")
        if code == 250:
            with suppress(OSError):  # it has the mail, whether or not it waits for our goodbye
                talk.send(b"QUIT\r\n")
            return Accepted(queue_id(text))
        return judge(code, text, self._phase) if 400 <= code <= 599 else Unknown("the answer can't be read")

    def _broken(self, fault: Exception) -> Outcome:
        if isinstance(fault, smtplib.SMTPNotSupportedError) or type(fault) is smtplib.SMTPException:
            return Rejected(Kind.AUTH, "the server does not offer the security or login of the settings")
        if self._dotted:
            return Unknown("the connection ended before the answer to the mail")
        return Retry(_CUT_OFF, "the connection ended before the mail was complete")


class _Talk(smtplib.SMTP):
    """A connection to a checked address, cut at the deadline; named after the sender's domain.

    The standard library would look our own name up, and time each read on its own.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        own_name: str,
        allow_private: bool,
        limit: Deadline,
        context: ssl.SSLContext | None,
    ) -> None:
        self._allow_private = allow_private
        self._limit = limit
        self._context = context
        super().__init__(host, port, local_hostname=own_name, timeout=limit.left() or 0.001)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        first = dial(host, port, deadline=self._limit.at, allow_private=self._allow_private)
        first.settimeout(timeout)
        self._limit.watch(Line(first))
        return self._context.wrap_socket(first, server_hostname=host) if self._context else first


def _options(talk: _Talk, size: int, utf8: bool) -> list[str]:
    options = [f"SIZE={size}"] if talk.has_extn("size") else []
    return [*options, "SMTPUTF8", "BODY=8BITMIME"] if utf8 else options


def _expect(hoped: int, reply: tuple[int, bytes]) -> None:
    if reply[0] != hoped:
        raise smtplib.SMTPResponseException(*reply)


def _as_bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode(errors="replace")
