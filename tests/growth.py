"""How the processor time of a pure function grows with what it is given."""

import time
from collections.abc import Callable


def grows_in_proportion(work: Callable[[str], object], piece: str, *, begin: str = "", size: int = 16_000) -> bool:
    """Whether four times as much takes about four times as long: 16 times is what a square costs, and 8 the limit."""
    texts = [begin + piece * (room // len(piece)) for room in (size, 4 * size)]
    little, much = (min(_spent(work, text) for _ in range(3)) for text in texts)
    return much < 8 * max(little, 0.0005)


def _spent(work: Callable[[str], object], text: str) -> float:
    began = time.thread_time()
    work(text)
    return time.thread_time() - began
