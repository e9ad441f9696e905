"""Bringing a list in: against a script that parses, hashes and writes the same rows, and how much memory it takes.

``python -m bench.imports heed|script URL FOLDER FILE`` is one run in a process of its own.
"""

from __future__ import annotations

import csv
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

import orjson
import psycopg
from sqlalchemy import make_url

from bench.rows import Row
from connector import bootstrap, logs
from connector.domain.addresses import AddressKind, address_key, bucket_of, parse
from connector.domain.ids import row_number
from connector.domain.words import Channel, State
from connector.engine.vault import opened
from tests.heed import Heed
from tests.servers import postgres

ROWS = int(os.environ.get("HEED_BENCH_IMPORT", "200000"))
#: Twenty minutes and more: 5000000 shows that memory stays what it is.
LONG = int(os.environ.get("HEED_BENCH_IMPORT_LONG", "0"))
SHORT = 100_000
_AT_ONCE = 50_000
_COLUMNS = {
    "addresses": ("org", "key", "key_id", "kind", "canonical", "mirrored", "created_at"),
    "entries": ("org", "key", "list_id", "channel", "state", "since", "expires_at", "event"),
    "events": ("id", "org", "bucket", "seq", "key", "list_id", "channel", "state", "source", "occurred_at",
               "recorded_at", "actor", "reason", "evidence", "salt", "digest", "seal"),
}  # fmt: skip


def rows() -> Iterator[Row]:
    """On SQLite, then on PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for count in (SHORT, LONG) if LONG else (SHORT,):
            memory = _run("heed", _fresh_sqlite(place, f"{count}.db"), place, people(place, count))["memory"]
            yield Row(f"import_memory_mb_{count}", memory, f"MB at most, {count} rows", "<= 200")
        file = people(place, ROWS)
        yield from _measured("sqlite", [_fresh_sqlite(place, name) for name in ("ours.db", "script.db")], place, file)
        with postgres() as server:
            fresh = [server.fresh_database() for _ in range(2)]
            for url in fresh:
                bootstrap.migrate(url)
            yield from _measured("postgresql", fresh, place, file)


def _measured(engine: str, urls: Sequence[str], folder: Path, file: Path) -> Iterator[Row]:
    theirs = _run("script", urls[1], folder, file)
    ours = _run("heed", urls[0], folder, file)
    ratio = theirs["seconds"] / ours["seconds"]
    yield Row(f"import_{engine}_ratio", round(ratio, 2), "x the rows/s of a script", ">= 0.5")
    yield Row(f"import_{engine}_rate", round(ROWS / ours["seconds"]), "rows/s")
    yield Row(f"import_{engine}_script_rate", round(ROWS / theirs["seconds"]), "rows/s of the script, which seals none")
    yield Row(f"import_{engine}_cpu", round(ours["cpu"] / ROWS * 1e6, 1), "µs of Heed's CPU for a row")
    yield Row(f"import_{engine}_memory_mb", ours["memory"], f"MB at most, {ROWS} rows", "<= 200")


def people(folder: Path, count: int) -> Path:
    """A file of so many different numbers, in no order."""
    path, spread = folder / f"{count}.csv", 7_900_000_000 // count
    with path.open("w") as file:
        file.write("number,occurred_at,reason\n")
        for index in range(count):
            place = index * 7_368_787 % count  # a prime that divides no such count: each place comes once
            file.write(f"+1{2_000_000_000 + spread * place},2026-01-{1 + place % 28:02d}T10:00:00Z,asked to stop\n")
    return path


def _fresh_sqlite(folder: Path, name: str) -> str:
    url = f"sqlite:///{folder / name}"
    bootstrap.migrate(url)
    return url


def _run(which: str, url: str, folder: Path, file: Path) -> dict[str, float]:
    home = Path(tempfile.mkdtemp(dir=folder))
    command = [sys.executable, "-m", "bench.imports", which, url, str(home), str(file)]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent).stdout
    answer: dict[str, float] = orjson.loads(said.splitlines()[-1])
    return answer


def bring_in(heed: Heed, stream: IO[bytes], length: int) -> int:
    """As the service does it: the file comes in over HTTP, and a worker brings it in by slices; how many were new."""
    answer = heed.app.test_client().post(
        "/v1/lists/default/import?async=1", input_stream=stream, content_length=length,
        content_type="text/csv", headers={"Authorization": f"Bearer {heed.key}"},
    )  # fmt: skip
    assert answer.status_code == 202, answer.text
    number = row_number("import", answer.json["id"])
    assert number is not None
    while heed.house.bringing.work(number, 1.0):
        pass
    ended = heed.get(f"/v1/imports/{answer.json['id']}")
    assert ended["status"] == "done"
    return int(ended["imported"])


def _script(url: str, file: Path, secret: bytes, org: int, list_id: int) -> int:
    """What somebody would write who knows the tables: no fence, no look at what stands there, nothing sealed."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(make_url(url).database or "")
        with connection:
            for part in _tables(file, secret, org, list_id):
                for table, values in part.items():
                    columns = _COLUMNS[table]
                    marks = ",".join("?" * len(columns))
                    connection.executemany(f"INSERT INTO {table} ({','.join(columns)}) VALUES ({marks})", values)  # noqa: S608
        connection.close()
    else:
        address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address) as line:
            for part in _tables(file, secret, org, list_id):
                for table, values in part.items():
                    with line.cursor().copy(f"COPY {table} ({','.join(_COLUMNS[table])}) FROM STDIN") as copy:
                        for row in values:
                            copy.write_row(row)
    return sum(1 for _ in file.open("rb")) - 1


def _tables(file: Path, secret: bytes, org: int, list_id: int) -> Iterator[dict[str, list[tuple[Any, ...]]]]:
    now, lengths, number = int(time.time() * 1e6), [0] * 256, 0
    salt, digest, seal = bytes(16), bytes(32), bytes(32)
    epoch, micro = datetime(1970, 1, 1, tzinfo=UTC), datetime.resolution
    channel, state = int(Channel.ALL), int(State.OUT)
    with file.open(newline="") as text:
        reader = csv.reader(text)
        next(reader)
        while part := list(islice(reader, _AT_ONCE)):
            addresses, entries, events = [], [], []
            for phone, when, reason in part:
                number += 1
                address = parse(AddressKind.NUMBER, phone, "US")
                key = address_key(address, secret)
                bucket = bucket_of(org, address.canonical)
                lengths[bucket] += 1
                at = (datetime.fromisoformat(when) - epoch) // micro
                addresses.append((org, key, 1, "number", address.canonical, address.canonical[::-1], now))
                entries.append((org, key, list_id, channel, state, at, None, number))
                evidence = f'{{"import":"imp_000000000000","line":{number + 1}}}'
                events.append((number, org, bucket, lengths[bucket], key, list_id, channel, "out", "import", at, now,
                               "bench", reason, evidence, salt, digest, seal))  # fmt: skip
            yield {"addresses": addresses, "entries": entries, "events": events}


def _peak() -> float:
    """MB of memory that this process had at most."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return round(int(found[1]) / 1024, 1) if found else 0.0


def _places(heed: Heed) -> tuple[int, int, bytes]:
    """The organisation, its default list, and the secret of its address keys."""
    organisation = heed.get("/v1/me")["organisation"]["id"]
    (default,) = (one["id"] for one in heed.get("/v1/lists")["items"] if one["key"] == "default")
    secret = opened(heed.house.database, heed.settings.secret).address
    return row_number("organisation", organisation) or 0, row_number("list", default) or 0, secret


def fill(heed: Heed, file: Path) -> tuple[int, int]:
    """Everybody of a file into the tables; answers the organisation and the list."""
    org, list_id, secret = _places(heed)
    _script(heed.url, file, secret, org, list_id)
    with heed.house.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return org, list_id


def main(which: str, url: str, folder: str, file: str) -> None:
    """One run: how long it took, and how much memory."""
    logs.begin("worker", "error")
    heed = Heed(url, Path(folder))
    org, list_id, secret = _places(heed)
    began, used = time.perf_counter(), time.process_time()
    if which == "heed":
        with Path(file).open("rb") as stream:
            bring_in(heed, stream, Path(file).stat().st_size)
    else:
        _script(url, Path(file), secret, org, list_id)
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    print(orjson.dumps({"seconds": seconds, "cpu": cpu, "memory": _peak()}).decode())
    heed.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
