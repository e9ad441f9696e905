"""The servers that are measured: Heed and a bare Flask app, each one granian process with the same options."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from flask import Flask, Response

from bench import crowd
from connector import bootstrap
from connector.embedded import end_with_parent, tied_to_parent
from connector.settings import Settings, environment
from connector.supervisor import serve_command

KEY = "heed_bench_" + "k" * 32
THREADS = 4
#: The servers take turns on the first core, which is all that a process with one interpreter lock can use.
CORES = sorted(os.sched_getaffinity(0))
_PATIENCE = 30.0
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; its CPU time is that of its whole tree of processes."""

    pid: int
    port: int

    @property
    def cpu(self) -> float:
        """Seconds of CPU used so far."""
        return cpu_of(self.pid)


def settings(folder: Path, url: str) -> Settings:
    """Heed's settings for a measurement: one web process, no queue."""
    return Settings(
        home=folder, host="127.0.0.1", port=_free_port(), public_url="http://heed.test", database_url=url,
        redis_url=None, secret="s" * 32, region="US", bootstrap_key=KEY, allow_private_targets=False,
        allow_unsafe_database=False, threads=THREADS, web_processes=1, workers=0, wait_s=3.0,
    )  # fmt: skip


@contextmanager
def heed(here: Settings) -> Iterator[Server]:
    """Heed's web process over a database that is up to date."""
    bootstrap.first_key(here)
    with _running(serve_command(here), environment(here), here.port) as server:
        yield server


@contextmanager
def other(here: Settings, factory: str = "bench.servers:bare_app") -> Iterator[Server]:
    """Another app under the same server: same command, another factory and port."""
    port = _free_port()
    command = serve_command(here)
    command[command.index("--port") + 1] = str(port)
    with _running([*command[:-1], factory], environment(here), port) as server:
        yield server


def bare_app() -> Flask:
    """The least that Flask can do: fixed JSON."""
    end_with_parent()
    app = Flask("bare", static_folder=None)

    @app.get("/go")
    def go() -> Response:
        return Response(b'{"status":"ok"}', content_type="application/json")

    return app


def cpu_of(pid: int) -> float:
    """Seconds of CPU of a process, of its children that ended and of those that run; 0 for process 0."""
    fields = _fields(pid) if pid else []
    if not fields:
        return 0.0
    children = [int(one) for task in Path(f"/proc/{pid}/task").glob("*/children") for one in task.read_text().split()]
    return sum(map(int, fields[11:15])) / _TICK + sum(map(cpu_of, children))


def postmaster(url: str) -> int:
    """The first process of the database's server, which must be on this machine; 0 on SQLite, which has none."""
    if url.startswith("sqlite"):
        return 0
    with psycopg.connect(crowd.plain(url)) as connection:
        return int(_fields(connection.info.backend_pid)[1])


def _fields(pid: int) -> list[str]:
    """/proc/PID/stat after the name, which may hold blanks: state, parent, …, utime, stime, cutime, cstime."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return []


@contextmanager
def _running(command: Sequence[str], variables: Mapping[str, str], port: int) -> Iterator[Server]:
    process = subprocess.Popen(
        tied_to_parent(command), env=dict(variables), cwd=Path(__file__).parent.parent, start_new_session=True
    )
    try:
        os.sched_setaffinity(process.pid, CORES[:1])  # before it has threads or children, which inherit this
        _wait_for(process, port)
        yield Server(process.pid, port)
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("a server to be measured did not start")


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])
