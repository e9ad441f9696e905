"""R17: what anybody may send is read in time that grows as it does, whatever it is made of."""

from contextlib import suppress
from email.message import EmailMessage

import pytest

from connector.domain.attributes import attributes
from connector.domain.expressions import BadExpression
from connector.domain.foreign import foreign, hint
from connector.domain.mail_parts import plain_text
from connector.domain.templates import placeholders, write_template
from tests.growth import grows_in_proportion


@pytest.mark.parametrize("piece", ["@{a(", "@{ ", "@{a", "$(", "$json", "a", "1", "a['output'", "@{a()"])
@pytest.mark.parametrize("begin", ["", "={{"])
def test_r17_another_builders_template_is_noticed_and_explained_in_time(begin: str, piece: str) -> None:
    assert grows_in_proportion(foreign, piece, begin=begin)
    assert grows_in_proportion(hint, piece, begin=begin)


def test_another_builders_template_is_explained_wherever_it_begins() -> None:
    advice = hint("Dear customer, " * 100 + "this is for @{triggerBody()?['contact']?['phone']}")

    assert advice is not None
    assert "{{ contact.phone }}" in advice


@pytest.mark.parametrize("piece", ["\\{{", "\\\\\\{{ x", "\\", "{", "}"])
def test_r17_a_text_is_read_and_written_in_time(piece: str) -> None:
    assert grows_in_proportion(read, piece, begin="{{ a }}", size=64_000)
    assert grows_in_proportion(lambda text: write_template((text,)), piece, size=64_000)


def read(text: str) -> None:
    with suppress(BadExpression):
        placeholders(text)


def html(text: str) -> str:
    mail = EmailMessage()
    mail.set_content(text, subtype="html")
    return plain_text(mail)


@pytest.mark.parametrize("piece", ["<br", "<br ", "<style", "</style ", "<", "<br>", "<!--", "&amp"])
def test_r17_a_mail_in_html_is_read_in_time(piece: str) -> None:
    assert grows_in_proportion(html, piece)


@pytest.mark.parametrize("in_rows", [False, True])
def test_r17_a_long_name_of_many_things_costs_once(in_rows: bool) -> None:
    inner = {f"key{n}": n for n in range(2_000)}

    def offered(name: str) -> object:
        data = {name: {**inner, "x": 1}}
        return attributes([data] if in_rows else data)

    assert grows_in_proportion(offered, "k", size=256_000)
    assert [one["expression"] for one in attributes({"k" * 300: inner, "a": 1})] == ["a"]
