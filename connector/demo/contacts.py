"""A contact list as people keep it: every spelling of a number, shouted emails, people twice, broken rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

COUNT = 1000
#: How the columns are called in the file, and what Heed calls them.
COLUMNS = {"Name": "first_name", "Phone": "number", "E-mail": "email"}

_NAMES = ("Ada", "Björn", "Chloé", "Dmitri", "Eşref", "Fatima", "Grace", "Hye-jin", "Íñigo", "Jan, jr.")
#: Numbers that are kept free for fiction: 555-01xx in North America, 07700 900xxx in Britain.
_AREAS = ("202", "212", "305", "312", "415", "617", "702")
_AMERICAN = (
    "({0}) 555-{1}", "{0}-555-{1}", "{0}.555.{1}", "1 {0} 555 {1}", "+1 {0} 555 {1}", "+1{0}555{1}",
)  # fmt: skip
_BRITISH = ("+44 7700 {0}", "+447700{0}", "011 44 7700 {0}", "0044 7700 {0}")
_SHUFFLE = 389  # has no factor in common with 1,000: a walk through all of them

#: Rows that can't be used: after so many good ones, the cells and the code that Heed answers with.
_BROKEN = (
    (4, ("Kim", "", "KIM@EXAMPLE.COM"), "invalid_address"),
    (90, ("Lou", "n/a", "lou@example.com"), "invalid_address"),
    (91, ("Max", "4.41235E+11", ""), "invalid_address"),
    (340, ("Nia", "555-01", "nia@example.com"), "invalid_address"),
    (600, ("Ole", "{{ contact.phone }}", ""), "unresolved_template"),
    (777, ("Pia", "+1 212 555 0100"), "bad_row"),
    (940, ("Quy", "+1 212 555 0100", "quy@example.com", "Hanoi"), "bad_row"),
)
_TWICE = 13


@dataclass(frozen=True, slots=True)
class Contact:
    """One person: the number as Heed should read it, and as the file has it."""

    number: str
    spellings: tuple[str, ...]
    name: str
    email: str

    def row(self, spelling: int = 0) -> tuple[str, str, str]:
        return self.name, self.spellings[spelling % len(self.spellings)], self.email


@dataclass(frozen=True, slots=True)
class ContactFile:
    """The file, and what a reader of it must find."""

    text: str
    people: tuple[Contact, ...]
    twice: int
    #: What must be reported: line number and code.
    broken: tuple[tuple[int, str], ...]

    @property
    def opted_out(self) -> tuple[Contact, ...]:
        """The fifty who don't want to hear from us. None of them stands in the file twice."""
        return self.people[::20]


def contact_file() -> ContactFile:
    """Always the same file: 1,000 people, 13 of them twice in other spellings, 7 broken rows among them."""
    people = tuple(_contact(index, index * _SHUFFLE % COUNT) for index in range(COUNT))
    rows, broken = list(_rows(people)), []
    for after, cells, code in _BROKEN:
        rows.insert(after, cells)
        broken.append((after + 2, code))  # the header is line 1
    out = io.StringIO()
    csv.writer(out).writerows([tuple(COLUMNS), *rows])
    return ContactFile(out.getvalue(), people, _TWICE, tuple(broken))


def _rows(people: tuple[Contact, ...]) -> Iterator[tuple[str, ...]]:
    again = {people[11 + 20 * n] for n in range(_TWICE)}
    for index, contact in enumerate(people):
        yield contact.row(index)
    for index, contact in enumerate(people):
        if contact in again:
            yield contact.row(index + 1)


def _contact(index: int, number: int) -> Contact:
    name = _NAMES[index % len(_NAMES)]
    email = f"person.{index}@example.com"
    email = email.upper() if index % 3 == 0 else email
    if number < 100 * len(_AREAS):
        area, line = _AREAS[number // 100], f"01{number % 100:02}"
        return Contact(f"+1{area}555{line}", tuple(form.format(area, line) for form in _AMERICAN), name, email)
    line = f"900{number % 1000:03}"
    return Contact(f"+447700{line}", tuple(form.format(line) for form in _BRITISH), name, email)
