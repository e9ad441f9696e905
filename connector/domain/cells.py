"""Cells of a file that somebody will open in a spreadsheet."""

from __future__ import annotations

from typing import Any


def safe_cell(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula; phone numbers stay as they are."""
    text = "" if value is None else str(value)
    is_number = text[:1] == "+" and text[1:].isdigit()
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not is_number else text
