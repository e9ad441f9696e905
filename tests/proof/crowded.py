"""``python -m tests.proof.crowded``: ten thousand idle connections, and bodies that drip or never come (R17); as JSON.

Opt-outs must go on beside them: 99 % of them within a second. It ends with 1 where they do not.
"""

import resource
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson
import requests

from tests.journeys.up import Up

REPORT = Path("var") / "crowded.json"
IDLE, SLOW, SILENT, OPT_OUTS = 10_000, 400, 400, 400
#: A slow caller sends a byte so often.
_DRIP_S = 0.5
LONGEST_S = 1.0


def main(_arguments: Sequence[str]) -> int:
    report = run(IDLE, SLOW, SILENT, OPT_OUTS)
    text = orjson.dumps(report, option=orjson.OPT_INDENT_2)
    REPORT.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    REPORT.write_bytes(text + b"\n")
    print(text.decode())
    return 0 if report["holds"] else 1


def run(idle: int, slow: int, silent: int, opt_outs: int) -> dict[str, Any]:
    """Open them all, keep them open, and opt people out meanwhile."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(prefix="heed-crowded-") as place, ExitStack() as lines:
        up = Up(Path(place), None, 1)
        try:
            up.start()
            alone = _opt_outs(up, 100, 3_000_000)
            crowd = [_connected(up, b"") for _ in range(idle)]
            crowd += [_connected(up, _head(up, long)) for long in _lengths(silent)]
            dripping = [_connected(up, _head(up, long)) for long in _lengths(slow)]
            over = threading.Event()
            dripper = threading.Thread(target=_drip, args=(dripping, over))
            dripper.start()
            try:
                among = _opt_outs(up, opt_outs, 4_000_000)
            finally:
                over.set()
                dripper.join()
            still = sum(_is_open(line) for line in crowd)
            for line in (*crowd, *dripping):
                lines.enter_context(line)
        finally:
            up.end()
    p99 = _p99(among)
    return {
        "holds": p99 <= LONGEST_S and len(crowd) == idle + silent and len(among) == opt_outs,
        "figures": {
            "idle": idle, "silent": silent, "still_open": still, "slow": slow, "opt_outs": len(among),
            "p99_alone_s": round(_p99(alone), 3), "p99_s": round(p99, 3),
            "median_s": round(statistics.median(among), 3),
        },
    }  # fmt: skip


def _lengths(count: int) -> list[int]:
    """Of bodies, in turns such as are read before they are worked on and such as are read meanwhile."""
    return [(100_000, 1_000_000)[place % 2] for place in range(count)]


def _head(up: Up, length: int) -> bytes:
    """A call that says that much is to come, and does not send it."""
    return (
        f"POST /v1/actions/check_consent HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {up.key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{{"
    ).encode()


def _connected(up: Up, begin: bytes) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", int(up.url.rpartition(":")[2])), 30)
    if begin:
        line.sendall(begin)
    return line


def _drip(lines: Sequence[socket.socket], over: threading.Event) -> None:
    while not over.wait(_DRIP_S):
        for line in lines:
            try:
                line.send(b" ")
            except OSError:  # the service has had enough of this one
                continue


def _is_open(line: socket.socket) -> bool:
    line.setblocking(False)
    try:
        return line.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def _opt_outs(up: Up, count: int, first: int) -> list[float]:
    """Seconds that each took, one after the other, each on a new connection as strangers come."""
    taken = []
    for place in range(count):
        began = time.perf_counter()
        answer = requests.post(
            f"{up.url}/v1/actions/add_to_opt_out", json={"number": f"+1212{first + place}"},
            headers={"Authorization": f"Bearer {up.key}"}, timeout=60,
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
        taken.append(time.perf_counter() - began)
    return taken


def _p99(taken: Sequence[float]) -> float:
    return statistics.quantiles(taken, n=100)[98]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
