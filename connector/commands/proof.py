"""``heed proof``: what proves the consent of one address, to read, for machines, or as a page to print."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import orjson

from connector.commands.files import operator
from connector.domain.errors import HeedError, Invalid
from connector.domain.recipients import read_batch
from connector.domain.words import Channel
from connector.web.proof_page import proof_page


@click.command()
@click.argument("address")
@click.option("--json", "as_json", is_flag=True)
@click.option("--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write a page to print there.")
def proof(address: str, as_json: bool, page: Path | None) -> None:
    """What a number, an email or a WhatsApp id said, and whether the record of it is whole; exit 1 where it is not."""
    here, who = operator()
    region = here.services.directories.current(who.organisation).accounts[who.account].region or here.services.region
    try:
        batch = read_batch({_kind(address): address}, region)
        batch.insist(Channel.ALL)
        found = here.history.proof(who, batch)
    except Invalid as error:
        raise click.ClickException("; ".join(one.detail for one in error.faults)) from error
    except HeedError as error:
        raise click.ClickException(error.detail) from error
    if page is not None:
        page.write_text(proof_page(found), encoding="utf-8")
        click.echo(f"written to {page}", err=True)
    if as_json:
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    elif page is None:
        for line in _told(found):
            click.echo(line)
    sys.exit(0 if found["integrity"]["whole"] else 1)


def _kind(address: str) -> str:
    if "@" in address:
        return "email"
    return "whatsapp_id" if address[:1].isalpha() else "number"


def _told(found: dict[str, Any]) -> Iterator[str]:
    yield f"{found['address']['value']}, asked by {_plain(found['organisation']['name'])} on {found['generated_at']}"
    yield ""
    if found["blocked"]:
        yield "blocked on every channel"
    for name, flag in found["channels"].items():
        yield f"{name:11}{_word(flag)}"
    for one in found["lists"]:
        yield f"on {_plain(one['name'])}, {one['channel']}: {_word(one)}"
    yield ""
    for event in found["events"]:
        where = _plain(event["list"]["name"]) if event["list"] else "every list"
        yield f"{event['at']}  {event['state']:8} {where}, {event['channel']}, by {event['source']}"
        for name in ("actor", "reason"):
            if event[name]:
                yield f"    {name}: {_plain(event[name])}"
        for name, value in event["evidence"].items():
            yield f"    {_plain(name)}: {_plain(value if isinstance(value, str) else orjson.dumps(value).decode())}"
    yield ""
    integrity = found["integrity"]
    verdict = "whole" if integrity["whole"] else "NOT what was written"
    yield f"The record is {verdict}: {integrity['lines']} lines walked, {integrity['breach_count']} breaches."
    for one in integrity["breaches"]:
        yield f"    line {one['line']}: {one['detail']}"
    if integrity["head"]:
        head = integrity["head"]
        signed = "valid" if head["signature_valid"] else "NOT valid"
        yield f"Seal of line {head['line']}: {head['seal']} (signature {signed})"


def _word(one: dict[str, Any]) -> str:
    said = [one["state"], f"since {one['since']}" if one["since"] else "", f"until {one['expires_at']}"
            if one["expires_at"] else "", one["basis"] or ""]  # fmt: skip
    return " ".join(part for part in said if part)


def _plain(text: str) -> str:
    """What somebody else wrote, without what could command a terminal."""
    return "".join(one if one.isprintable() else f"<U+{ord(one):04X}>" for one in text)
