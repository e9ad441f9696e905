"""Five hundred rows that nobody should send: none stops the reading, and each is in the report exactly once (L07)."""

import csv
import io
import random

from tests.heed import Heed
from tests.web.test_imports import bring, counts, rejected

ROWS = 500


def nasty(chance: random.Random, place: int) -> tuple[bytes, str]:
    """One line (number, channel, state, occurred_at, reason), and what becomes of it."""
    number = f"+1415{5_000_000 + place}".encode()
    when = b"2026-01-02T03:04:05Z"
    kinds = (
        (number + b",all,out,,fine", "imported"),
        (b'"' + number + b'","all","out","' + when + b'","a, b ""c"""', "imported"),
        (number + b',all,out,,"=HYPERLINK(""http://x"",""y"")"', "imported"),
        (number + b",all,out,,@SUM(1+1)*cmd|' /C calc'!A0", "imported"),
        (number + b",all,out,,caf\xe9 in Latin-1", "imported"),
        (number + ",all,out,,日本語 \U0001f600 \u202e".encode(), "imported"),
        (b"'" + number + b", ALL , OUT ,," + b"x" * 5_000, "imported"),
        (b"\xef\xbb\xbf" + number + b",all,out,,a mark in the middle", "imported"),
        (number + b",all,out,,nul \x00 inside", "rejected"),
        (number + b",all,out,," + b"y" * 1_000_000, "rejected"),
        (b"z" * 1_000_000, "rejected"),
        (number, "rejected"),
        (number + b",all,out,,a,b,c", "rejected"),
        (b",,,,no address", "rejected"),
        (b"12,all,out,,", "rejected"),
        (b"=1+1,all,out,,", "rejected"),
        (b"{{ phone }},all,out,,", "rejected"),
        (b"1.41555E+10,all,out,,", "rejected"),
        (number + b",pigeon,out,,", "rejected"),
        (number + b",email,out,,", "rejected"),
        (number + b",all,perhaps,,", "rejected"),
        (number + b",all,out,yesterday,", "rejected"),
        (number + b",all,out,2199-01-01T00:00:00Z,", "rejected"),
        (number + b',all,out,,"a quote that nobody closes', "rejected"),
        (b"\xff\xfe\xfd,all,out,,", "rejected"),
        (b'"' * 7, "rejected"),
    )
    return kinds[place] if place < len(kinds) else chance.choice(kinds)


def test_l07_five_hundred_nasty_rows_crash_nothing_and_are_all_reported(heed: Heed) -> None:
    chance = random.Random(7)
    made = [nasty(chance, place) for place in range(ROWS)]
    # An open quote swallows what follows until the next quote: here every other one is followed by a plain row.
    lines, expected = [], []
    for line, outcome in made:
        lines.append(line)
        expected.append(outcome)
        if outcome == "rejected" and line.count(b'"') % 2:
            lines += [b"+14155999999,all,out,2020-01-01T00:00:00Z,"] * 101
            expected += ["plain"] * 101
    header = b"number,channel,state,occurred_at,reason"
    ends = [chance.choice([b"\n", b"\r\n", b"\r"]) for _ in lines]
    body = header + b"\r\n" + b"".join(line + end for line, end in zip(lines, ends, strict=True))
    ended = bring(heed, body)

    assert ended["status"] == "done"
    assert ended["rows"] == len(lines)
    report = rejected(heed, ended)
    assert [int(line) for line, *_ in report] == [
        place + 2 for place, outcome in enumerate(expected) if outcome == "rejected"
    ]
    assert counts(ended)["rejected"] == expected.count("rejected")
    plain = 1 if "plain" in expected else 0
    assert counts(ended)["imported"] == expected.count("imported") + plain
    assert all(reason for _, reason, _ in report)
    assert not any(row[:1] in ("=", "@", "-") or (row[:1] == "+" and not row[1:].isdigit()) for *_, row in report)


def test_l07_the_same_people_in_every_encoding_and_with_every_delimiter(heed: Heed) -> None:
    text = 'E-Mail;Grund\r\nada@example.com;müde\r\nbob@example.com;"zwei\nZeilen"\r\n'
    answers = []
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"):
        for delimiter in (",", ";", "\t", "|"):
            body = text.replace(";", delimiter).encode(encoding)
            answers.append(counts(bring(heed, body, "?map=Grund:reason")))
    body = ("sep=;\r\n" + text).encode()
    answers.append(counts(bring(heed, body)))
    assert answers == [{"imported": 2}, *[{"already": 2}] * 24]
    people = list(csv.DictReader(io.StringIO(heed.call("GET", "/v1/lists/default/export").text)))
    assert sorted(row["email"] for row in people) == ["ada@example.com", "bob@example.com"]
