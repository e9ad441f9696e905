"""Webhooks out: whoever is killed, every event arrives at least once, under one id, signed."""

from pathlib import Path

from bench.webhooks import soak
from tests.journeys.up import Up

EVENTS = 400


def test_h03_events_arrive_though_service_worker_and_receiver_are_killed(tmp_path: Path) -> None:
    """The small form of ``python -m bench.webhooks``: what a killed worker had in hand is lent for a minute still."""
    up = Up(tmp_path, None)
    try:
        up.start()
        url = f"sqlite:///{tmp_path / 'home' / 'heed.db'}"
        found = soak(up, url, tmp_path, events=EVENTS, kills=1, limit_s=30, pause_ms=400, whole=False)
    finally:
        up.end()

    assert found["faults"] == []
    assert found["distinct"] + found["still_lent"] >= EVENTS
    assert 0 < found["still_lent"] <= 16
