"""The tag {{ opt_out }} by country, channel and sender: an instruction that works, or none."""

import pytest

from connector.domain.keywords import matches_opt_out
from connector.domain.opt_out_tags import COUNTRIES, country_of, instruction
from connector.domain.words import Channel

WORDS = ("STOP", "STOPALL", "END")
LONG = "+15005550006"


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+14155550123", "US"), ("+16135550123", "CA"), ("+15005550006", "US"), ("+447911123456", "GB"),
        ("+390669812345", "IT"), ("+33612345678", "FR"), ("+8613912345678", "CN"), ("+77012345678", "RU"),
        ("+9999999999", None), ("", None),
    ],
)  # fmt: skip
def test_d04_the_country_is_the_one_whose_rules_hold(number, country):
    assert country_of(number) == country


@pytest.mark.parametrize("country", COUNTRIES)
def test_d04_every_instruction_holds_a_word_that_the_lists_listen_to(country):
    rule = COUNTRIES[country]
    for sender in (LONG, "36180"):
        for keywords in (WORDS, rule.words):
            said = instruction(country, Channel.SMS, sender, keywords)
            word = next(one for one in rule.words if one in keywords)
            assert said is not None
            assert word in said
            assert any(matches_opt_out(word, one) for one in keywords)
            assert "{" not in said
            assert len(said) <= 60
    assert rule.source


def test_d04_a_word_that_no_list_listens_to_is_never_offered():
    assert instruction("US", Channel.SMS, LONG, ("STOP NEWS",)) is None
    assert instruction("ES", Channel.SMS, LONG, ("STOP",)) == "Responde STOP para darte de baja"
    assert instruction("ES", Channel.SMS, LONG, ("STOP", "baja")) == "Responde BAJA para darte de baja"


@pytest.mark.parametrize("country", ["TR", "AE", "KR", "IN", None, "XX"])
def test_d04_where_no_such_flow_is_known_it_is_a_link(country):
    assert instruction(country, Channel.SMS, LONG, WORDS) is None


def test_d04_a_name_can_not_be_answered_and_a_chat_always_can():
    assert instruction("US", Channel.SMS, "ACME", WORDS) is None
    assert instruction("TR", Channel.WHATSAPP, "ACME", WORDS) == "Reply STOP to opt out"
    assert instruction("US", Channel.TRUECALLER, LONG, WORDS) is None
    assert instruction("US", Channel.VOICE, LONG, WORDS) is None
