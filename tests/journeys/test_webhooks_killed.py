"""Webhooks out: whoever is killed, every event arrives at least once, under one id, signed."""

from pathlib import Path

from bench.webhooks import soak
from tests.journeys.up import Up


def test_h03_events_arrive_though_service_worker_and_receiver_are_killed(tmp_path: Path) -> None:
    """The small form of ``python -m bench.webhooks``: what a killed worker had in hand is lent for a minute still."""
    up = Up(tmp_path, None)
    try:
        up.start()
        found = soak(
            up, f"sqlite:///{tmp_path / 'home' / 'heed.db'}", tmp_path, events=600, kills=1, limit_s=30, whole=False
        )
    finally:
        up.end()

    assert found["faults"] == []
    assert found["distinct"] + found["still_lent"] >= 600
    assert 0 < found["still_lent"] <= 16
