"""One spelling for the words of a message, whatever they were typed with."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

#: As many characters as a message has at most, and how many are looked at at once.
_GROWN, _SLICE = 65_536, 4_096


def normalise(text: str) -> str:
    """The words of a text in one spelling, a blank between them; "" where there are none.

    Case, width, style (𝐒𝐓𝐎𝐏, 🅂🅃🄾🄿), punctuation, emoji, unseen characters and the accents of Latin letters do not
    count. Look-alikes from other scripts do: Cyrillic ЅТОР is not STOP (``as_latin`` tells).
    """
    folded = _seen(_compatible(text.translate(_ALIKE))).casefold()
    decomposed = unicodedata.normalize("NFD", folded)
    plain = unicodedata.normalize("NFC", "".join(_without_latin_marks(decomposed)))
    words = "".join(_only_words(plain)).split()
    spelt_out = len(words) > 1 and all(len(word) == 1 and word.isalpha() for word in words)
    return ("" if spelt_out else " ").join(words)  # S T O P and S.T.O.P are one word


@lru_cache(maxsize=8192)
def spelt(keyword: str) -> str:
    """``normalise`` for words that are looked for again and again. Never for what people write: it would be kept."""
    return normalise(keyword)


def _compatible(text: str) -> str:
    """NFKC, cut where the longest text would end: one character can stand for eighteen (ﷺ)."""
    made = ""
    for start in range(0, len(text), _SLICE):  # what a cut leaves apart is put together by the NFC that follows
        made += unicodedata.normalize("NFKC", text[start : start + _SLICE])
        if len(made) >= _GROWN:
            break
    return made[:_GROWN]


def as_latin(words: str) -> str:
    """The Latin words that normalised words look like; the words themselves where not every letter has a twin.

    Cyrillic ЅТОР looks like STOP, and so does ST0P. Short words stay: a Т or an Н alone is a letter like any other.
    """
    latin = words.translate(_TWINS)
    return latin if len(latin) > 2 and latin.isascii() and not words.replace(" ", "").isdigit() else words


#: Letters whose capitals or small forms look like Latin ones, by their small forms.
_TWINS = str.maketrans("авекмнорстухѕіјαβεζηικμνορτυχ0", "abekmhopctyxsijabezhikmnoptyxo")

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
            latin = unicodedata.name(character, "").startswith(_BARE)
        elif latin:
            continue
        yield character


#: Whose marks are ornaments: 0̶ is a 0 struck through, as É is an E.
_BARE = ("LATIN ", "DIGIT ")


def _only_words(text: str) -> Iterator[str]:
    """Letters, digits and the vowel signs that belong to a letter; a blank for all else."""
    word = False
    for character in text:
        word = character.isalnum() or (word and unicodedata.category(character) in ("Mn", "Mc"))
        yield character if word else " "
