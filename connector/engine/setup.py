"""What an organisation sets up once: accounts, defaults, senders, keys."""

from __future__ import annotations

import hashlib
import secrets as randomness
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connector.domain.addresses import AddressKind, InvalidAddress, parse
from connector.domain.errors import Fault, Forbidden, Invalid, NotFound
from connector.domain.ids import public_id, row_number
from connector.domain.instants import rfc3339
from connector.domain.pace import SETTING, faults_of_rate
from connector.domain.records import Account, Sender
from connector.domain.words import Channel
from connector.engine.directories import Directories
from connector.engine.ports import Clock, Provider
from connector.engine.targets import Who
from connector.store import identity, resources, tables
from connector.store.database import Connection, Database
from connector.store.directory import Directory, count_change, read_directory

ALL_SCOPES = ("read", "write", "send", "export", "bypass", "admin", "lists:read", "platform")
#: What an organisation's own admin key may do; making organisations is the platform's.
ADMIN_SCOPES = ALL_SCOPES[:-1]


class Setup:
    """Accounts, defaults, senders, keys and organisations."""

    def __init__(
        self, database: Database, directories: Directories, providers: Mapping[str, Provider], clock: Clock,
        public_url: str, region: str | None,
    ) -> None:  # fmt: skip
        self._database = database
        self._directories = directories
        self._providers = providers
        self._clock = clock
        self._public_url = public_url
        self._region = region

    def me(self, who: Who, scopes: Sequence[str]) -> dict[str, Any]:
        directory = self._directories.current(who.organisation)
        with self._database.read() as connection:
            name = identity.organisation_name(connection, who.organisation)
        account = directory.accounts[who.account]
        return {
            "organisation": {"id": public_id("organisation", who.organisation), "name": name},
            "account": {"id": public_id("account", account.id), "name": account.name},
            "name": name, "key": who.actor, "scopes": sorted(scopes),
        }  # fmt: skip

    def new_organisation(self, name: str) -> dict[str, str]:
        with self._database.write() as connection:
            org, account = identity.new_organisation(connection, name, self._region, self._clock())
            _, text = new_key(connection, org, account, "Admin key", ADMIN_SCOPES, None, self._clock())
        return {"id": public_id("organisation", org), "admin_key": text}

    def defaults(self, who: Who) -> dict[str, str]:
        kept = self._directories.current(who.organisation).accounts[who.account].defaults
        return {channel.label: kept.get(channel.label, "none") for channel in Channel if channel is not Channel.ALL}

    def senders(self, who: Who) -> list[dict[str, Any]]:
        directory = self._directories.current(who.organisation)
        return [self._public(who, sender) for sender in directory.senders.values()]

    def sender(self, who: Who, name: str) -> dict[str, Any]:
        return self._public(who, _sender(self._directories.current(who.organisation), name))

    def make_sender(self, who: Who, values: Mapping[str, Any]) -> dict[str, Any]:
        """A sender with a fresh inbound address. Invalid names everything its provider does not understand."""

        def write(connection: Connection, directory: Directory) -> int:
            channel = values["channel"]
            account = self._account(directory, who, values.get("account"))
            row = {
                "org": who.organisation, "account": account.id, "provider": values["provider"], "channel": int(channel),
                "number": self._number(channel, values["number"], account),
                "channel_id": values.get("channel_id") or 100 + int(channel), "settings": values["settings"],
                "inbound_token": randomness.token_urlsafe(24), "created_at": self._clock(),
            }  # fmt: skip
            self._check(values["provider"], values["settings"])
            return resources.make(connection, tables.senders, row)

        directory, number = self._changed(who.organisation, write)
        return self._public(who, directory.senders[number])

    def change_sender(self, who: Who, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Merge; settings that are not named stay as they are, secrets among them."""

        def write(connection: Connection, directory: Directory) -> int:
            found = _sender(directory, name)
            settings = {**found.settings, **values.get("settings", {})}
            self._check(found.provider, settings)
            columns = {key: values[key] for key in ("channel_id",) if key in values} | {"settings": settings}
            if "number" in values:
                account = directory.accounts[found.account]
                columns["number"] = self._number(found.channel, values["number"], account)
            resources.change(connection, tables.senders, who.organisation, found.id, columns)
            return found.id

        directory, number = self._changed(who.organisation, write)
        return self._public(who, directory.senders[number])

    def make_key(
        self, who: Who, name: str, scopes: Sequence[str], expires_at: int | None, account: str | None = None
    ) -> dict[str, Any]:
        """A key that may do at most what the caller may."""
        if excess := set(scopes) - who.scopes:
            raise Forbidden(f"This key can't give what it lacks: {', '.join(sorted(excess))}.")
        with self._database.write() as connection:
            for_account = self._account(read_directory(connection, who.organisation), who, account).id
            number, text = new_key(connection, who.organisation, for_account, name, scopes, expires_at, self._clock())
        return {"id": public_id("key", number), "key": text}

    def keys(self, who: Who) -> list[dict[str, Any]]:
        with self._database.read() as connection:
            rows = identity.list_keys(connection, who.organisation)
        times = ("created_at", "expires_at", "revoked_at")
        return [
            {
                "id": public_id("key", row["id"]),
                "account": public_id("account", row["account"]),
                "name": row["name"],
                "scopes": row["scopes"],
            }
            | {name: rfc3339(row[name]) if row[name] is not None else None for name in times}
            for row in rows
        ]

    def revoke_key(self, who: Who, name: str) -> None:
        number = row_number("key", name)
        with self._database.write() as connection:
            if number is None or not identity.revoke_key(connection, who.organisation, number, self._clock()):
                raise NotFound

    def _changed(self, org: int, write: Callable[[Connection, Directory], int]) -> tuple[Directory, int]:
        with self._database.write() as connection:
            count_change(connection, org)
            number = write(connection, read_directory(connection, org))
            return read_directory(connection, org), number

    def _account(self, directory: Directory, who: Who, name: str | None) -> Account:
        number = row_number("account", name) if name else who.account
        found = directory.accounts.get(number) if number else None
        if found is None:
            raise Invalid.at("/account", "unknown_account", "there is no such account")
        return found

    def _number(self, channel: Channel, text: str, account: Account) -> str:
        """The sender's own number or address; alphanumeric sender names and short codes stay as they are."""
        if channel is not Channel.EMAIL:
            return text
        try:
            return parse(AddressKind.EMAIL, text, account.region).wire
        except InvalidAddress as error:
            raise Invalid.at("/number", error.code, error.detail) from error

    def _check(self, provider: str, settings: Mapping[str, Any]) -> None:
        known = self._providers.get(provider)
        if known is None:
            names = ", ".join(sorted(self._providers))
            raise Invalid.at("/provider", "not_allowed", f"must be one of {names}")
        own = {name: value for name, value in settings.items() if name != SETTING}
        faults = [*known.check_settings(own), *_rate_faults(settings.get(SETTING))]
        if faults:
            raise Invalid([Fault(f"/settings{one.pointer}", one.code, one.detail) for one in faults])

    def _public(self, who: Who, sender: Sender) -> dict[str, Any]:
        """Where it listens is for those who may make one: where a provider signs nothing, it is the only check."""
        secret = self._providers[sender.provider].secrets
        inbound_url = f"{self._public_url}/in/{sender.inbound_token}"
        return {
            "id": public_id("sender", sender.id), "account": public_id("account", sender.account),
            "provider": sender.provider, "channel": sender.channel.label, "number": sender.number,
            "channel_id": sender.channel_id,
            "settings": {name: value for name, value in sender.settings.items() if name not in secret},
            "inbound_url": inbound_url if "admin" in who.scopes else None,
        }  # fmt: skip


def new_key(
    connection: Connection, org: int, account: int, name: str, scopes: Sequence[str], expires_at: int | None,
    now: int, *, text: str | None = None,
) -> tuple[int, str]:  # fmt: skip
    """An API key: its number, and the text that is shown once. Only a hash of its secret is kept."""
    text = text or f"heed_{randomness.token_hex(6)}_{randomness.token_urlsafe(24)}"
    key_id, secret = text.removeprefix("heed_").split("_", 1)
    row = {
        "org": org, "account": account, "key_id": key_id, "secret_hash": hashlib.sha256(secret.encode()).digest(),
        "name": name, "scopes": sorted(scopes), "created_at": now, "expires_at": expires_at,
    }  # fmt: skip
    return identity.put_key(connection, row), text


def _rate_faults(rate: Any) -> list[Fault]:
    return [Fault(f"/{SETTING}{one.pointer}", one.code, one.detail) for one in faults_of_rate(rate)]


def _sender(directory: Directory, name: str) -> Sender:
    found = directory.find_sender(name)
    if found is None:
        raise NotFound
    return found
