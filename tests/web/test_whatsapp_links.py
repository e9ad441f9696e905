"""R07: whoever goes by a user name on WhatsApp is linked to their phone once Meta tells both."""

from itertools import count

from connector.demo.launch import Running
from tests.actions.people import codes
from tests.engine.scenes import numbers, seen, send_later, statuses
from tests.heed import Heed
from tests.oracles import row_counts
from tests.web.test_provider_calls import by_meta, said, whatsapp

_users = count(13491208655302741000)


def pair() -> tuple[str, str]:
    return numbers(1)[0], f"US.{next(_users)}"


def allowed(heed: Heed, channel: str = "whatsapp", **who: str) -> list[str]:
    return codes(heed.act("check_consent", channel=channel, **who))


def contact(number: str, user: str) -> dict[str, str]:
    return {"wa_id": number[1:], "user_id": user}


def test_r07_a_word_under_the_user_id_governs_the_phone(heed: Heed, provider: Running) -> None:
    number, user = pair()
    sender = whatsapp(heed)
    by_meta(heed, sender, messages=[said("STOP", "wamid.a", from_user_id=user)])
    assert (allowed(heed, number=number), allowed(heed, whatsapp_id=user)) == ([], ["opted_out"])
    send_later(heed, heed.sender(provider.url, channel="whatsapp")["id"], number)

    by_meta(heed, sender, statuses=[{"id": "wamid.z", "status": "delivered", "recipient_id": number[1:],
                                     "recipient_user_id": user}])  # fmt: skip

    assert allowed(heed, number=number) == ["opted_out"]
    assert statuses(heed, [number]) == {number: "suppressed"}, "what was waiting is taken back at once"
    heed.work()
    assert seen(provider, [number]) == []


def test_r07_a_word_under_the_phone_governs_the_user_id_in_the_same_call(heed: Heed) -> None:
    number, user = pair()
    by_meta(heed, whatsapp(heed), contacts=[contact(number, user)], messages=[said("STOP", "wamid.b", **{
        "from": number[1:], "from_user_id": user})])  # fmt: skip

    assert allowed(heed, whatsapp_id=user) == ["opted_out"]
    assert allowed(heed, number=number) == ["opted_out"]


def test_r07_a_stop_over_sms_holds_for_the_user_id_where_it_is_for_all_channels(heed: Heed) -> None:
    number, user = pair()
    by_meta(heed, whatsapp(heed), contacts=[contact(number, user)])
    heed.act("add_to_opt_out", number=number)

    assert allowed(heed, whatsapp_id=user) == ["opted_out"]


def test_r07_it_is_linked_once_and_said_in_the_history(heed: Heed) -> None:
    number, user = pair()
    sender = whatsapp(heed)
    answer = by_meta(heed, sender, contacts=[contact(number, user)])
    assert (answer.status_code, answer.json["received"]) == (200, 0)
    rows = row_counts(heed)
    by_meta(heed, sender, contacts=[contact(number, user)])

    assert row_counts(heed) == rows
    for who in ({"number": number}, {"whatsapp_id": user}):
        (event,) = heed.act("get_consent_history", **who)["events"]
        assert (event["state"], event["source"]) == ("linked", "provider")


def test_r07_a_second_user_id_of_the_phone_is_linked_to_the_first(heed: Heed) -> None:
    """Another account of the business knows the same person by another id."""
    number, first = pair()
    second = pair()[1]
    sender = whatsapp(heed)
    by_meta(heed, sender, contacts=[contact(number, first), contact(number, second)])
    heed.act("add_to_opt_out", whatsapp_id=first)

    assert allowed(heed, whatsapp_id=second) == ["opted_out"]


def test_r07_what_is_no_user_id_links_nothing(heed: Heed) -> None:
    number, _ = pair()
    rows = row_counts(heed)
    answer = by_meta(heed, whatsapp(heed), contacts=[{"wa_id": number[1:], "user_id": "not one"}])
    assert answer.status_code == 200
    after = row_counts(heed)
    assert (after["links"], after["events"]) == (rows["links"], rows["events"])
