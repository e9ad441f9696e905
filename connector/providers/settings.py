"""Checks of a sender's settings, which name every fault at once and where it is."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from connector.domain.errors import Fault
from connector.domain.expressions import BadExpression, compile_expression
from connector.domain.filling import at_character, escape
from connector.providers.targets import RefusedTarget, check_target

_LONGEST = 4096


class Checked:
    """Settings while they are checked: each question answers with the value, or None and one more fault."""

    def __init__(self, settings: Mapping[str, Any], known: Collection[str]) -> None:
        self.faults = [
            Fault(f"/{escape(str(name))}", "unknown_field", f"there is no such setting; there are {', '.join(known)}")
            for name in settings
            if name not in known
        ]
        self._settings = settings

    def fault(self, pointer: str, code: str, detail: str) -> None:
        self.faults.append(Fault(pointer, code, detail))

    def text(self, name: str, *, required: bool = False) -> str | None:
        value = self._settings.get(name)
        if value in (None, ""):
            if required:
                self.fault(f"/{name}", "required", "is required")
            return None
        if not isinstance(value, str) or len(value) > _LONGEST:
            self.fault(f"/{name}", "invalid", f"must be text of at most {_LONGEST} characters")
            return None
        return value

    def matching(self, name: str, shape: re.Pattern[str], described: str, *, required: bool = False) -> str | None:
        value = self.text(name, required=required)
        if value is not None and not shape.fullmatch(value):
            self.fault(f"/{name}", "invalid", f"must be {described}")
            return None
        return value

    def target(self, name: str, allow_private: bool, *, required: bool = False) -> str | None:
        """A URL that we may connect to."""
        url = self.text(name, required=required)
        if url is not None:
            try:
                check_target(url, allow_private)
            except RefusedTarget as why:
                self.fault(f"/{name}", "refused_target", str(why))
                return None
        return url

    def number(self, name: str, least: float, most: float, *, whole: bool = False) -> float | None:
        value = self._settings.get(name)
        if value is None:
            return None
        fits = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
        if not fits or not least <= value <= most:
            kind = "a whole number" if whole else "a number"
            self.fault(f"/{name}", "invalid", f"must be {kind} from {least:g} to {most:g}")
            return None
        return float(value)

    def flag(self, name: str) -> bool | None:
        value = self._settings.get(name)
        if value is not None and not isinstance(value, bool):
            self.fault(f"/{name}", "wrong_type", "must be true or false")
            return None
        return value

    def choice(self, name: str, options: Collection[str]) -> str | None:
        value = self._settings.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or value not in options:
            self.fault(f"/{name}", "invalid", f"must be one of {', '.join(options)}")
            return None
        return value

    def expression(self, pointer: str, value: Any) -> None:
        """An expression as text, without braces."""
        if not isinstance(value, str):
            self.fault(pointer, "invalid", "must be an expression as text")
            return
        try:
            compile_expression(value)
        except BadExpression as why:
            self.fault(pointer, why.code, at_character(why))
