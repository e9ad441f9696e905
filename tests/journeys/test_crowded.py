"""Idle connections and bodies that do not come keep nobody from opting out (R17, short)."""

from tests.proof import crowded


def test_r17_opt_outs_go_on_beside_idle_connections_and_slow_bodies() -> None:
    report = crowded.run(idle=600, slow=60, silent=60, opt_outs=60)

    assert report["holds"], report
    assert report["figures"]["still_open"] == 660, "they were there all the time"
