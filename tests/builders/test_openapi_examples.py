"""Every example of the document runs: it is called as it stands, and what comes back fits."""

import re

import pytest

from tests.builders.described import Described
from tests.builders.world import filled, shown, the_world
from tests.heed import Heed

#: Calls of people and providers, whose tokens are signed for one address: tests/web/test_public_*.py make them.
TOKENS = ("token", "code")


@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
def test_every_example_of_a_body_runs(heed: Heed) -> None:
    described = Described(heed)
    made = the_world(described.call)
    ran, answered = 0, []

    with heed.working():
        for id, (method, path, operation) in described.operations.items():
            parts = {one["name"]: filled(one["example"], made) for one in operation["parameters"] if "example" in one}
            if any(name in parts for name in TOKENS) or "requestBody" not in operation:
                continue
            for number, example in enumerate(shown(operation)):
                address = re.sub(r"{(\w+)}", lambda part, parts=parts: parts[part[1]], path)
                answer = heed.call(method, address, filled(example, made), Idempotency_Key=f"{id}-{number}")
                ran += 1
                described.check(id, operation, answer)
                if answer.status_code >= 300:
                    answered.append((id, answer.status_code, answer.text[:300]))

    assert ran > 40
    for one in answered:
        print(one)
    assert answered == []
