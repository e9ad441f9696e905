"""Email by SMTP submission: one connection and one recipient a message, so that each has its own verdict."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from connector.domain.errors import Fault
from connector.domain.messages import (
    Inbound,
    InboundRequest,
    Kind,
    Message,
    Outcome,
    Permit,
    Rejected,
    Retry,
)
from connector.domain.words import Channel
from connector.providers.deadlines import Deadline, hand_off_deadline, too_late
from connector.providers.dkim import read_key
from connector.providers.http_settings import check_secret
from connector.providers.mail import BadAddress, build, check_address, read_sender
from connector.providers.mail_inbound import read_call
from connector.providers.settings import Checked
from connector.providers.smtp_session import PORTS, Session
from connector.providers.targets import RefusedTarget, check_host

_SETTINGS = ("host", "port", "security", "username", "password", "from", "dkim", "secret", "trusted_reports")
_LONGEST = 60.0
#: What the settings of a signature hold: who signs, under which name the public key is found, and the key.
_DKIM = {
    "domain": re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+"),
    "selector": re.compile(r"(?=.{1,100}\Z)[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*"),
    "private_key": None,
}
_NOT_IN_A_HOST = re.compile(r"[^A-Za-z0-9.:_-]")


class Smtp:
    """Hands mail to a relay or a submission server."""

    name: ClassVar[str] = "smtp"
    channels: ClassVar[frozenset[Channel]] = frozenset({Channel.EMAIL})
    secrets: ClassVar[frozenset[str]] = frozenset({"password", "dkim", "secret"})

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private

    def check_settings(self, settings: Mapping[str, Any]) -> list[Fault]:
        checked = Checked(settings, _SETTINGS)
        self._check_host(checked)
        checked.number("port", 1, 65535, whole=True)
        security = checked.choice("security", tuple(PORTS)) or "starttls"
        self._check_login(checked, security)
        sender = checked.text("from")
        if sender is not None:
            try:
                read_sender(sender)
            except BadAddress as why:
                checked.fault("/from", "invalid", f'{why}; needed is shop@x.example or "Shop <shop@x.example>"')
        _check_dkim(checked, settings.get("dkim"))
        check_secret(checked)
        checked.flag("trusted_reports")
        return checked.faults

    def deliver(self, message: Message, permit: Permit, settings: Mapping[str, Any]) -> Outcome:
        if too_late(permit):
            return Retry(0.0, "no time was left")
        try:
            recipient = check_address(message.to)
        except BadAddress as why:
            return Rejected(Kind.INVALID_RECIPIENT, str(why))
        try:
            mail = build(message, settings)
        except BadAddress as why:
            return Rejected(Kind.PROVIDER, f"from: {why}")
        with Deadline(hand_off_deadline(permit, _LONGEST)) as limit:
            session = Session(settings, allow_private=self._allow_private, limit=limit)
            return session.hand_over(mail, recipient)

    def parse_inbound(self, request: InboundRequest, settings: Mapping[str, Any], now: int) -> Sequence[Inbound]:
        """What came back by mail, and what people wrote: whoever takes the mail for us posts it here."""
        return read_call(request, settings, now)

    def _check_host(self, checked: Checked) -> None:
        host = checked.text("host", required=True)
        if host is None:
            return
        if _NOT_IN_A_HOST.search(host):
            checked.fault("/host", "invalid", "must be a host name or an address")
            return
        try:
            check_host(host, self._allow_private)
        except RefusedTarget as why:
            checked.fault("/host", "refused_target", str(why))

    def _check_login(self, checked: Checked, security: str) -> None:
        login = {name: checked.text(name) for name in ("username", "password")}
        for name, other in (("username", "password"), ("password", "username")):
            if login[name] is None and login[other] is not None:
                checked.fault(f"/{name}", "required", f"is required beside {other}")
            elif not (login[name] or "").isascii():
                checked.fault(f"/{name}", "invalid", "must be ASCII")
        if login["password"] is not None and security == "none" and not self._allow_private:
            checked.fault("/security", "insecure", "a password would cross the network in clear")


def _check_dkim(checked: Checked, dkim: Any) -> None:
    if not dkim:
        return
    if not isinstance(dkim, dict) or dkim.keys() - _DKIM.keys():
        checked.fault("/dkim", "invalid", f"must be an object of {', '.join(_DKIM)}")
        return
    for name, shape in _DKIM.items():
        value = dkim.get(name)
        if value in (None, ""):
            checked.fault(f"/dkim/{name}", "required", "is required")
        elif not isinstance(value, str) or (shape and not shape.fullmatch(value)):
            checked.fault(f"/dkim/{name}", "invalid", "must be a name in the DNS" if shape else "must be text")
        elif shape is None:
            try:
                read_key(value)
            except ValueError as why:
                checked.fault(f"/dkim/{name}", "invalid", str(why))
