"""What somebody typed into a box that takes any address: a number, an email or a WhatsApp id."""

from __future__ import annotations

from flask import request


def kind_of(address: str) -> str:
    """Which of the three it looks like."""
    if "@" in address:
        return "email"
    return "whatsapp_id" if address[:1].isalpha() else "number"


def typed() -> str:
    """The address in question: ``q`` of a form or of the query; or number, email, whatsapp_id of the query."""
    for name in ("q", "number", "email", "whatsapp_id"):
        value = request.values.get(name, "").strip()
        if value:
            # A "+" in a query that nobody escaped came as a space.
            plain = request.args.get(name, "").startswith(" ") and value.isdigit()
            return f"+{value}" if plain else value
    return ""
