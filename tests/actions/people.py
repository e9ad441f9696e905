"""People and lists for the tests of actions, with what these tests read from answers."""

from collections.abc import Iterable
from typing import Any

from tests.heed import Heed

ADA, BO, CY = "+14155550123", "+14155550124", "+14155550125"
MAIL = "ada@example.com"
MONDAY, TUESDAY, WEDNESDAY = "2026-03-02T10:00:00Z", "2026-03-03T10:00:00Z", "2026-03-04T10:00:00Z"


def a_list(heed: Heed, name: str = "Offers", **values: Any) -> dict[str, Any]:
    return heed.post("/v1/lists", {"name": name, "keywords": [f"NO {name}"], **values})


def statuses(answer: dict[str, Any]) -> list[str]:
    return [one["status"] for one in answer["results"]]


def codes(answer: dict[str, Any]) -> list[str]:
    """The reason codes of one decision or one result."""
    return [reason["code"] for reason in answer["reasons"]]


def recipients(*numbers: str) -> list[dict[str, str]]:
    return [{"number": number} for number in numbers]


def says(heed: Heed, sender: dict[str, Any], text: str, number: str = ADA, **values: Any) -> Any:
    """The person writes to a sender."""
    path = sender["inbound_url"].removeprefix("http://heed.test")
    message = {"id": f"m-{number}-{text}", "from": number, "text": text, **values}
    answer = heed.app.test_client().post(path, json=message)
    assert answer.status_code == 200, answer.text
    return answer.json["messages"][0]


def numbers(count: int, first: int = 0) -> Iterable[str]:
    return (f"+1415555{n:04}" for n in range(first, first + count))
