"""``heed feedback``: a bounce, a complaint or a person's mail, from a file, a mailbox or the mail server itself.

# Postfix, /etc/aliases, for the address that mail is sent from:
bounces: "|heed feedback --sender sdr_… -"
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import click

from connector.commands.common import at_desk, out, plain, show_json
from connector.domain.errors import HeedError
from connector.domain.feedback import LARGEST, read_mail
from connector.domain.words import Channel

#: The line between the mails of an mbox: who, and a date with a time and a year.
_BETWEEN = re.compile(rb"From \S+ .*\d:\d\d.* \d{4}")
_QUOTED = re.compile(rb">+From ")


class _Later(click.ClickException):
    """What a mail server understands as "keep it and try again" (EX_TEMPFAIL): a bounce must not be bounced."""

    exit_code = 75


@click.command()
@click.argument("file", type=click.File("rb"), metavar="FILE|-")
@click.option("--sender", "name", required=True, metavar="ID", help="The sender of the mail that this answers.")
@click.option("--json", "as_json", is_flag=True)
def feedback(file: BinaryIO, name: str, as_json: bool) -> None:
    """Read what came back by mail: one message, or an mbox. Bounces and complaints become facts, STOP an opt-out.

    Exit 75 where it has to be tried again; what was read before counts once all the same.
    """
    done: list[dict[str, Any]] = []
    try:
        here, who = at_desk()
        sender = here.services.directories.current(who.organisation).find_sender(name)
        if sender is None or sender.channel is not Channel.EMAIL:
            raise click.ClickException("There is no such sender of email.")
        for mail in mails(file):
            done += [here.inbox.receiver.take(who.organisation, sender, part) for part in read_mail(mail)]
    except click.ClickException as error:
        raise _Later(error.message) from error
    except HeedError as error:
        raise _Later(error.detail) from error
    if as_json:
        show_json({"received": len(done), "messages": done})
        return
    for one in done or [{"outcome": "nothing", "id": ""}]:
        out.print(plain(one["outcome"]), plain(one["id"]))


def mails(lines: Iterable[bytes]) -> Iterator[bytes]:
    """One mail, or those of an mbox, each cut off where nobody reads on."""
    kept, size, several, blank = list[bytes](), 0, False, True
    for line in lines:
        between = blank and (several or not kept) and _BETWEEN.match(line) is not None
        if between:
            if kept:
                yield b"".join(kept)
            kept, size, several = [], 0, True
        elif size < LARGEST:
            kept.append(line[1:] if several and _QUOTED.match(line) else line)
            size += len(line)
        blank = not line.strip()
    if kept:
        yield b"".join(kept)
