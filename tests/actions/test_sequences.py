"""A12: "Add to sequence" and "Remove from sequence"."""

from typing import Any

import pytest

from connector.demo.launch import Running
from tests.actions.people import MAIL, numbers, recipients, statuses
from tests.heed import Heed
from tests.oracles import row_counts

DAY = 24 * 3600 * 1_000_000


def a_sequence(heed: Heed, provider: Running, text: str = "Welcome", **values: Any) -> str:
    steps = [{"text": text}, {"delay": "P1D", "text": "Still there?"}]
    made = heed.post("/v1/campaigns", {
        "kind": "sequence", "name": "Welcome", "sender": heed.sender(provider.url)["id"], "steps": steps, **values,
    })  # fmt: skip
    heed.post(f"/v1/campaigns/{made['id']}/start")
    return made["id"]


def got(provider: Running, person: str) -> list[str | None]:
    return [one.text for one in provider.handoffs() if one.to == person]


def test_a12_says_enrolled_already_opted_out_and_rejected_in_the_order_given(heed: Heed, provider: Running) -> None:
    sequence = a_sequence(heed, provider)
    one, two, out = numbers(3, first=300)
    heed.act("add_to_opt_out", number=out)
    heed.act("add_to_sequence", sequence=sequence, number=one)

    answer = heed.act("add_to_sequence", sequence=sequence, recipients=[*recipients(out, two, one), {"email": MAIL}])

    assert statuses(answer) == ["opted_out", "enrolled", "already", "rejected"]
    assert [one.get("number") for one in answer["results"]] == [out, two, one, None]


def test_a12_each_step_goes_out_once_and_an_opt_out_ends_the_way(heed: Heed, provider: Running) -> None:
    sequence = a_sequence(heed, provider)
    stays, leaves = numbers(2, first=310)
    heed.act("add_to_sequence", sequence=sequence, recipients=recipients(stays, leaves))
    heed.work()

    heed.act("add_to_opt_out", number=leaves)
    heed.act("record_opt_in", number=leaves)  # who says yes again is not silently put back
    heed.clock.pass_by(DAY + 1_000_000)
    heed.work()

    assert (got(provider, stays), got(provider, leaves)) == (["Welcome", "Still there?"], ["Welcome"])
    assert statuses(heed.act("remove_from_sequence", sequence=sequence, number=leaves)) == ["absent"]


def test_a12_who_is_removed_gets_nothing_more(heed: Heed, provider: Running) -> None:
    sequence = a_sequence(heed, provider)
    one, two = numbers(2, first=320)
    heed.act("add_to_sequence", sequence=sequence, number=one)
    heed.work()

    answer = heed.act(
        "remove_from_sequence", sequence=sequence, recipients=[{"number": two}, {"number": one}, {"number": "1"}]
    )
    heed.clock.pass_by(DAY + 1_000_000)
    heed.work()

    assert statuses(answer) == ["absent", "removed", "rejected"]
    assert got(provider, one) == ["Welcome"]


def test_a12_attributes_of_the_call_are_for_all_and_a_persons_own_come_first(heed: Heed, provider: Running) -> None:
    sequence = a_sequence(heed, provider, text="Hi {{ name }} from {{ shop }}")
    one, two = numbers(2, first=330)
    people = [{"number": one, "attributes": {"name": "Ada"}}, {"number": two}]

    heed.act("add_to_sequence", sequence=sequence, recipients=people, attributes={"name": "you", "shop": "Us"})
    heed.work()

    assert (got(provider, one), got(provider, two)) == (["Hi Ada from Us"], ["Hi you from Us"])


def test_a12_who_lacks_an_attribute_is_rejected_and_not_half_enrolled(heed: Heed, provider: Running) -> None:
    sequence = a_sequence(heed, provider, text="Hi {{ name }}")
    (one,) = numbers(1, first=340)

    answer = heed.act("add_to_sequence", sequence=sequence, recipients=[{"number": one}])

    assert statuses(answer) == ["rejected"]
    assert answer["results"][0]["errors"][0]["code"] == "missing_attribute"


@pytest.mark.parametrize("action", ["add_to_sequence", "remove_from_sequence"])
@pytest.mark.parametrize("name", ["cmp_000000000000", "nope", "{{ sequence }}", ""])
def test_a12_an_unknown_sequence_is_422_with_its_pointer(heed: Heed, action: str, name: str) -> None:
    rows = row_counts(heed)
    code = {"": "too_short", "{{ sequence }}": "unresolved_template"}.get(name, "unknown_sequence")

    assert heed.faults(f"/v1/actions/{action}", {"sequence": name, "number": "+14155550123"}) == {"/sequence": code}
    assert row_counts(heed) == rows


def test_a12_a_broadcast_is_no_sequence(heed: Heed) -> None:
    body = {"kind": "broadcast", "name": "b", "sender": heed.sender()["id"], "steps": [{"text": "x"}]}
    made = heed.post("/v1/campaigns", body)["id"]

    wrong = {"sequence": made, "number": "+14155550123"}
    assert heed.faults("/v1/actions/add_to_sequence", wrong) == {"/sequence": "unknown_sequence"}
