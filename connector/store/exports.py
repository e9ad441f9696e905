"""The entries of a list as rows of text, written by the database itself: PostgreSQL's COPY, or one SELECT of SQLite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, text

from connector.domain.basis import MONTHS

COLUMNS = ("number", "email", "whatsapp_id", "channel", "state", "occurred_at", "reason", "expires_at", "basis")
_AT_ONCE = 2_000

#: A cell that a spreadsheet would take for a formula begins with an apostrophe. Numbers are "+" and digits only.
_SAFE = "CASE WHEN {first} IN ('=', '+', '-', '@', {tab}, {return_}) THEN '''' || {cell} ELSE {cell} END"
#: Only words of ours: evidence may say anything.
_BASIS = "CASE WHEN {said} IN (" + ", ".join(f"'{name}'" for name in MONTHS) + ") THEN {said} END"
_QUERY = """
    SELECT CASE WHEN a.kind = 'number' THEN a.canonical END AS number,
           CASE WHEN a.kind = 'email' THEN {email} END AS email,
           CASE WHEN a.kind = 'whatsapp_id' THEN substr(a.canonical, 4) END AS whatsapp_id,
           CASE e.channel WHEN 0 THEN 'all' WHEN 1 THEN 'sms' WHEN 2 THEN 'whatsapp' WHEN 3 THEN 'rcs'
                WHEN 4 THEN 'truecaller' WHEN 5 THEN 'voice' ELSE 'email' END AS channel,
           CASE e.state WHEN 1 THEN 'out' WHEN 2 THEN 'in' ELSE 'cleared' END AS state,
           {since} AS occurred_at,
           {reason} AS reason,
           {ends} AS expires_at,
           CASE WHEN e.state = 2 THEN {basis} END AS basis
    FROM entries e
    JOIN addresses a ON a.org = e.org AND a.key = e.key
    LEFT JOIN events v ON v.id = e.event AND v.org = e.org
    WHERE e.org = {org} AND e.list_id = {list} AND a.canonical IS NOT NULL {also}
"""


def _query(dialect: str, form: str, org: int, list_id: int, channel: int | None, state: int | None) -> str:
    """All values that go into it are integers of ours."""
    postgres, safe = dialect == "postgresql", form == "csv"

    def cell(name: str) -> str:
        first = f"left({name}, 1)" if postgres else f"substr({name}, 1, 1)"
        tab, back = ("chr(9)", "chr(13)") if postgres else ("char(9)", "char(13)")
        return _SAFE.format(first=first, cell=name, tab=tab, return_=back) if safe else name

    def time(name: str) -> str:
        if postgres:
            moment = f"timestamp 'epoch' + {name} * interval '1 microsecond'"
            return f'to_char({moment}, \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\')'
        return f"strftime('%Y-%m-%dT%H:%M:%S', {name} / 1000000, 'unixepoch') || printf('.%06dZ', {name} % 1000000)"

    also = "".join(
        f" AND e.{name} = {int(value)}" for name, value in (("channel", channel), ("state", state)) if value is not None
    )
    said = "v.evidence ->> 'basis'" if postgres else "json_extract(v.evidence, '$.basis')"
    return _QUERY.format(
        email=cell("a.canonical"), reason=cell("v.reason"), since=time("e.since"), ends=time("e.expires_at"),
        basis=_BASIS.format(said=said), org=int(org), list=int(list_id), also=also,
    )  # fmt: skip


def copied(
    connection: Connection, form: str, org: int, list_id: int, channel: int | None, state: int | None
) -> Iterator[bytes]:
    """PostgreSQL writes the file itself, without its header."""
    query = _query("postgresql", form, org, list_id, channel, state)
    if form == "csv":
        command = f"COPY ({query}) TO STDOUT (FORMAT csv)"
    else:
        # JSON holds no control characters, so nothing is ever quoted.
        fields = f"SELECT row_to_json(r) FROM ({query}) r"  # noqa: S608 - ours, see above
        command = f"COPY ({fields}) TO STDOUT (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')"
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(command) as copy:
        for part in copy:
            yield bytes(part)


def selected(
    connection: Connection, form: str, org: int, list_id: int, channel: int | None, state: int | None
) -> Iterator[Sequence[tuple[Any, ...]]]:
    """SQLite's rows, a few thousand at a time, from one snapshot."""
    query = _query("sqlite", form, org, list_id, channel, state)
    cursor = connection.connection.cursor()
    try:
        cursor.execute(str(text(query)))
        while rows := cursor.fetchmany(_AT_ONCE):
            yield rows
    finally:
        cursor.close()
