"""Keywords: when a message means "stop", and when it means "start" again.

An opt-out errs on the wide side, an opt-in on the narrow one: a word too many taken for "stop" costs a message,
one taken for "start" costs somebody's peace.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import product

#: As many characters as a message has at most, and how many are looked at at once.
_GROWN, _SLICE = 65_536, 4_096


def normalise(text: str) -> str:
    """The words of a text in one spelling, a blank between them; "" where there are none.

    Case, width, style (𝐒𝐓𝐎𝐏, 🅂🅃🄾🄿), punctuation, emoji, unseen characters and the accents of Latin letters do not
    count. Look-alikes from other scripts do: Cyrillic ЅТОР is not STOP.
    """
    folded = _seen(_compatible(text.translate(_ALIKE))).casefold()
    decomposed = unicodedata.normalize("NFD", folded)
    plain = unicodedata.normalize("NFC", "".join(_without_latin_marks(decomposed)))
    words = "".join(_only_words(plain)).split()
    spelt_out = len(words) > 1 and all(len(word) == 1 and word.isalpha() for word in words)
    return ("" if spelt_out else " ").join(words)  # S T O P and S.T.O.P are one word


def _compatible(text: str) -> str:
    """NFKC, cut where the longest text would end: one character can stand for eighteen (ﷺ)."""
    made = ""
    for start in range(0, len(text), _SLICE):  # what a cut leaves apart is put together by the NFC that follows
        made += unicodedata.normalize("NFKC", text[start : start + _SLICE])
        if len(made) >= _GROWN:
            break
    return made[:_GROWN]


def matches_opt_out(text: str, keyword: str) -> bool:
    """Whether a message says the keyword: alone, as its first line, or as its first sentence.

    Blanks and hyphens within do not count (OPT OUT, opt-out, optout), nor does a "please" or "thank you".
    "Stop by at 5?" is no opt-out: the keyword must be all there is up to the end of the line or the sentence.
    """
    wanted = _joined(normalise(keyword))
    return bool(wanted) and wanted in opt_out_readings(text)


def matches_opt_in(text: str, keyword: str) -> bool:
    """Whether a message is the keyword and nothing else."""
    wanted = normalise(keyword)
    return bool(wanted) and len(text) <= _LONGEST and normalise(text) == wanted


def begins_with(text: str, words: str) -> bool:
    """Whether the first words of a message are these."""
    wanted = normalise(words)
    return bool(wanted) and f"{normalise(text[:_LONGEST])} ".startswith(f"{wanted} ")


def is_affirmative(word: str) -> bool:
    """Whether a word is a bare yes, which answers whatever was asked last."""
    return normalise(word) in _YES


def is_unclear_refusal(text: str) -> bool:
    """Whether a message that holds no keyword sounds like a wish to be left alone: somebody should read it.

    Any reasonable wording counts as a revocation (47 CFR 64.1200(a)(10)), so this errs on the wide side.
    """
    return _REFUSAL.search(normalise(text[:2_000])) is not None


def opt_out_readings(text: str) -> frozenset[str]:
    """All that a message could say as an opt-out keyword, blanks taken out: look your keywords up in it."""
    return frozenset(reading for part in set(_parts(text)) for reading in _readings(normalise(part)))


def collisions(opt_out: Iterable[str], opt_in: Iterable[str]) -> list[tuple[str, str]]:
    """The pairs (opt-out, opt-in) of a list's keywords where a message could be both; opt-out would win."""
    return [(stop, start) for stop, start in product(opt_out, opt_in) if matches_opt_out(start, stop)]


_YES = frozenset({"yes", "y", "yeah", "yep", "ok", "okay", "si", "sim", "oui", "ja", "da", "tak", "да", "evet", "1"})

#: As ``normalise`` writes them. English, Spanish, Portuguese, French, German, Italian.
_REFUSAL = re.compile(
    r"\b(?:"
    r"leave me alone"
    r"|(?:stop|quit|cease) (?:\w+ ){0,3}(?:texting|messaging|calling|contacting|emailing|sending|spamming)"
    r"|(?:stop|end) (?:the|these|this|all|your|sending|with|it|bothering|harassing)\b"
    r"|(?:don t|do not|dont|never|no more|not) (?:\w+ ){0,3}(?:text|message|msg|call|contact|email|mail|sms|write)\w*"
    r"|no more (?:texts?|messages?|emails?|sms|ads?)|(?:take|get) me off|remove (?:me|my)|delete (?:me|my)"
    r"|wrong (?:number|person)|not interested|unsub\w*|lose my number|i (?:didn t|did not|never) (?:sign|subscribe)"
    r"|opt(?:ing|ed)? (?:me )?out|spam|harass\w*|lawyer|report you|who is this and why"
    r"|dejen? de|no (?:me )?(?:escriban?|molesten?|llamen?|manden?|envien?)|no quiero|borrenme|denme de baja"
    r"|pare(?:m)? de|nao (?:me )?(?:envie\w*|mande\w*|quero|mandem)|me (?:tire|remova)\w*"
    r"|arretez|laissez moi|ne (?:m|me) (?:\w+ )?(?:contactez|envoyez|ecrivez)|desabonn\w*|plus de (?:messages|sms|pub)"
    r"|lassen sie mich|lass mich in ruhe|keine (?:nachrichten|sms|werbung|mails?) mehr|nicht mehr (?:schreiben|anrufen)"
    r"|abbestellen|hor(?:en sie|t)? auf|non (?:mi )?(?:scrivete|contattate|mandate|inviate)\w*|lasciatemi"
    r"|basta (?:sms|messaggi)"
    r")\b"
)

#: A keyword has 50 characters: a longer message is none, though its first line may be.
_LONGEST = 500
_SENTENCE_END = re.compile(r"[.!?…]+\s|[。！？]")


def _parts(text: str) -> Iterator[str]:
    """The message, its first line with words and that line's first sentence: signatures and thanks come after."""
    text = text.strip()
    if len(text) <= _LONGEST:
        yield text
    for line in text[:_LONGEST].splitlines():
        if any(map(str.isalnum, line)):
            yield line
            yield _SENTENCE_END.split(line, maxsplit=1)[0]
            break


#: What people say around a keyword, as ``normalise`` writes it.
_COURTESY = (
    r"please|pls|plz|thanks|thank you|thx|ty"
    r"|por favor|gracias|obrigad[oa]|s il (?:vous|te) plait|svp|stp|merci|per favore|grazie|bitte|danke|aub"
)
_COURTESIES_AROUND = re.compile(rf"^(?:(?:{_COURTESY}) )+|(?: (?:{_COURTESY}))+$")


def _readings(words: str) -> Iterator[str]:
    yield _joined(words)
    yield _joined(_COURTESIES_AROUND.sub("", words))


def _joined(words: str) -> str:
    return words.replace(" ", "")


#: What NFKC leaves as it is: white letters in black circles (🅢) and squares (🆂), and the Turkish ı, which is
#: the small letter of the I in KALDIR. Flags stay: "STOP 🇺🇸" says nothing about "us".
_ALIKE = {
    **{first + letter: chr(ord("A") + letter) for first in (0x1F150, 0x1F170) for letter in range(26)},
    ord("ı"): "i",
}


def _seen(text: str) -> str:
    """The text without characters that can't be seen: zero-width and direction marks, hyphens that may be."""
    return "".join(
        " " if character.isspace() else character
        for character in text
        if character.isspace()
        or not (unicodedata.category(character) in ("Cf", "Cc") or "\ufe00" <= character <= "\ufe0f")
    )


def _without_latin_marks(decomposed: str) -> Iterator[str]:
    """É is E; but ストップ without its marks would be another word, and so would إيقاف."""
    latin = False
    for character in decomposed:
        if not unicodedata.category(character).startswith("M"):
            latin = unicodedata.name(character, "").startswith("LATIN ")
        elif latin:
            continue
        yield character


def _only_words(text: str) -> Iterator[str]:
    """Letters, digits and the vowel signs that belong to a letter; a blank for all else."""
    word = False
    for character in text:
        word = character.isalnum() or (word and unicodedata.category(character) in ("Mn", "Mc"))
        yield character if word else " "
