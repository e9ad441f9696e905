"""Promises of the console: one line a message, and no one can be reached by reading it."""

import io

import pytest

from connector.domain.messages import Accepted, Retry, Unknown
from connector.providers.console import Console
from tests.providers.factories import a_mail, a_message, a_permit


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (a_message(), 'sms to +1***00 snd_1 {"text": "Hello"}\n'),
        (a_mail(html="<p>"), 'email to a***@***mple snd_1 {"subject": "News", "text": "Hello"}\n'),
        (a_message(to="12345"), 'sms to *** snd_1 {"text": "Hello"}\n'),
        (a_message(text="a\n\x1b[31mb\u2028ä"), 'sms to +1***00 snd_1 {"text": "a\\n\\u001b[31mb\\u2028\\u00e4"}\n'),
    ],
)
def test_a_message_is_one_line_with_a_masked_address(message, line):
    stream = io.StringIO()

    assert Console(stream=stream).deliver(message, a_permit(), {}) == Accepted("snd_1")
    assert stream.getvalue() == line


def test_it_writes_to_the_output_of_the_moment(capsys):
    Console().deliver(a_message(), a_permit(), {})

    assert capsys.readouterr().out.startswith("sms to +1***00")


def test_a_closed_console_is_no_accident():
    stream = io.StringIO()
    stream.close()

    assert isinstance(Console(stream=stream).deliver(a_message(), a_permit(), {}), Unknown)


def test_with_too_little_time_nothing_begins():
    stream = io.StringIO()

    assert isinstance(Console(stream=stream).deliver(a_message(), a_permit(0.1), {}), Retry)
    assert stream.getvalue() == ""


def test_it_has_no_settings():
    assert Console().check_settings({}) == []
    assert [fault.pointer for fault in Console().check_settings({"a/b": 1})] == ["/a~1b"]
