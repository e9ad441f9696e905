"""The OpenAPI document as one page to read: no script, nothing from another host."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

from connector.builders.docs_style import STYLE

Document = Mapping[str, Any]
Operation = Mapping[str, Any]
#: Method, path and operation.
_Row = tuple[str, str, Operation]

_REF = re.compile(r'"#/components/schemas/([\w.-]+)"')


def docs_page(document: Document) -> str:
    """HTML: operations by tag, then the schemas they name."""
    groups: dict[str, tuple[str, list[_Row]]] = {tag["name"]: (tag["description"], []) for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups[operation["tags"][0]][1].append((method.upper(), path, operation))
    used = {tag: group for tag, group in groups.items() if group[1]}
    info = document["info"]
    return "".join([
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{_text(info['title'])} API</title><style>{STYLE}</style></head><body>",
        f"<header><h1>{_text(info['title'])} API</h1><p class=about>{_text(info['description'])}</p>",
        '<p><a href="openapi.json">openapi.json</a> is this page for machines.</p></header>',
        _contents(used), "<main>",
        *(_group(document, tag, *group) for tag, group in used.items()),
        _problems(document), _schemas(document), "</main></body></html>\n",
    ])  # fmt: skip


def _contents(groups: Mapping[str, tuple[str, list[_Row]]]) -> str:
    shown = ""
    for tag, (_, rows) in groups.items():
        links = (f'<li><a href="#{escape(one["operationId"])}">{_text(one["summary"])}</a></li>' for _, _, one in rows)
        shown += f"<li><details><summary>{_text(tag)}</summary><ul>{''.join(links)}</ul></details></li>"
    rest = '<li><a href="#problems">Problems</a></li><li><a href="#schemas">Schemas</a></li>'
    return f'<nav aria-label="Calls"><ul>{shown}{rest}</ul></nav>'


def _group(document: Document, tag: str, about: str, rows: Iterable[_Row]) -> str:
    calls = "".join(_call(document, *row) for row in rows)
    return f"<section><h2>{_text(tag)}</h2><p>{_text(about)}</p>{calls}</section>"


def _call(document: Document, method: str, path: str, operation: Operation) -> str:
    parameters = [_found(document, one) for one in operation["parameters"]]
    return "".join([
        f'<article id="{escape(operation["operationId"])}"><h3>{_text(operation["summary"])}</h3>',
        f'<p class=call><b class="{method.lower()}">{method}</b> <code>{_text(path)}</code></p>',
        *(f"<p>{_text(part)}</p>" for part in operation.get("description", "").split("\n\n") if part),
        f"<p>{_needs(operation.get('security', document['security']))}</p>",
        _parameters(parameters),
        *_bodies(document, operation),
        _answers(operation["responses"]),
        f"<h4>Try it</h4>{_code(_text(_curl(document, method, path, operation, parameters)))}</article>",
    ])  # fmt: skip


def _needs(security: Iterable[Mapping[str, list[str]]]) -> str:
    ways = [f"the scope <code>{_text(scopes[0])}</code>" for way in security for scopes in way.values() if scopes]
    if ways:
        return f"Needs a key with {' or '.join(ways)}."
    return "Needs a key." if list(security) else "Needs no key."


def _parameters(parameters: list[Mapping[str, Any]]) -> str:
    if not parameters:
        return ""
    rows = "".join(
        f"<tr><th scope=row><code>{_text(one['name'])}</code></th><td>{one['in']}</td>"
        f"<td><code>{_text(_type(one['schema']))}</code></td><td>{_text(one['description'])}</td></tr>"
        for one in parameters
    )
    return f"<h4>Parameters</h4><div class=wide><table>{rows}</table></div>"


def _type(schema: Mapping[str, Any]) -> str:
    return " | ".join(schema["enum"]) if "enum" in schema else str(schema.get("type", "any"))


def _code(shown: str, name: str = "") -> str:
    """Code with a place in the order of tabs: where it is wider than its box, it is scrolled by keyboard too."""
    place = f' id="{name}"' if name else ""
    return f'<pre tabindex="0"{place}>{shown}</pre>'


def _bodies(document: Document, operation: Operation) -> Iterator[str]:
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        schema = content["schema"]
        shown = _json(_found(document, schema)) if schema else "anything"
        yield f"<details><summary>Body: <code>{_text(media)}</code></summary>{_code(shown)}</details>"


def _answers(responses: Mapping[str, Mapping[str, Any]]) -> str:
    """What is answered, and by their names alone the problems that calls share."""
    good = "".join(
        f"<dt>{status}</dt><dd>{_text(one['description'])} {_schema_of(one)}</dd>"
        for status, one in responses.items()
        if "$ref" not in one
    )
    bad = ", ".join(f"{status} {_name(one)}" for status, one in responses.items() if "$ref" in one)
    problems = f'<dt>Else</dt><dd>a <a href="#problems">problem</a>: {bad}</dd>' if bad else ""
    return f"<h4>Answers</h4><dl>{good}{problems}</dl>"


def _schema_of(response: Mapping[str, Any]) -> str:
    for media, content in response.get("content", {}).items():
        schema = content["schema"]
        several = schema["anyOf"] if set(schema) == {"anyOf"} else [schema]
        links = [f'<a href="#schema-{_name(one)}">{_name(one)}</a>' for one in several if "$ref" in one]
        return " or ".join(links) or f"<code>{_text(media)}</code>"
    return ""


def _curl(document: Document, method: str, path: str, operation: Operation, parameters: list[Mapping[str, Any]]) -> str:
    """A call to paste: the parameters and the body that have an example, and the key from the environment."""
    examples = {(one["in"], one["name"]): quote(str(one["example"])) for one in parameters if "example" in one}
    url = document["servers"][0]["url"] + re.sub(r"{(\w+)}", lambda part: examples["path", part[1]], path)
    query = "&".join(f"{name}={value}" for (place, name), value in examples.items() if place == "query")
    target = shlex.quote(f"{url}?{query}" if query else url)
    lines = [f"curl {target}" if method == "GET" else f"curl -X {method} {target}"]
    if operation.get("security", True):
        lines.append('-H "Authorization: Bearer $HEED_KEY"')
    for media, content in list(operation.get("requestBody", {}).get("content", {}).items())[:1]:
        lines += [] if media == "*/*" else [f"-H 'Content-Type: {media}'"]
        lines += [f"-d {shlex.quote(json.dumps(one, ensure_ascii=False))}" for one in _examples(content)[:1]]
    return " \\\n  ".join(lines)


def _examples(content: Mapping[str, Any]) -> list[Any]:
    if "example" in content:
        return [content["example"]]
    return [one["value"] for one in content.get("examples", {}).values()]


def _problems(document: Document) -> str:
    shown = "".join(
        f"<tr><th scope=row>{name}</th><td>{_text(one['description'])}</td></tr>"
        for name, one in document["components"]["responses"].items()
    )
    return f'<section id="problems"><h2>Problems</h2><div class=wide><table>{shown}</table></div></section>'


def _schemas(document: Document) -> str:
    shown = "".join(
        f"<details><summary><code>{name}</code></summary>{_code(_json(schema), f'schema-{name}')}</details>"
        for name, schema in document["components"]["schemas"].items()
    )
    return f'<section id="schemas"><h2>Schemas</h2>{shown}</section>'


def _json(value: Any) -> str:
    """JSON in which the name of a schema is a link to it."""
    return _REF.sub(r'<a href="#schema-\1">\1</a>', _text(json.dumps(value, indent=2, ensure_ascii=False)))


def _name(reference: Mapping[str, Any]) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _found(document: Document, one: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference stands for; anything else is itself."""
    if "$ref" not in one:
        return one
    found: Mapping[str, Any] = document
    for part in one["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


def _text(text: str) -> str:
    return escape(text, quote=False)
