"""A01: "Add to opt-out"."""

from tests.heed import Heed


def test_a01_a_number_and_an_email_given_together_are_both_meant(heed: Heed) -> None:
    results = heed.act("add_to_opt_out", number="+14155550123", email="ada@example.com")["results"]

    assert [(one.get("number"), one.get("email"), one["status"]) for one in results] == [
        ("+14155550123", None, "added"),
        (None, "ada@example.com", "added"),
    ]


def test_a01_saying_it_again_is_already(heed: Heed) -> None:
    heed.act("add_to_opt_out", number="+14155550123")

    again = heed.act("add_to_opt_out", number="(415) 555-0123", channel="sms")

    assert [one["status"] for one in again["results"]] == ["already"]
    assert again["settled"] is True


def test_a01_a_send_in_hand_is_suppressed_and_the_provider_never_hears_of_it(heed: Heed, provider) -> None:
    sender = heed.sender(provider.url)["id"]
    heed.act("add_to_opt_out", number="+14155550171")

    with heed.working():
        sent = heed.act(
            "send_with_suppression",
            sender=sender,
            recipients=[{"number": "+14155550171"}, {"number": "+14155550172"}],
            text="hi",
        )

    assert [one["error"] for one in sent["results"]] == ["Optout Number", None]
    assert sent["summary"] == "1 contacts skipped (opted-out)"
    assert {one.to for one in provider.handoffs()} & {"+14155550171", "+14155550172"} == {"+14155550172"}
