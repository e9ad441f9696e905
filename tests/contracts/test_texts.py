"""Every text of the console stands in the catalogue that translators work from."""

import re

import pytest

from connector.web import texts
from tests.contracts.texts import POT, WEB, template

#: What stands between two tags or in a label and has letters in it.
_BARE = re.compile(
    r">([^<{}]*[A-Za-z]{3}[^<{}]*)<|(?:aria-label|placeholder|title|alt)=\"([^\"{}]*[A-Za-z]{3}[^\"{}]*)\""
)
#: Names, and what one types.
_NAMES = {"Heed", "Ctrl", "Esc", "Alt C", "Alt", "SMS"}


def test_the_catalogue_is_current():
    """`make texts` writes it anew."""
    assert POT.read_text(encoding="utf-8") == template()


@pytest.mark.parametrize("path", sorted((WEB / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_no_text_of_a_template_is_left_out(path):
    source = re.sub(r"{#.*?#}|<code>.*?</code>|<kbd>.*?</kbd>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    source = re.sub(r"{%.*?%}|{{.*?}}", "{}", source, flags=re.DOTALL)

    bare = {(one[0] or one[1]).strip() for one in _BARE.findall(source)}

    assert bare - _NAMES == set()


@pytest.mark.parametrize("path", sorted((WEB / "static").glob("*.js")), ids=lambda path: path.name)
def test_scripts_hold_no_texts(path):
    """Two words with a space between them, within quotes, and no selector or name of options."""
    source = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))

    assert re.findall(r'"([A-Z][a-z]+ [a-z]+[^"]*)"', source) == []


def test_english_is_the_source_and_any_other_language_falls_back_to_it():
    assert texts.gettext("Home") == "Home"
    assert texts.ngettext("one", "many", 2) == "many"
