"""Texts under names, and what a call or a campaign makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connector.domain.campaigns import Content, SavedTemplate, TemplateUse
from connector.domain.contents import TAGS, content_faults, template_faults
from connector.domain.errors import Fault, Invalid, NotFound
from connector.domain.expressions import BadExpression
from connector.domain.filling import escape
from connector.domain.ids import public_id, row_number
from connector.domain.templates import placeholders
from connector.domain.words import Channel
from connector.engine.ports import Clock
from connector.engine.targets import Who
from connector.store import resources, tables
from connector.store.database import Database

_PARTS = ("text", "subject", "html")


class Templates:
    """The templates of an organisation, one for each name and language."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def page(self, who: Who, limit: int, cursor: str | None) -> dict[str, Any]:
        after = row_number("template", cursor) if cursor else 0
        if after is None:
            raise Invalid.at("/cursor", "bad_cursor", "is not a cursor of this listing")
        with self._database.read() as connection:
            rows = resources.page(connection, tables.templates, who.organisation, limit, after)
        more = public_id("template", rows[-1]["id"]) if len(rows) == limit else None
        return {"items": [_public(row) for row in rows], "next_cursor": more}

    def get(self, who: Who, name: str) -> dict[str, Any]:
        return _public(self._row(who, name))

    def make(self, who: Who, values: Mapping[str, Any]) -> dict[str, Any]:
        """A new template; its parameters are the names its texts hold, where none are given."""
        row = {part: values.get(part) for part in _PARTS} | {"name": values["name"], "language": values["language"]}
        row |= {"parameters": _parameters(row, values.get("parameters")), "org": who.organisation}
        row["created_at"] = self._clock()
        with self._database.write() as connection:
            number = resources.make(connection, tables.templates, row)
        return _public({**row, "id": number})

    def change(self, who: Who, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Merge. What is on its way keeps the text it has."""
        row = {**self._row(who, name), **values}
        row["parameters"] = _parameters(row, values.get("parameters"))
        columns = {column: row[column] for column in (*_PARTS, "name", "language", "parameters")}
        with self._database.write() as connection:
            resources.change(connection, tables.templates, who.organisation, row["id"], columns)
        return _public(row)

    def drop(self, who: Who, name: str) -> None:
        row = self._row(who, name)
        with self._database.write() as connection:
            resources.drop(connection, tables.templates, who.organisation, row["id"])

    def content(
        self, org: int, channel: Channel, values: Mapping[str, Any], pointer: str = ""
    ) -> tuple[Content, list[Fault]]:
        """What a step says by its text, subject and html, or by its template; and everything that is wrong with it."""
        wanted = values.get("template")
        if wanted is None:
            content = Content(values.get("text"), values.get("subject"), values.get("html"))
            return content, list(content_faults(values, channel, pointer))
        if given := [part for part in _PARTS if values.get(part)]:
            twice = [
                Fault(f"{pointer}/{part}", "not_allowed", "give a template or its parts, not both") for part in given
            ]
            return Content(), twice
        given, place = wanted.get("parameters"), f"{pointer}/template"
        saved = self._saved(org, wanted["name"], wanted.get("language"))
        if saved is not None:
            return _filled(saved, channel, given, place)
        if channel is Channel.WHATSAPP and wanted.get("language"):  # one that Meta has approved and only Meta has
            use = TemplateUse(wanted["name"], wanted["language"], _named((), given))
            return Content(template=use), list(_unreadable(given, place))
        return Content(), [Fault(f"{pointer}/template/name", "unknown_template", "there is no such template")]

    def _saved(self, org: int, name: str, language: str | None) -> SavedTemplate | None:
        with self._database.read() as connection:
            found = resources.templates_named(connection, org, name)
        return next((one for one in found if language in (None, one.language)), None)

    def _row(self, who: Who, name: str) -> dict[str, Any]:
        number = row_number("template", name)
        with self._database.read() as connection:
            row = resources.read(connection, tables.templates, who.organisation, number) if number else None
        if row is None:
            raise NotFound
        return row


def _filled(saved: SavedTemplate, channel: Channel, given: Any, pointer: str) -> tuple[Content, list[Fault]]:
    parts = {part: getattr(saved, part) for part in _PARTS}
    faults = [*content_faults(parts, channel, pointer), *_unreadable(given, pointer)]
    parameters = _named(saved.parameters, given)
    if unknown := sorted(parameters.keys() - set(saved.parameters)):
        faults.append(
            Fault(f"{pointer}/parameters", "unknown_field", f"the template has no parameter {', '.join(unknown)}")
        )
    return Content(**parts, template=TemplateUse(saved.name, saved.language, parameters)), faults


def _named(names: tuple[str, ...], given: Any) -> dict[str, Any]:
    """Parameters by their names; a list is taken in the order of the names, and by number beyond them."""
    if isinstance(given, Mapping):
        return dict(given)
    return {
        names[place] if place < len(names) else str(place + 1): value for place, value in enumerate(given or ())
    }  # fmt: skip


def _unreadable(given: Any, pointer: str) -> Iterator[Fault]:
    """Parameters whose expressions nobody can read: they are filled for each recipient, long after they were saved."""
    named = given.items() if isinstance(given, Mapping) else enumerate(given or ())
    for name, value in named:
        if isinstance(value, str):
            yield from template_faults(value, f"{pointer}/parameters/{escape(str(name))}")


def _parameters(row: Mapping[str, Any], given: Any) -> list[str]:
    faults, found = [], dict[str, None]()
    if not any(row[part] for part in _PARTS):
        faults.append(Fault("/text", "required", "give text, or subject with html"))
    for part in _PARTS:
        try:
            found.update(dict.fromkeys(placeholders(row[part] or "")))
        except BadExpression as error:
            faults.append(Fault(f"/{part}", error.code, f"{error.detail} (at character {error.position})"))
    if faults:
        raise Invalid(faults)
    return list(given) if given is not None else [name for name in found if name not in TAGS]


def _public(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": public_id("template", row["id"]), "name": row["name"], "language": row["language"],
        **{part: row[part] for part in _PARTS}, "parameters": list(row["parameters"]),
    }  # fmt: skip
