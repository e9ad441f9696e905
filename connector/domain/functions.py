"""The functions of the mapping language: JMESPath's own and six of ours, all paid for out of a budget."""

from __future__ import annotations

import json
from typing import Any

from jmespath.functions import Functions, signature

from connector.domain.addresses import AddressKind, InvalidAddress, parse
from connector.domain.budget import Budget, bounded

#: Steps that calling any function costs.
_A_CALL = 5


class PaidFunctions(Functions):
    """JMESPath's functions, paid for by the length of what they are given, and ours beside them."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    def call_function(self, function_name: str, resolved_args: Any) -> Any:
        self._budget.spend(_A_CALL)
        for argument in resolved_args:
            if isinstance(argument, (list, dict)):
                self._budget.spend(len(argument))
            elif isinstance(argument, str):
                self._budget.spend(len(argument) // 100)
        return super().call_function(function_name, resolved_args)

    @signature({"types": ["string"]}, {"types": ["array-string"]})
    def _func_join(self, glue: str, texts: list[str]) -> str:
        self._budget.spend((sum(map(len, texts)) + len(glue) * len(texts)) // 100)
        return glue.join(texts)

    @signature({"types": []})
    def _func_to_string(self, value: Any) -> str:
        return value if isinstance(value, str) else as_json(bounded(value, self._budget))

    @signature({"types": ["string", "number", "null"]}, {"types": ["string", "null"]})
    def _func_e164(self, value: str | float | None, region: str | None) -> str | None:
        """+14155550123; null for what is no number, so that on_missing decides."""
        self._budget.spend(40)
        try:
            return None if value is None else parse(AddressKind.NUMBER, _text(value), region).wire
        except InvalidAddress:
            return None

    @signature({"types": ["string", "null"]})
    def _func_lower(self, text: str | None) -> str | None:
        return text and text.lower()

    @signature({"types": ["string", "null"]})
    def _func_upper(self, text: str | None) -> str | None:
        return text and text.upper()

    @signature({"types": ["string", "null"]})
    def _func_trim(self, text: str | None) -> str | None:
        return text and text.strip()

    @signature({"types": ["string", "number", "null"]})
    def _func_digits(self, value: str | float | None) -> str | None:
        """The digits of any script, as 0 to 9."""
        if value is None:
            return None
        text = _text(value)
        self._budget.spend(len(text) // 4)
        return "".join(str(int(character)) for character in text if character.isdecimal())

    @signature({"types": ["string", "null"]}, {"types": ["string"]}, {"types": ["string"]})
    def _func_replace(self, text: str | None, old: str, new: str) -> str | None:
        if not text or not old:
            return text
        self._budget.spend((len(text) + text.count(old) * len(new)) // 100)
        return text.replace(old, new)


#: Name to (the types of each parameter, whether the last may be given more than once).
SIGNATURES: dict[str, tuple[list[list[str]], bool]] = {
    name: ([part["types"] for part in spec["signature"]], bool(spec["signature"][-1].get("variadic")))
    for name, spec in PaidFunctions.FUNCTION_TABLE.items()
}


def as_json(value: object) -> str:
    """The value as JSON without blanks, letters of every script as they are."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _text(value: str | float) -> str:
    """The value as text; numbers that JSON made floats (4155550123.0) without the point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
