"""Ready keywords by language and country, each pack with the source of its words and how sure that source is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import orjson

from connector.domain.errors import Fault, Invalid
from connector.domain.records import OptOutList


@cache
def packs() -> Mapping[str, Mapping[str, Any]]:
    """Every pack by its name: ``opt_out``, ``opt_in``, ``help``, ``confidence`` (law to low) and ``source``."""
    found: Mapping[str, Mapping[str, Any]] = orjson.loads(
        files("connector.engine").joinpath("keyword_packs.json").read_bytes()
    )
    return found


def known_packs(names: Sequence[str]) -> list[str]:
    """These names, each once; Invalid names every one that is no pack."""
    places = [index for index, name in enumerate(names) if name not in packs()]
    if places:
        raise Invalid([Fault(f"/keyword_packs/{index}", "unknown_pack", "there is no such pack") for index in places])
    return list(dict.fromkeys(names))


def heard_out(one: OptOutList) -> tuple[str, ...]:
    """The words that opt out of a list: its own, and those of its packs."""
    return with_packs(one.keywords, one.packs, "opt_out")


def heard_in(one: OptOutList) -> tuple[str, ...]:
    return with_packs(one.opt_in_keywords, one.packs, "opt_in")


def with_packs(own: Sequence[str], names: Sequence[str], which: str) -> tuple[str, ...]:
    """Words with those of packs behind them, each once."""
    return _joined(tuple(own), tuple(names), which)


@lru_cache(maxsize=1024)
def _joined(own: tuple[str, ...], names: tuple[str, ...], which: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*own, *(word for name in names for word in packs()[name][which])]))
