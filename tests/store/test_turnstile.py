"""SQLite's turnstile: who waits is next, however quickly the one inside comes back."""

import fcntl
import threading
from pathlib import Path

from connector.store.turnstile import turnstile


def somebody_waits(path: Path) -> bool:
    with Path(f"{path}.porch").open("a") as porch:
        try:
            fcntl.flock(porch, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_a_writer_that_comes_straight_back_lines_up_behind_who_waits(tmp_path: Path) -> None:
    path, order = tmp_path / "heed.db", list[str]()

    def opts_out() -> None:
        with turnstile(path):
            order.append("opt-out")

    for _ in range(200):
        order.clear()
        waiting = threading.Thread(target=opts_out)
        with turnstile(path):
            waiting.start()
            while not somebody_waits(path):
                pass
        with turnstile(path):
            order.append("campaign")
        waiting.join()

        assert order == ["opt-out", "campaign"]
