"""The RQ worker process: hands over what is due. ``python worker.py``, or ``heed worker``."""

from __future__ import annotations

import threading

from connector import jobs, queue, settings
from connector.bootstrap import house


def main() -> None:
    """Work until told to stop; what is in hand is finished first."""
    here = house("worker")
    stop = threading.Event()
    here.incarnations.token()
    jobs.start_ticker(here, stop)
    jobs.start_notifier(here, stop)
    url = settings.load().redis_url
    if url is None:
        raise SystemExit("HEED_REDIS_URL is not set: start the worker with `heed up`, or name a Redis.")
    try:
        queue.worker_on(url).work(with_scheduler=False, logging_level="WARNING")
    finally:
        stop.set()
        here.close()


if __name__ == "__main__":
    main()
