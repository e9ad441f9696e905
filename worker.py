"""The RQ worker process: hands over what is due. ``python worker.py``, or ``heed worker``."""

from __future__ import annotations

import threading

from connector import jobs, logs, queue, settings
from connector.bootstrap import house


def main() -> None:
    """Work until told to stop; what is in hand is finished first."""
    chosen = settings.load()
    logs.begin("worker", chosen.log_level)
    if chosen.redis_url is None:
        raise SystemExit("HEED_REDIS_URL is not set: start the worker with `heed up`, or name a Redis.")
    here = house("worker")
    stop = threading.Event()
    here.incarnations.token()
    background = [jobs.start_ticker(here, stop), jobs.start_notifier(here, stop), jobs.start_tidier(here, stop)]
    try:
        queue.worker_on(chosen.redis_url, here.sender.stop).work(with_scheduler=False, logging_level="WARNING")
    finally:
        stop.set()
        for thread in background:
            thread.join(jobs.SLICE_S)
        here.incarnations.farewell()
        here.close()


if __name__ == "__main__":
    main()
