"""Writes ``connector/web/locale/heed.pot``: every text of the console, for translators. Run by ``make texts``."""

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

import connector.web

WEB = Path(connector.web.__file__).parent
POT = WEB / "locale" / "heed.pot"
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
_OPTIONS = {"templates/**.html": {"trimmed": "true", "silent": "false"}}
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "marked": None, "later": None}


def template() -> str:
    """The file as it must be now. Lines are not named: they would change with every edit."""
    catalogue = Catalog(project="heed", version="1", charset="utf-8")
    found = extract_from_dir(WEB, _METHODS, _OPTIONS, keywords=_KEYWORDS)
    for name, _, message, comments, context in sorted(found, key=lambda one: (str(one[2]), one[0])):
        catalogue.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
    text = io.BytesIO()
    write_po(text, catalogue, omit_header=True, include_lineno=False, sort_output=True, width=120)
    return 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n' + text.getvalue().decode()


def main() -> None:
    POT.parent.mkdir(exist_ok=True)
    POT.write_text(template(), encoding="utf-8")
    print(f"{POT.read_text(encoding='utf-8').count('msgid ') - 1} texts in {POT.relative_to(WEB.parent.parent)}")


if __name__ == "__main__":
    main()
