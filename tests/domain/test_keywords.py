"""Promises of keywords: whoever says stop is heard, however it is typed, and nobody is opted in by accident."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.keywords import collisions, matches_opt_in, matches_opt_out, opt_out_readings
from connector.domain.spelling import normalise


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        " Stop \n",
        "STOP.",
        '"STOP"',
        "“STOP”",
        "'stop'",
        "«Stop!»",
        "ＳＴＯＰ",  # full width
        "𝐒𝐓𝐎𝐏",  # mathematical bold
        "🅂🅃🄾🄿",  # squared, which NFKC knows
        "🆂🆃🅾🅿",  # negative squared, which it does not
        "🅢🅣🅞🅟",  # negative circled
        "Ⓢⓣⓞⓟ",
        "STOP 🛑",
        "STOP 🇺🇸",  # a flag is no word
        "STOP❤️",  # with a variation selector
        "STOP\u200b",  # zero-width space
        "\ufeffSTOP",  # byte order mark
        "ST\u00adOP",  # soft hyphen
        "\u202aSTOP\u202c",  # direction marks
        "S\u2060T\u2060O\u2060P",  # word joiners
        "S\u0336T\u0336O\u0336P\u0336",  # struck through
        "S\x00TOP\x07",  # control characters
        "S T O P",
        "S.T.O.P",
        "s-t-o-p!",
        "S\nT\nO\nP",
        "STÖP".replace("Ö", "O\u0308"),
        "_stop_",
        "¡STOP!",
    ],
)
def test_every_way_to_type_stop_is_stop(text):
    assert normalise(text) == "stop"
    assert matches_opt_out(text, "Stop")
    assert matches_opt_in(text, "STOP"), "an opt-in keyword is read with the same eyes"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ARRÊT", "arret"),
        ("ARRE\u0302T", "arret"),  # the accent as a character of its own
        ("İPTAL", "iptal"),  # casefold alone leaves a dot over the i
        ("KALDIR", "kaldir"),
        ("kaldır", "kaldir"),  # the small letter of the Turkish I
        ("ABMELDUNG Straße", "abmeldung strasse"),
        ("ZATRZYMAJ", "zatrzymaj"),
        ("ﬁn", "fin"),  # a ligature
        ("ｽﾄｯﾌﾟ", "ストップ"),  # half width, its mark apart
        ("ストップ", "ストップ"),  # not ストッフ
        ("إيقاف", "إيقاف"),  # not ايقاف
        ("ОСТАНОВИТЬ", "остановить"),
        ("Й", "й"),  # the Cyrillic letter keeps its breve
        ("बंद करें", "बंद करें"),  # vowel signs belong to their letters
        ("หยุด", "หยุด"),
        ("ЅТОР", "ѕтор"),  # Cyrillic look-alikes stay what they are
        ("退订", "退订"),
        ("退 订", "退订"),  # single letters again
        ("T D", "td"),
        ("opt-out", "opt out"),
        ("STOP2QUIT", "stop2quit"),
        ("stop\tall\nnow", "stop all now"),  # a line break is a blank
        ("🛑", ""),  # a picture alone says nothing for sure
        ("…!?", ""),
        ("", ""),
    ],
)
def test_words_have_one_spelling(text, words):
    assert normalise(text) == words


@given(st.text(max_size=60))
def test_what_is_normalised_stays_as_it_is(text):
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(max_size=30))
def test_a_configured_keyword_is_found_when_it_is_sent_as_configured(keyword):
    if normalise(keyword):
        assert matches_opt_out(keyword, keyword)
        assert matches_opt_in(keyword, keyword)


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("STOP.\nSent from my iPhone", "stop"),  # a signature
        ("STOP\n\nSent from my iPhone", "stop"),
        ("\n\n STOP \nJane", "stop"),
        ("👍\nSTOP", "stop"),  # the first line with words
        ("Stop. Thank you", "stop"),  # the first sentence
        ("Stop! I never asked for this.", "stop"),
        ("stop... please", "stop"),
        ("停止。谢谢", "停止"),
        ("Stop please", "stop"),  # courtesies
        ("STOP, thanks", "stop"),
        ("Please stop", "stop"),
        ("pls stop thx", "stop"),
        ("PARE, por favor", "pare"),
        ("ARRÊT s'il vous plaît", "arret"),
        ("Bitte abmelden", "abmelden"),
        ("OPT OUT", "optout"),
        ("opt-out", "optout"),
        ("optout", "opt-out"),
        ("Opt Out.", "OPT-OUT"),
        ("STOPALL", "stop all"),
        ("stop all", "STOPALL"),
        ("please opt me out", "Please opt me out"),  # CTIA 5.1.3, a courtesy within the keyword
        ("STOP", " Stop! "),
        ("R", "R"),  # single letters where configured: China
        ("T D", "TD"),
        ("Stop\u2028Jane", "stop"),
        ("ЅТОР", "stop"),  # Cyrillic letters that look alike
        ("ST0P", "stop"),
        ("STOP\r\n" + "x" * 5000, "stop"),  # a long quotation below
    ],
)
def test_an_opt_out_is_heard_with_what_people_write_around_it(text, keyword):
    assert matches_opt_out(text, keyword)


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("Stop by at 5?", "stop"),
        ("Stopping by later", "stop"),
        ("non-stop", "stop"),
        ("Don't stop", "stop"),
        ("I'll be there at the end", "end"),
        ("Call me\nSTOP", "stop"),  # only the first line speaks
        ("Great, thanks. Stop", "stop"),
        ("END2END", "end"),
        ("stop sign", "stop"),
        ("🛑", "stop"),
        ("", "stop"),
        ("please", "stop"),
        ("Т", "T"),  # Cyrillic, and alone
        ("СТОЛ", "stop"),  # not every letter has a twin
        ("0000", "oooo"),  # a number is a number
        ("ALTA", "ALTO"),  # one letter apart, and the opposite
        ("🛑", "🛑"),  # a keyword without words is none: it would match every emoji
        ("?", "!"),
        ("STOP" * 200, "stop"),
    ],
)
def test_other_messages_are_no_opt_out(text, keyword):
    assert not matches_opt_out(text, keyword)


@pytest.mark.parametrize(
    ("text", "keyword", "matches"),
    [
        ("START", "start", True),
        (" start! ", "START", True),
        ("Sí", "SI", True),
        ("opt-in", "OPT IN", True),
        ("optin", "OPT IN", False),
        ("Start please", "start", False),  # narrow: the word and nothing else
        ("START\nSent from my iPhone", "start", False),
        ("Yes. When?", "yes", False),
        ("yes I want to stop", "yes", False),
        ("", "yes", False),
        ("👍", "👍", False),
        ("ЅТАRТ", "start", False),  # narrow: look-alikes are for opt-outs
        ("start " + " " * 1000, "start", False),
    ],
)
def test_an_opt_in_is_the_word_and_nothing_else(text, keyword, matches):
    assert matches_opt_in(text, keyword) is matches


def test_keywords_that_could_be_both_are_named():
    assert collisions(["STOP", "Opt-out", "R"], ["Start", "stop!", "OPTOUT", "r", "Stop please"]) == [
        ("STOP", "stop!"),
        ("STOP", "Stop please"),
        ("Opt-out", "OPTOUT"),
        ("R", "r"),
    ]
    assert collisions(["ALTO", "BAJA"], ["ALTA"]) == []
    assert collisions([], ["yes"]) == collisions(iter(["stop"]), iter(["start"])) == []


def test_many_keywords_are_looked_up_in_one_reading_of_the_message():
    assert opt_out_readings("Opt out. Thank you\nJane") == {"optout", "optoutthankyou", "optoutthankyoujane"}


def test_a_message_of_any_length_is_read_quickly():
    started = time.process_time()
    for text in (
        "please " * 200_000,
        "\n" * 1_000_000,
        "." * 1_000_000,
        "é" * 1_000_000,
        "STOP" + "\u0301" * 1_000_000,
    ):
        matches_opt_out(text, "stop")
        matches_opt_in(text, "start")

    assert time.process_time() - started < 1


def test_a_text_that_grows_is_cut_where_the_longest_would_end() -> None:
    """One letter that stands for eighteen is no way to keep us busy."""
    grown = normalise("stop " + "\ufdfa" * 65_000)

    assert grown.startswith("stop ")
    assert len(grown) <= 65_536
