"""Give functions that are in use the code of their changed selves: whoever holds one then runs the change."""

from __future__ import annotations

import sys
from types import CodeType, FunctionType, ModuleType
from typing import Any


def grafted(module: str, place: str, code: CodeType) -> bool:
    """Whether the change, in a function of a loaded module, could be made so; what runs at the import cannot."""
    old = sys.modules.get(module)
    if old is None or not place:
        return False
    new = ModuleType(module)
    new.__dict__.update(__file__=code.co_filename, __package__=old.__package__)
    exec(code, new.__dict__)  # noqa: S102 - the module's own code, with one change
    inside, beside = _function(old, place), _function(new, place)
    if inside is None or beside is None:
        return False
    inside.__code__, inside.__defaults__, inside.__kwdefaults__ = (
        beside.__code__, beside.__defaults__, beside.__kwdefaults__,
    )  # fmt: skip
    return True


def _function(owner: Any, place: str) -> FunctionType | None:
    """The outermost function at a place such as ``Class.method.inner``."""
    for name in place.split("."):
        owner = vars(owner).get(name)
        if isinstance(owner, property):
            owner = owner.fget
        if isinstance(owner, FunctionType):
            return owner
        if owner is None:
            return None
    return None
