"""Promises about the table of SMTP replies that no conversation of test_smtp shows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.messages import Kind, Rejected, Retry
from connector.providers.smtp_replies import Phase, judge, queue_id


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (b"5.1.2 bad domain", Kind.INVALID_RECIPIENT),
        (b"5.1.3 syntax", Kind.INVALID_RECIPIENT),
        (b"5.1.10 null MX", Kind.INVALID_RECIPIENT),
        (b"5.1.100 of no table", Kind.PROVIDER),  # not 5.1.10 with a zero behind it
        (b"5.2.1 disabled", Kind.INVALID_RECIPIENT),
        (b"5.3.4 too large", Kind.PROVIDER),
        (b"5.7.26 DMARC", Kind.POLICY),
        (b"5.7.515 reputation", Kind.POLICY),
        (b"", Kind.PROVIDER),
        (b"ann@people.example unknown", Kind.PROVIDER),
    ],
)
def test_a_refused_recipient_is_given_up_only_where_the_mailbox_is_meant(reply, kind):
    assert judge(550, reply, Phase.RECIPIENT).kind is kind


@pytest.mark.parametrize("code", [421, 450, 451, 452, 454])
def test_a_4xx_is_offered_again(code):
    assert isinstance(judge(code, b"", Phase.RECIPIENT), Retry)


def test_at_login_every_no_is_about_the_login():
    assert judge(550, b"5.1.1 x", Phase.LOGIN).kind is Kind.AUTH


def test_a_sender_that_does_not_exist_says_nothing_about_the_recipient():
    assert judge(550, b"5.1.1 x", Phase.SENDER).kind is Kind.PROVIDER


@settings(deadline=None)
@given(st.integers(-1, 999), st.binary(), st.sampled_from(Phase))
def test_every_reply_has_a_verdict_without_an_address(code, text, phase):
    verdict = judge(code, text, phase)

    assert isinstance(verdict, Rejected | Retry)
    assert "@" not in verdict.detail


@settings(deadline=None)
@given(st.binary())
def test_every_reply_has_a_queue_id_or_none(text):
    found = queue_id(text)

    assert found is None or ("@" not in found and 0 < len(found) <= 200)
