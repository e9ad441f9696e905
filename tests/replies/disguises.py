"""The ways people, phones and keyboards write one word. Each takes a published keyword and gives it in disguise."""

import unicodedata
from collections.abc import Callable, Iterator

_PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def disguised(word: str) -> Iterator[tuple[str, str]]:
    """(name, text): a keyword in every disguise that fits it; each must still be heard."""
    for name, disguise in _DISGUISES.items():
        text = disguise(word)
        if text is not None:
            yield name, text


def around(word: str) -> Iterator[tuple[str, str]]:
    """What people write beside an opt-out, which takes nothing of it away."""
    yield "a signature", f"{word}\n\nSent from my iPhone"
    yield "a signature of two lines", f"{word}\n--\nJane Doe\nAcme Ltd"
    yield "thanks in a sentence of its own", f"{word}. Thank you"
    yield "courtesy", f"{word} please"
    yield "a picture above", f"🙏\n{word}"
    yield "carriage returns", f"\r\n{word}\r\n"
    if len(word) > 2 and (alike := _by_table(word, _CYRILLIC)) is not None:
        yield "Cyrillic look-alikes", alike
    if len(word) > 2 and (alike := _by_table(word, _GREEK)) is not None:
        yield "Greek look-alikes", alike
    if "o" in word.lower() and word.isascii() and len(word) > 2:
        yield "a zero for an O", word.lower().replace("o", "0")


def _letters(first: int) -> Callable[[str], str | None]:
    """The alphabet that begins at a code point, in capitals."""
    return lambda word: _by_table(word.upper(), {letter: chr(first + n) for n, letter in enumerate(_PLAIN)})


def _by_table(word: str, table: dict[str, str]) -> str | None:
    return "".join(table.get(one, one) for one in word.upper()) if _is_latin(word, table) else None


def _is_latin(word: str, table: dict[str, str]) -> bool:
    return any(map(str.isalpha, word)) and all(one in table or not one.isalpha() for one in word.upper())


def _wide(word: str) -> str | None:
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in word) if word.isascii() else None


def _between(mark: str) -> Callable[[str], str]:
    return mark.join


def _spelt(between: str) -> Callable[[str], str | None]:
    return lambda word: between.join(word) if word.isalpha() and word.isascii() and len(word) > 2 else None


#: Only where every letter of the word has a twin.
_CYRILLIC = dict(zip("ABEKMHOPCTYXSIJ", "АВЕКМНОРСТУХЅІЈ", strict=True))
_GREEK = dict(zip("ABEZHIKMNOPTYX", "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", strict=True))

_DISGUISES: dict[str, Callable[[str], str | None]] = {
    "as published": str,
    "capitals": str.upper,
    "small letters": str.lower,
    "a capital": str.capitalize,
    "blanks around": lambda word: f"  {word}\t\n",
    "blanks doubled": lambda word: word.replace(" ", "   ") if " " in word else None,
    "a full stop": lambda word: f"{word}.",
    "marks of exclamation": lambda word: f"¡{word}!!",
    "quotes": lambda word: f'"{word}"',
    "other quotes": lambda word: f"“{word}”",
    "guillemets": lambda word: f"« {word} »",
    "brackets": lambda word: f"[{word}]",
    "an ellipsis": lambda word: f"{word}…",
    "a picture": lambda word: f"{word} 🛑",
    "a picture with a joiner": lambda word: f"{word} 👩‍🦰",
    "a flag": lambda word: f"{word} 🇺🇸",
    "full width": _wide,
    "mathematical bold": _letters(0x1D400),
    "mathematical monospace": _letters(0x1D670),
    "circled": _letters(0x24B6),
    "squared": _letters(0x1F130),
    "negative circled": _letters(0x1F150),
    "negative squared": _letters(0x1F170),
    "a zero-width space behind": lambda word: f"{word}\u200b",
    "zero-width spaces between": _between("\u200b"),
    "word joiners between": _between("\u2060"),
    "a soft hyphen": lambda word: f"{word[:1]}\u00ad{word[1:]}",
    "a byte order mark": lambda word: f"\ufeff{word}",
    "direction marks": lambda word: f"\u202b{word}\u202c\u200f",
    "accents apart": lambda word: unicodedata.normalize("NFD", word),
    "accents together": lambda word: unicodedata.normalize("NFC", word),
    "struck through": lambda word: "".join(f"{one}\u0336" for one in word) if word.isascii() else None,
    "a no-break space": lambda word: f"\u00a0{word}\u00a0",
    "spelt with blanks": _spelt(" "),
    "spelt with stops": _spelt("."),
    "spelt with hyphens": _spelt("-"),
}
