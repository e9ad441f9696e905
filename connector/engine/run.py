"""The corridor: a builder's call, a keyword's action and a binding all run an action here, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from connector.domain.errors import Fault, Forbidden, Invalid
from connector.domain.foreign import unresolved
from connector.domain.mapping import check_mapping, resolve
from connector.engine import validation
from connector.engine.bypassing import insist_bypass
from connector.engine.catalog import Catalog, Listed, is_storable
from connector.engine.context import Services, context_for
from connector.engine.directories import unknown_names
from connector.engine.once import Answer, fingerprint, scope_of
from connector.engine.targets import Who


class Corridor:
    """Checks, reads and runs actions."""

    def __init__(self, catalog: Catalog, services: Services) -> None:
        self.catalog = catalog
        self._services = services

    def run(
        self, who: Who, name: str, values: Mapping[str, Any], *, key: str | None = None,
        version: int | None = None, route: str = "",
    ) -> Answer:  # fmt: skip
        """Run an action; ``key`` makes it happen once on this route. Invalid names every fault of the input."""
        listed = self.catalog.find(name, version)
        self._authorise(who, listed)
        tidied = listed.tidy(values)
        if tidied.get("bypass_groups"):
            insist_bypass(who)
        if faults := listed.faults(tidied):
            raise Invalid(self._with_names(who, listed, tidied, faults))
        key = _one_key(key, tidied.pop("idempotency_key", None))
        if key is None:
            return self._call(who, listed, tidied)
        # The names are looked up within: a repeat is answered as the first one was, though a list be gone since.
        scope = scope_of(who.organisation, who.actor, route or name, key)
        # With the input in it: the answer is forgotten after a day, but one input is never sent twice under one key.
        keyed = replace(who, once=f"{scope}{fingerprint(tidied).hex()}")
        return self._services.once(scope, tidied, lambda again: self._call(replace(keyed, again=again), listed, tidied))

    def run_mapped(
        self, who: Who, name: str, mapping: Mapping[str, Any], data: Any, *, key: str | None = None,
        version: int | None = None, route: str = "",
    ) -> Answer:  # fmt: skip
        """The input made from a flow's data, then run. Faults of the mapping and of what comes out alike."""
        listed = self.catalog.find(name, version)
        self._authorise(who, listed)
        values, faults = self._made(listed, mapping, data)
        if faults:
            raise Invalid(faults)
        return self.run(who, name, values, key=key, version=version, route=route or f"{name}/mapped")

    def preview(
        self, who: Who, name: str, mapping: Mapping[str, Any], data: Any, version: int | None = None
    ) -> dict[str, Any]:
        """What the sound fields of a mapping make of the data, and everything that is wrong with it; without effect."""
        listed = self.catalog.find(name, version)
        problems = self.check(name, mapping, version)
        faulty = {fault.pointer.split("/")[1] for fault in problems if fault.pointer}
        values, faults = self._filled(listed, {k: v for k, v in mapping.items() if k not in faulty}, data)
        if not problems:
            problems = faults or self._problems(who, listed, values)
        return {"input": values, "problems": [_public(fault) for fault in problems]}

    def check(self, name: str, mapping: Mapping[str, Any], version: int | None = None) -> list[Fault]:
        """Everything that is wrong with a mapping before it has seen data."""
        return _check(self.catalog.find(name, version), mapping)

    def insist_may_run(self, who: Who, name: str) -> None:
        """Forbidden where the caller may not run this action, nor have it run."""
        self._authorise(who, self.catalog.find(name))

    def _made(self, listed: Listed, mapping: Mapping[str, Any], data: Any) -> tuple[dict[str, Any], list[Fault]]:
        faults = _check(listed, mapping)
        return ({}, faults) if faults else self._filled(listed, mapping, data)

    def _filled(self, listed: Listed, mapping: Mapping[str, Any], data: Any) -> tuple[dict[str, Any], list[Fault]]:
        """The input of a mapping whose fields are sound."""
        named = listed.named(mapping)
        resolved = resolve(named, data, required=listed.required, templates=listed.templates)
        faults = list(resolved.faults)
        # An expression can spell what no body may hold, and so can a form.
        unfit = [name for name, value in resolved.input.items() if not is_storable(value)]
        faults += [
            Fault(f"/{name}", "bad_value", "holds a number or a character that can't be stored") for name in unfit
        ]
        return {name: value for name, value in resolved.input.items() if name not in unfit}, faults

    def _problems(self, who: Who, listed: Listed, values: Mapping[str, Any]) -> list[Fault]:
        try:
            tidied = listed.tidy(values)
            faults = self._with_names(who, listed, tidied, listed.faults(tidied))
            if faults:
                return faults
            faults = listed.reading_faults(tidied, ()) + listed.address_faults(tidied, self._region(who))
            return faults + self._content_faults(who, listed, tidied, faults)
        except Invalid as error:
            return list(error.faults)

    def _with_names(
        self, who: Who, listed: Listed, tidied: Mapping[str, Any], of_shape: Sequence[Fault]
    ) -> list[Fault]:
        """Every fault at once: of shape, of names that stand for nothing, and then of all that reading finds."""
        faults = [*of_shape, *unknown_names(self._services.directories, who, tidied)]
        if not faults:
            return []
        faults += listed.reading_faults(tidied, faults) + listed.address_faults(tidied, self._region(who))
        return faults + self._content_faults(who, listed, tidied, faults)

    def _content_faults(
        self, who: Who, listed: Listed, tidied: Mapping[str, Any], faults: Sequence[Fault]
    ) -> list[Fault]:
        """What keeps a message from being one, where the sender is known and the parts are at least text."""
        sender = tidied.get("sender")
        if not listed.templates or not isinstance(sender, str):
            return []
        found = self._services.directories.kept(who.organisation).find_sender(sender)
        known = {fault.pointer for fault in faults}
        parts = {name: tidied.get(name) for name in ("text", "subject", "html", "template") if f"/{name}" not in known}
        shapes = (
            value is None or isinstance(value, dict if name == "template" else str) for name, value in parts.items()
        )
        if found is None or not all(shapes) or "/template/name" in known:
            return []
        if "/template/parameters" in known:
            parts["template"] = {**tidied["template"], "parameters": None}
        wrong = self._services.templates.content(who.organisation, found.channel, parts)[1]
        return [fault for fault in wrong if fault.pointer not in known]

    def _call(self, who: Who, listed: Listed, tidied: Mapping[str, Any]) -> Answer:
        if faults := self._with_names(who, listed, tidied, ()):
            raise Invalid(faults)
        arguments = listed.read(tidied, self._region(who))
        result = listed.action.run(context_for(self._services, who), **arguments)
        if result.location is None:
            return Answer(200, result.body)
        return Answer(202, result.body, {"Location": result.location})

    def _region(self, who: Who) -> str | None:
        account = self._services.directories.kept(who.organisation).accounts.get(who.account)
        return (account.region if account else None) or self._services.region

    def _authorise(self, who: Who, listed: Listed) -> None:
        if listed.action.scope not in who.scopes:
            raise Forbidden(f"This key lacks the scope {listed.action.scope}.")


def _check(listed: Listed, mapping: Mapping[str, Any]) -> list[Fault]:
    return check_mapping(listed.named(mapping), listed.input_schema, validation.check, templates=listed.templates)


def _one_key(header: str | None, body: str | None) -> str | None:
    if header is not None and unresolved(header):
        raise Invalid.at("", "unresolved_template", "the Idempotency-Key holds a template that nobody filled")
    if header is not None and body is not None and header != body:
        raise Invalid.at("/idempotency_key", "repeated", "is not the same as the header Idempotency-Key")
    return header if header is not None else body


def _public(fault: Fault) -> dict[str, str]:
    return {"pointer": fault.pointer, "code": fault.code, "detail": fault.detail}
