"""What the tag {{ opt_out }} says: the country's instruction for a sender that can be answered, or that a link must do.

A word is only ever offered where the lists of the message listen to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from connector.domain.keywords import matches_opt_out
from connector.domain.words import Channel


@dataclass(frozen=True, slots=True)
class Country:
    """How people of a country are told to opt out by answering; ``source`` is where the convention is written down."""

    #: Filled with the word, and with the sender's number where it is a short code.
    reply: str
    words: tuple[str, ...] = ("STOP",)
    #: Said instead where the sender is a short code.
    short_code: str | None = None
    source: str = "Twilio, country guidelines"


#: Countries where an answer by text message is the way out. Where one is missing, no such flow is known to be usual
#: or possible, and the tag becomes a link: in Turkey, the Emirates and Korea an answer never arrives; in India
#: senders are names, and START and STOP belong to the operators' register.
COUNTRIES = {
    "US": Country("Reply {word} to opt out", source="CTIA Messaging Principles 5.1.3; 47 CFR 64.1200(a)(10)"),
    "CA": Country("Reply {word} to opt out", source="CWTA short code guidelines; Twilio"),
    "GB": Country("Reply {word} to opt out", short_code="To opt out text {word} to {number}",
                  source="ICO, electronic mail marketing (PECR regulation 22)"),
    "IE": Country("Reply {word} to opt out", short_code="To opt out text {word} to {number}"),
    "FR": Country("Répondez {word} pour ne plus recevoir de messages", short_code="{word} au {number}",
                  source="AF2M, charte SMS+; Brevo, French marketing SMS"),
    "DE": Country("Zum Abmelden {word} antworten"),
    "AT": Country("Zum Abmelden {word} antworten"),
    "CH": Country("Zum Abmelden {word} antworten"),
    "NL": Country("Antwoord {word} om af te melden"),
    "BE": Country("STOP: {word}"),
    "ES": Country("Responde {word} para darte de baja", ("BAJA", "STOP"), source="Google RCS keywords; Twilio"),
    "MX": Country("Responde {word} para darte de baja", ("BAJA", "ALTO", "STOP"), source="Google RCS keywords"),
    "BR": Country("Responda {word} para sair", ("PARE", "SAIR", "PARAR", "STOP"), source="Google RCS keywords"),
    "PT": Country("Responda {word} para sair"),
    "IT": Country("Rispondi {word} per non ricevere più messaggi"),
    "SE": Country("Svara {word} för att avsluta", ("STOPP", "STOP"), source="Twilio; messagecloud"),
    "NO": Country("Svar {word} for å avslutte", ("STOPP", "STOP"), source="enablex"),
    "DK": Country("Svar {word} for at afmelde"),
    "FI": Country("Vastaa {word} lopettaaksesi"),
    "PL": Country("Odpowiedz {word}, aby zrezygnować"),
    "AU": Country("Reply {word} to opt out", source="Spam Act 2003, section 18 (functional unsubscribe)"),
    "NZ": Country("Reply {word} to opt out", source="dotdigital, country rules"),
    "ZA": Country("Reply {word} to opt out", source="WASPA Code of Conduct"),
    "CN": Country("拒收请回复{word}", ("R", "TD", "T", "N", "STOP"), source="MIIT; provider documentation"),
}  # fmt: skip

_SHORT_CODE = re.compile(r"[0-9]{3,6}")
_LONG_NUMBER = re.compile(r"\+?[0-9]{7,15}")
#: Chats are answered wherever one lives.
_CHATS = frozenset({Channel.WHATSAPP, Channel.RCS})


def instruction(country: str | None, channel: Channel, sender: str, keywords: Iterable[str]) -> str | None:
    """What to tell a person of a country; None where they need a link.

    ``sender``: the number or name the message comes from; ``keywords``: what the message's lists listen to.
    """
    rule = COUNTRIES.get(country or "")
    if channel in _CHATS:
        rule = rule or _ANYWHERE
    elif channel is not Channel.SMS or not is_answerable(sender):
        return None
    word = _word(rule, tuple(keywords)) if rule else None
    if rule is None or word is None:
        return None
    if rule.short_code and _SHORT_CODE.fullmatch(sender):
        return rule.short_code.format(word=word, number=sender)
    return rule.reply.format(word=word)


_ANYWHERE = Country("Reply {word} to opt out")


def is_answerable(sender: str) -> bool:
    """Whether a text message from this sender can be answered: a name can't."""
    return bool(_SHORT_CODE.fullmatch(sender) or _LONG_NUMBER.fullmatch(sender))


@lru_cache(maxsize=4096)
def country_of(number: str) -> str | None:
    """The country of a number in E.164; where several share a code (+44, +39), the one that gives it its rules."""
    code = next((number[1:end] for end in (2, 3, 4) if _is_code(number[1:end])), None)
    if code is None:
        return None
    if code == "1":  # the United States, Canada and the Caribbean are told apart by what follows
        parsed = phonenumbers.PhoneNumber(country_code=1, national_number=int(number[2:] or 0))
        return str(phonenumbers.region_code_for_number(parsed) or "US")
    return str(phonenumbers.region_code_for_country_code(int(code)))


def _is_code(digits: str) -> bool:
    return digits.isdecimal() and int(digits) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE


@lru_cache(maxsize=256)
def _word(rule: Country, keywords: tuple[str, ...]) -> str | None:
    """The country's word that the lists listen to."""
    return next((word for word in rule.words if any(matches_opt_out(word, one) for one in keywords)), None)
