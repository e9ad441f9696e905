"""What webhooks are told of sends and messages, put down in the transaction in which it happens."""

from __future__ import annotations

from collections.abc import Iterable

from connector.domain.words import SendStatus
from connector.engine.heard import Heard, data_of
from connector.engine.understanding import Meaning
from connector.store import notices
from connector.store.database import Connection
from connector.store.directory import Directory
from schemas import events

#: What is told of a send that has come to such an end; of the others nothing is known, or nobody asked.
_ENDS = {
    SendStatus.SENT.value: events.SENT,
    SendStatus.FAILED.value: events.FAILED,
    SendStatus.SUPPRESSED.value: events.SKIPPED,
}


def tell_ends(connection: Connection, directory: Directory, ended: Iterable[tuple[int, str]], now: int) -> None:
    """Sends by number and status."""
    if directory.listening:
        told = [(_ENDS[status], send) for send, status in ended if _ENDS.get(status) in directory.listening]
        notices.put_sends(connection, directory.organisation, told, now)


def tell_keyword(connection: Connection, directory: Directory, heard: Heard, meaning: Meaning, outcome: str) -> None:
    """A message in which a keyword, a rule or a smart reply was recognised."""
    if events.KEYWORD not in directory.listening or meaning.kind not in ("opt_out", "opt_in", "reply"):
        return
    message = data_of(heard)["message"]
    target = heard.target
    data = {
        "kind": target.address.kind.value, "address": target.address.wire, "channel": int(heard.channel),
        "to": message["to"], "text": heard.message.text[:1000], "message_id": message["id"], "outcome": outcome,
        **meaning.public,
    }  # fmt: skip
    notices.put_message(
        connection, directory.organisation, events.KEYWORD, heard.sender.id, target.key, data, heard.at
    )  # fmt: skip
