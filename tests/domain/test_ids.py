"""Public ids: one for each row, nothing for anything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.ids import PREFIXES, public_id, row_number

numbers = st.integers(min_value=0, max_value=(1 << 56) - 1)
kinds = st.sampled_from(sorted(PREFIXES))


@given(kinds, numbers)
def test_an_id_leads_back_to_its_row(kind: str, number: int) -> None:
    assert row_number(kind, public_id(kind, number)) == number


@given(kinds, kinds, numbers)
def test_an_id_of_another_kind_leads_nowhere(kind: str, other: str, number: int) -> None:
    assert (row_number(other, public_id(kind, number)) is None) is (kind != other)


@given(kinds, st.text(max_size=20))
def test_no_text_is_too_strange(kind: str, text: str) -> None:
    for given_text in (text, f"{PREFIXES[kind]}_{text}"):
        number = row_number(kind, given_text)
        assert number is None or public_id(kind, number) == given_text


@given(st.lists(numbers, unique=True, max_size=50))
def test_rows_have_ids_of_their_own(some: list[int]) -> None:
    assert len({public_id("list", number) for number in some}) == len(some)


@pytest.mark.parametrize(
    "text",
    [
        "", "lst", "lst_", "lst_00000000000", "lst_0000000000000", "LST_000000000001", "lst-000000000001",
        "lst_00000000000u",  # a letter that the alphabet leaves out
        "lst_00000000000A",  # upper case is another text
        "lst_０00000000001",  # a digit of another script
        "lst_zzzzzzzzzzzz",  # beyond the rows there can be
    ],
)  # fmt: skip
def test_what_is_no_id_is_none(text: str) -> None:
    assert row_number("list", text) is None


def test_each_kind_has_a_prefix_of_its_own() -> None:
    assert len(set(PREFIXES.values())) == len(PREFIXES)


def test_neighbours_do_not_look_like_neighbours() -> None:
    first, second = public_id("send", 1), public_id("send", 2)

    assert sum(a != b for a, b in zip(first[4:], second[4:], strict=True)) >= 6
