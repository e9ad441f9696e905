"""The proof of consent as one page to print: no script, nothing from outside, and nothing in it is believed.

Every value goes through ``Markup.format``, which escapes it, and stands isolated in its own direction.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from markupsafe import Markup

from connector.web.proof_style import STYLE

#: Only this very stylesheet, and nothing else.
POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'"
)
_PAGE = Markup("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{}"><meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">
<title>Proof of consent: {}</title><style>{}</style></head><body>
<header><h1>Proof of consent</h1><p class="whose">{}</p>{}</header>
<main>{}<section><h2>What holds now</h2>{}</section>
<section><h2>Every word, from the first to the last</h2>{}</section></main></body></html>
""")
_STATES = {
    "in": "Opted in", "out": "Opted out", "cleared": "Opt-out removed", "none": "Never spoke", "erased": "Erased",
    "blocked": "Blocked", "not_blocked": "Block lifted", "undone": "Import undone",
}  # fmt: skip
_BASES = {
    "express": "express consent", "casl_purchase": "implied by a purchase (CASL, 24 months)",
    "casl_inquiry": "implied by an inquiry (CASL, 6 months)",
}  # fmt: skip
#: What can't be seen, and what turns the text around it about; the marks for single letters may stay.
_HIDDEN = re.compile("([\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff])")
_WORDING = "text_shown"


def proof_page(proof: Mapping[str, Any]) -> str:
    """HTML of a proof as ``History.proof`` gives it."""
    address = proof["address"]["value"]
    facts = [
        ("Organisation", _both(proof["organisation"])), ("Account", _both(proof["account"])),
        ("Asked by", _text(proof["asked_by"])), ("Made at", _time(proof["generated_at"])),
    ]  # fmt: skip
    broken = {one["line"] for one in proof["integrity"]["breaches"]}
    events = _join(_event(one, one["line"] in broken) for one in proof["events"]) or Markup(
        "<p>Nothing was ever said.</p>"
    )
    return _PAGE.format(
        POLICY, _HIDDEN.sub("", address), Markup(STYLE), _text(address), _facts(facts),  # noqa: S704 - our own text
        _verdict(proof["integrity"]), _now(proof), events,
    )  # fmt: skip


def _verdict(integrity: Mapping[str, Any]) -> Markup:
    count, head = integrity["breach_count"], integrity["head"]
    if integrity["whole"]:
        said = Markup('<div class="verdict"><strong>The record is whole.</strong><p>{}</p></div>').format(
            f"All {integrity['lines']} lines of its chain were walked when this page was made. Each of them seals the "
            "one before it, and none was changed, removed or put in."
            if integrity["lines"]
            else "Its chain was looked up when this page was made, and nothing was ever written into it."
        )
    else:
        found = _join(
            Markup("<li>{}{}</li>").format(f"line {one['line']}: " if one["line"] else "", one["detail"])
            for one in integrity["breaches"]
        )
        said = Markup(
            '<div class="verdict broken"><strong>The record is not what was written.</strong><p>{}</p><ul>{}</ul></div>'
        ).format(
            f"{integrity['lines']} lines of its chain were walked when this page was made. What does not fit:", found
        )
    facts = [("Chain", f"bucket {integrity['bucket']}, lines: {integrity['lines']}, breaches: {count}")]
    if head is None:
        facts.append(("Last seal", "none: nothing was ever written into this chain"))
    else:
        valid = "valid" if head["signature_valid"] else Markup('<strong class="broken">not valid</strong>')
        facts += [
            (f"Seal of line {head['line']}", _code(head["seal"])),
            ("Signature", Markup("{} {}").format(_code(head["signature"]), valid)),
        ]
    return Markup("<section><h2>Whether it can be believed</h2>{}{}</section>").format(said, _facts(facts))


def _now(proof: Mapping[str, Any]) -> Markup:
    made = proof["generated_at"]
    blocked = Markup('<p class="broken"><strong>Blocked on every channel.</strong></p>') if proof["blocked"] else ""
    channels = [(name, "", one) for name, one in proof["channels"].items()]
    lists = [(one["name"], one["channel"], one) for one in proof["lists"]]
    parts = [blocked, _table("Channel", channels, made)]
    if lists:
        parts += [Markup("<h4>On lists</h4>"), _table("List", lists, made)]
    return _join(parts)


def _table(what: str, rows: Iterable[tuple[str, str, Mapping[str, Any]]], made: str) -> Markup:
    shown = _join(
        Markup(
            '<tr><th scope="row">{}{}</th><td data-name="State">{}</td><td data-name="Since">{}</td>'
            '<td data-name="Until">{}</td><td data-name="Rests on">{}</td></tr>'
        ).format(
            _text(name),
            Markup(' <span class="soft">{}</span>').format(channel) if channel else "",
            _state(one),
            _time(one["since"]),
            _until(one, made),
            _BASES.get(one["basis"] or "", ""),
        )
        for name, channel, one in rows
    )
    return Markup(
        '<table><thead><tr><th scope="col">{}</th><th scope="col">State</th><th scope="col">Since</th>'
        '<th scope="col">Until</th><th scope="col">Rests on</th></tr></thead><tbody>{}</tbody></table>'
    ).format(what, shown)


def _state(one: Mapping[str, Any]) -> str:
    if one["since"] is None and one["state"] != "none":
        return f"Never spoke; {one['state']} by default"
    return _STATES.get(one["state"], str(one["state"]))


def _until(one: Mapping[str, Any], made: str) -> Markup:
    end = one["expires_at"]
    if end is None or one["state"] != "in":
        return Markup("")
    over = end[:19] <= made[:19]  # both in UTC
    return Markup("{}{}").format(_time(end), Markup(' <strong class="broken">over</strong>') if over else "")


def _event(event: Mapping[str, Any], broken: bool) -> Markup:
    where = event["list"]["name"] if event["list"] else "every list"
    evidence = dict(event["evidence"])
    wording = evidence.pop(_WORDING, None)
    if event["basis"]:
        del evidence["basis"]  # said in other words
    facts = [
        ("Recorded", _time(event["recorded_at"])), ("List", _text(where)), ("Channel", event["channel"]),
        ("By way of", event["source"].replace("_", " ")), ("Who", _text(event["actor"] or "")),
        ("Why", _text(event["reason"] or "")), ("Rests on", _BASES.get(event["basis"] or "", "")),
        ("Line", f"{event['line']} ({event['id']})"),
    ]  # fmt: skip
    shown = Markup("<h4>Wording shown</h4><blockquote>{}</blockquote>").format(_any(wording)) if wording else ""
    rest = _facts((_text(name), _any(value)) for name, value in evidence.items())
    return Markup('<article><h3>{} <time datetime="{}">{}</time></h3>{}{}{}{}{}</article>').format(
        _STATES.get(event["state"], event["state"]), event["at"], _stamp(event["at"]),
        Markup('<p class="broken"><strong>This line does not fit.</strong></p>') if broken else "",
        Markup("<p>Who, why and the evidence were erased at the person's request.</p>") if event["erased"] else "",
        _facts((name, value) for name, value in facts if value), shown,
        Markup("<h4>Evidence</h4>{}").format(rest) if rest else "",
    )  # fmt: skip


def _facts(facts: Iterable[tuple[Any, Any]]) -> Markup:
    rows = _join(Markup("<dt>{}</dt><dd>{}</dd>").format(name, value) for name, value in facts)
    return Markup("<dl>{}</dl>").format(rows) if rows else rows


def _any(value: Any) -> Markup:
    """Evidence of any shape: text as it was, anything else as JSON."""
    return _text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1))


def _text(value: str) -> Markup:
    """What somebody else wrote: in its own direction, with what is hidden in it made visible."""
    if not value:
        return Markup("")
    parts = _HIDDEN.split(value)
    shown = _join(
        Markup('<span class="mark">{}</span>').format(f"U+{ord(part):04X}") if place % 2 else part
        for place, part in enumerate(parts)
    )
    return Markup('<bdi class="said" dir="auto">{}</bdi>').format(shown)


def _both(named: Mapping[str, str]) -> Markup:
    return Markup('{} <span class="soft">{}</span>').format(_text(named["name"]), named["id"])


def _code(text: str) -> Markup:
    return Markup("<code>{}</code>").format(text)


def _time(text: str | None) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(text, _stamp(text)) if text else Markup("")


def _stamp(text: str) -> str:
    """2026-11-23T18:00:00.123456Z as people read it."""
    return f"{text[:10]} {text[11:19]} UTC"


def _join(parts: Iterable[Any]) -> Markup:
    return Markup("").join(parts)
