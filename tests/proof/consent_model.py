"""What anybody may be told about consent, written as plainly as it can be: the model that Heed is compared with."""

from dataclasses import dataclass, field

Place = tuple[str, str, str]  # person, list, channel
NEVER = ("none", -2)


@dataclass
class Send:
    """One message to one person: what the model knows of its fate."""

    person: str
    text: str
    campaign: bool = False
    #: Whether a refusal stood at any time since it was asked for: then it may have been taken back for good.
    refused: bool = False
    in_hand: bool = False


@dataclass
class Model:
    """Words, facts and sends. Time is a counter: every word is later than the one before it."""

    words: dict[Place, tuple[str, int]] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    open: list[Send] = field(default_factory=list)
    #: How each message ended, by its text.
    ended: dict[str, str] = field(default_factory=dict)
    paused: bool = False
    now: int = 0

    def say(self, person: str, list_: str, channel: str, state: str, at: int | None = None) -> None:
        """A word; the newest at its place stands."""
        self.now += 1
        self.words[person, list_, channel] = (state, self.now if at is None else at)
        self.mark()

    def word(self, person: str, list_: str, channel: str) -> str:
        """The newer of a list's words for a channel and for all; on a tie, out."""
        of_channel = self.words.get((person, list_, channel), NEVER)
        of_all = self.words.get((person, list_, "all"), NEVER)
        newest = max(of_channel[1], of_all[1])
        states = {state for state, at in (of_channel, of_all) if at == newest}
        return "out" if "out" in states else states.pop()

    def allows(self, person: str, channel: str, lists: tuple[str, ...]) -> bool:
        if person in self.blocked or person in self.erased:
            return False
        if any(self.word(person, one, channel) == "out" for one in {"default", *lists}):
            return False
        flag = self.word(person, "default", channel)
        return flag == "in" or self.defaults.get(channel, "none") != "out"

    def mark(self) -> None:
        """Note which open messages a refusal stands against."""
        for one in self.open:
            one.refused = one.refused or not self.allows(one.person, "sms", ("news",))

    def may_leave(self) -> list[Send]:
        """What a worker that looks now may take in hand."""
        return [
            one
            for one in self.open
            if not one.in_hand and not (one.campaign and self.paused) and self.allows(one.person, "sms", ("news",))
        ]
