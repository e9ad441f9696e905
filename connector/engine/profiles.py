"""A person's words changed by an operator: the flag of a channel, and the lists one is on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connector.domain.errors import Fault, Invalid
from connector.domain.recipients import Batch
from connector.domain.records import OptOutList
from connector.domain.words import Channel, State
from connector.engine.asking import Asking
from connector.engine.consent_book import ConsentBook
from connector.engine.directories import Directories
from connector.engine.once import Answer
from connector.engine.secrets import Secrets
from connector.engine.targets import Who, targets_of
from connector.engine.words_written import NewWord, results_of


class Profiles:
    """Each call is one transaction, and answers the whole profile as it stands afterwards."""

    def __init__(self, directories: Directories, book: ConsentBook, asking: Asking, secrets: Secrets) -> None:
        self._directories = directories
        self._book = book
        self._asking = asking
        self._secrets = secrets

    def flag(self, who: Who, batch: Batch, values: Mapping[str, Any]) -> Answer:
        """The flag of a channel, which is the word on the default list."""
        state = State.OUT if values["state"] == "out" else State.IN
        default = self._directories.current(who.organisation).default_list(who.account)
        return self._say(who, batch, values, {state: [default]})

    def lists(self, who: Who, batch: Batch, values: Mapping[str, Any]) -> Answer:
        """Added to some lists and removed from others, all or nothing."""
        add, remove = (self._named(who, values, field) for field in ("add", "remove"))
        faults = [*add[1], *remove[1]]
        if not faults:
            faults = [
                Fault(f"/remove/{index}", "repeated", "stands under add as well")
                for index, name in enumerate(values["remove"])
                if remove[0][name] in add[0].values()
            ]
        if not faults and not values["add"] and not values["remove"]:
            faults = [Fault("", "required", "give a list to add to or to remove from")]
        if faults:
            raise Invalid(faults)
        chosen = {State.OUT: _each(add[0]), State.CLEARED: _each(remove[0])}
        return self._say(who, batch, values, {state: lists for state, lists in chosen.items() if lists})

    def _say(
        self, who: Who, batch: Batch, values: Mapping[str, Any], chosen: Mapping[State, list[OptOutList]]
    ) -> Answer:
        channel: Channel = values["channel"]
        said = NewWord(State.OUT, channel, values.get("reason"), evidence=values.get("evidence"))
        batch.insist(channel, *self._book.resting(who, said)[1])
        targets = targets_of(batch, channel, who.organisation, self._secrets.address)
        words = [(replace(said, state=state), lists) for state, lists in chosen.items()]
        written, keys, settled = self._book.write_all(who, words, targets)
        results = [
            row for (word, _), lines in zip(words, written, strict=True) for row in results_of(batch, word, lines)
        ]
        body = {**self._asking.profile(who, batch), "results": results, "settled": settled}
        if settled:
            return Answer(200, body)
        return Answer(202, body, {"Location": self._book.settlement(who.organisation, keys)})

    def _named(
        self, who: Who, values: Mapping[str, Any], field: str
    ) -> tuple[dict[str, OptOutList], list[Fault]]:  # fmt: skip
        directory = self._directories.current(who.organisation)
        found = {name: directory.find_list(who.account, name) for name in values[field]}
        faults = [
            Fault(f"/{field}/{index}", "unknown_list", "there is no such list")
            for index, name in enumerate(values[field])
            if found[name] is None
        ]
        return {name: one for name, one in found.items() if one is not None}, faults


def _each(named: Mapping[str, OptOutList]) -> list[OptOutList]:
    return list({one.id: one for one in named.values()}.values())
