"""Lanes: the buckets in sixteen groups, so that one hint covers enough work to be worth a job."""

from __future__ import annotations

from collections.abc import Iterable

from connector.store.fence import BUCKETS

LANES = 16


def lanes_of(buckets: Iterable[int]) -> list[int]:
    """The lanes in which these buckets lie."""
    return sorted({bucket % LANES for bucket in buckets})


def buckets_of(lane: int) -> range:
    return range(lane, BUCKETS, LANES)
