"""The proof of consent as one page to print: no script, nothing from outside, and nothing in it is believed.

Every value goes through ``Markup.format``, which escapes it, or through ``shown``.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from markupsafe import Markup

from connector.web.proof_style import STYLE
from connector.web.shown import anything, code, described, join, moment, named, text

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
    "bypassed": "Sent past the opt-out, as a member of a group",
}  # fmt: skip
_BASES = {
    "express": "express consent", "casl_purchase": "implied by a purchase (CASL, 24 months)",
    "casl_inquiry": "implied by an inquiry (CASL, 6 months)",
}  # fmt: skip
_WORDING = "text_shown"


def proof_page(proof: Mapping[str, Any]) -> str:
    """HTML of a proof as ``History.proof`` gives it."""
    address = proof["address"]["value"]
    facts = [
        ("Organisation", named(proof["organisation"])), ("Account", named(proof["account"])),
        ("Asked by", text(proof["asked_by"])), ("Made at", moment(proof["generated_at"])),
    ]  # fmt: skip
    broken = {one["line"] for one in proof["integrity"]["breaches"]}
    events = join(_event(one, one["line"] in broken) for one in proof["events"]) or Markup(
        "<p>Nothing was ever said.</p>"
    )
    return _PAGE.format(
        POLICY, address, Markup(STYLE), text(address), described(facts),  # noqa: S704 - our own text
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
        found = join(
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
            (f"Seal of line {head['line']}", code(head["seal"])),
            ("Signature", Markup("{} {}").format(code(head["signature"]), valid)),
        ]
    return Markup("<section><h2>Whether it can be believed</h2>{}{}</section>").format(said, described(facts))


def _now(proof: Mapping[str, Any]) -> Markup:
    made = proof["generated_at"]
    blocked = Markup('<p class="broken"><strong>Blocked on every channel.</strong></p>') if proof["blocked"] else ""
    channels = [(name, "", one) for name, one in proof["channels"].items()]
    lists = [(one["name"], one["channel"], one) for one in proof["lists"]]
    parts = [blocked, _table("Channel", channels, made)]
    if lists:
        parts += [Markup("<h4>On lists</h4>"), _table("List", lists, made)]
    return join(parts)


def _table(what: str, rows: Iterable[tuple[str, str, Mapping[str, Any]]], made: str) -> Markup:
    shown = join(
        Markup(
            '<tr><th scope="row">{}{}</th><td data-name="State">{}</td><td data-name="Since">{}</td>'
            '<td data-name="Until">{}</td><td data-name="Rests on">{}</td></tr>'
        ).format(
            text(name),
            Markup(' <span class="soft">{}</span>').format(channel) if channel else "",
            _state(one),
            moment(one["since"]),
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
    return _named_state(one["state"])


def _named_state(state: str) -> str:
    return _STATES.get(state, state.replace("_", " ").capitalize())


def _until(one: Mapping[str, Any], made: str) -> Markup:
    end = one["expires_at"]
    if end is None or one["state"] != "in":
        return Markup("")
    over = end[:19] <= made[:19]  # both in UTC
    return Markup("{}{}").format(moment(end), Markup(' <strong class="broken">over</strong>') if over else "")


def _event(event: Mapping[str, Any], broken: bool) -> Markup:
    where = event["list"]["name"] if event["list"] else "every list"
    evidence = dict(event["evidence"])
    wording = anything(evidence.pop(_WORDING)) if _WORDING in evidence else ""
    if event["basis"]:
        del evidence["basis"]  # said in other words
    facts = [
        ("Recorded", moment(event["recorded_at"])), ("List", text(where)), ("Channel", event["channel"]),
        ("By way of", event["source"].replace("_", " ")), ("Who", text(event["actor"] or "")),
        ("Why", text(event["reason"] or "")), ("Rests on", _BASES.get(event["basis"] or "", "")),
        ("Line", f"{event['line']} ({event['id']})"),
    ]  # fmt: skip
    shown = Markup("<h4>Wording shown</h4><blockquote>{}</blockquote>").format(wording) if wording else ""
    rest = described((text(name), anything(value)) for name, value in evidence.items())
    return Markup('<article><h3>{} {}</h3>{}{}{}{}{}</article>').format(
        _named_state(event["state"]), moment(event["at"]),
        Markup('<p class="broken"><strong>This line does not fit.</strong></p>') if broken else "",
        Markup("<p>Who, why and the evidence were erased at the person's request.</p>") if event["erased"] else "",
        described(facts), shown,
        Markup("<h4>Evidence</h4>{}").format(rest) if rest else "",
    )  # fmt: skip
