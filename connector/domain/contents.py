"""What a message says: checked against its channel before anything is queued, rendered when it is claimed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connector.domain.errors import Fault
from connector.domain.expressions import BadExpression, ExpressionFailed
from connector.domain.messages import Message
from connector.domain.records import Content, Sender
from connector.domain.templates import placeholders, render
from connector.domain.words import Channel

#: What the tag {{ opt_out }} says where no country rule is known.
OPT_OUT_TAG = "Reply STOP to opt out"


def content_faults(values: Mapping[str, Any], channel: Channel, pointer: str = "") -> Iterator[Fault]:
    """What keeps these parts from being one message of a channel; ``values`` hold text, subject, html, template."""
    text, subject, html = values.get("text"), values.get("subject"), values.get("html")
    if values.get("template") is not None:
        yield Fault(f"{pointer}/template/name", "unknown_template", "there is no such template")
        return
    if channel is Channel.EMAIL:
        if not subject:
            yield Fault(f"{pointer}/subject", "required", "an email needs a subject")
        if not text and not html:
            yield Fault(f"{pointer}/text", "required", "an email needs text or html")
    else:
        if not text:
            yield Fault(f"{pointer}/text", "required", "give text or a template")
        for name, part in (("subject", subject), ("html", html)):
            if part:
                yield Fault(f"{pointer}/{name}", "not_allowed", f"only an email has a {name}")
    for name, part in (("text", text), ("subject", subject), ("html", html)):
        if part:
            yield from _template_faults(part, f"{pointer}/{name}")


def lacking(content: Content, attributes: Mapping[str, Any], pointer: str) -> Fault | None:
    """The attribute that this recipient lacks for this content, found before anything is sent."""
    try:
        for _, part in content.parts:
            render(part, _with_tags(attributes))
    except ExpressionFailed as error:
        return Fault(f"{pointer}/attributes", "missing_attribute", error.detail)
    return None


def is_personal(content: Content) -> bool:
    """Whether the content differs from one recipient to the next."""
    return any(set(placeholders(part)) - {"opt_out"} for _, part in content.parts)


def message_of(send_id: str, sender: Sender, address: str, content: Content, attributes: Mapping[str, Any]) -> Message:
    """The message for one recipient; ExpressionFailed where an attribute is missing."""
    known = _with_tags(attributes)
    parts = {name: render(part, known) for name, part in content.parts}
    return Message(send_id, sender.channel, address, sender.number, **parts, attributes=attributes)


def _with_tags(attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"opt_out": OPT_OUT_TAG, **attributes}


def _template_faults(text: str, pointer: str) -> Iterator[Fault]:
    try:
        placeholders(text)
    except BadExpression as error:
        yield Fault(pointer, error.code, f"{error.detail} (at character {error.position})")
