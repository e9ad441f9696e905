"""What a message says: checked against its channel before anything is queued, rendered when it is claimed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connector.domain.campaigns import Content
from connector.domain.errors import Fault
from connector.domain.expressions import BadExpression, ExpressionFailed
from connector.domain.messages import Message, Template
from connector.domain.records import Sender
from connector.domain.templates import as_text, placeholders, render
from connector.domain.words import Channel

#: What texts may name beside the recipient's attributes: how to opt out, the link that does it, and the link to the
#: page where a person chooses. These values stand where a text is only tried.
TAGS: Mapping[str, str] = {"opt_out": "Reply STOP to opt out", "opt_out_link": "", "preferences": ""}


def content_faults(values: Mapping[str, Any], channel: Channel, pointer: str = "") -> Iterator[Fault]:
    """What keeps these parts from being one message of a channel; ``values`` hold text, subject and html."""
    text, subject, html = values.get("text"), values.get("subject"), values.get("html")
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
            yield from template_faults(part, f"{pointer}/{name}")


def lacking(content: Content, attributes: Mapping[str, Any], pointer: str) -> Fault | None:
    """The attribute that this recipient lacks for this content, found before anything is sent."""
    try:
        named = _named(attributes, TAGS)
        known = {**named, **_parameters(content, named), **TAGS}
        for _, part in content.parts:
            render(part, known)
    except ExpressionFailed as error:
        return Fault(f"{pointer}/attributes", "missing_attribute", error.detail)
    return None


def is_personal(content: Content) -> bool:
    """Whether the content differs from one recipient to the next."""
    given = content.template.parameters if content.template else {}
    texts = [value for value in given.values() if isinstance(value, str)]
    return any(placeholders(text) for text in texts) or any(
        set(placeholders(part)) - {*TAGS, *given} for _, part in content.parts
    )


def tags_in(content: Content) -> set[str]:
    """The tags that a content holds, or may."""
    given = content.template.parameters.values() if content.template else ()
    texts = [*(part for _, part in content.parts), *(value for value in given if isinstance(value, str))]
    return {tag for tag in TAGS if any(tag in text for text in texts)}


def message_of(
    send_id: str, sender: Sender, address: str, content: Content, attributes: Mapping[str, Any],
    tags: Mapping[str, str] = TAGS, unsubscribe_url: str | None = None, mark: str = "",
) -> Message:  # fmt: skip
    """The message for one recipient; ExpressionFailed where an attribute is missing."""
    named = _named(attributes, tags)
    given, use = _parameters(content, named), content.template
    known = {**named, **given, **TAGS, **tags}
    parts = {name: _markup(part, known) if name == "html" else render(part, known) for name, part in content.parts}
    # The provider's own text takes its parameters as they were given, whatever they are called.
    template = Template(use.name, use.language, tuple(as_text(one) for one in given.values())) if use else None
    return Message(
        send_id, sender.channel, address, sender.number, **parts, attributes=attributes, template=template,
        unsubscribe_url=unsubscribe_url, inbound_path=f"/in/{sender.inbound_token}", mark=mark,
    )  # fmt: skip


def _markup(html: str, known: Mapping[str, Any]) -> str:
    """An HTML part: values are text in it, and the way out is a link that can be pressed."""
    link = known["opt_out_link"]
    linked = {**known, "opt_out": f'<a href="{link}">Unsubscribe</a>'} if link else known
    return render(html, linked, markup=TAGS)


def _named(attributes: Mapping[str, Any], tags: Mapping[str, str]) -> Mapping[str, Any]:
    """Attributes and tags; nothing that is called like a tag may stand where the way out should."""
    return {**attributes, **TAGS, **tags}


def _parameters(content: Content, named: Mapping[str, Any]) -> dict[str, Any]:
    """The template's parameters, filled; in a text they come before attributes, and after tags."""
    given = content.template.parameters.items() if content.template else ()
    return {name: render(value, named) if isinstance(value, str) else value for name, value in given}


def template_faults(text: str, pointer: str) -> Iterator[Fault]:
    """What keeps a text from being read."""
    try:
        placeholders(text)
    except BadExpression as error:
        yield Fault(pointer, error.code, f"{error.detail} (at character {error.position})")
