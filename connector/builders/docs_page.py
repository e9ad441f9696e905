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

_REF = re.compile(r"&quot;#/components/schemas/([\w.-]+)&quot;")


def docs_page(document: Document) -> str:
    """HTML: operations by tag, then the schemas they name."""
    groups = {tag["name"]: (tag["description"], []) for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups[operation["tags"][0]][1].append((method.upper(), path, operation))
    used = {tag: group for tag, group in groups.items() if group[1]}
    info = document["info"]
    return "".join([
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{escape(info['title'])} API</title><style>{STYLE}</style></head><body>",
        f"<header><h1>{escape(info['title'])} API</h1><p class=about>{escape(info['description'])}</p>",
        '<p><a href="openapi.json">openapi.json</a> is this page for machines.</p></header>',
        _contents(used), "<main>",
        *(_group(document, tag, *group) for tag, group in used.items()),
        _schemas(document), "</main></body></html>\n",
    ])  # fmt: skip


def _contents(groups: Mapping[str, tuple[str, list[tuple[str, str, Operation]]]]) -> str:
    parts = (
        f"<li><details><summary>{escape(tag)}</summary><ul>"
        + "".join(f'<li><a href="#{one["operationId"]}">{escape(one["summary"])}</a></li>' for _, _, one in rows)
        + "</ul></details></li>"
        for tag, (_, rows) in groups.items()
    )
    return f'<nav aria-label="Calls"><ul>{"".join(parts)}<li><a href="#schemas">Schemas</a></li></ul></nav>'


def _group(document: Document, tag: str, about: str, rows: Iterable[tuple[str, str, Operation]]) -> str:
    calls = "".join(_call(document, *row) for row in rows)
    return f"<section><h2>{escape(tag)}</h2><p>{escape(about)}</p>{calls}</section>"


def _call(document: Document, method: str, path: str, operation: Operation) -> str:
    parameters = [_found(document, one) for one in operation["parameters"]]
    return "".join([
        f'<article id="{operation["operationId"]}"><h3>{escape(operation["summary"])}</h3>',
        f'<p class=call><b class="{method.lower()}">{method}</b> <code>{escape(path)}</code></p>',
        *(f"<p>{escape(part)}</p>" for part in operation.get("description", "").split("\n\n") if part),
        f"<p>{_needs(operation.get('security', document['security']))}</p>",
        _parameters(parameters),
        *_bodies(document, operation),
        "<h4>Answers</h4><dl>",
        *(_answer(_found(document, one), status) for status, one in operation["responses"].items()),
        f"</dl><h4>Try it</h4><pre>{escape(_curl(document, method, path, operation, parameters))}</pre></article>",
    ])  # fmt: skip


def _needs(security: Iterable[Mapping[str, list[str]]]) -> str:
    ways = [f"the scope <code>{escape(scopes[0])}</code>" for way in security for scopes in way.values() if scopes]
    if ways:
        return f"Needs a key with {' or '.join(ways)}."
    return "Needs a key." if list(security) else "Needs no key."


def _parameters(parameters: list[Mapping[str, Any]]) -> str:
    if not parameters:
        return ""
    rows = "".join(
        f"<tr><th scope=row><code>{escape(one['name'])}</code></th><td>{one['in']}</td>"
        f"<td><code>{escape(_type(one['schema']))}</code></td><td>{escape(one['description'])}</td></tr>"
        for one in parameters
    )
    return f"<h4>Parameters</h4><div class=wide><table>{rows}</table></div>"


def _type(schema: Mapping[str, Any]) -> str:
    return " | ".join(schema["enum"]) if "enum" in schema else str(schema.get("type", "any"))


def _bodies(document: Document, operation: Operation) -> Iterator[str]:
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        schema = content["schema"]
        shown = _json(_found(document, schema)) if schema else "anything"
        yield f"<details><summary>Body: <code>{escape(media)}</code></summary><pre>{shown}</pre></details>"


def _answer(response: Mapping[str, Any], status: str) -> str:
    told = "".join(
        f" <code>{escape(media)}</code> {_json(content['schema'], None)}"
        for media, content in response.get("content", {}).items()
        if not media.startswith("application/problem")
    )
    return f"<dt>{status}</dt><dd>{escape(response['description'])}{told}</dd>"


def _curl(
    document: Document, method: str, path: str, operation: Operation, parameters: list[Mapping[str, Any]]
) -> str:
    """A call that can be pasted: the parameters and the body that have an example, and the key from the environment."""
    examples = {one["name"]: str(one["example"]) for one in parameters if "example" in one and one["in"] != "header"}
    query = [one["name"] for one in parameters if one["in"] == "query" and one["name"] in examples]
    url = document["servers"][0]["url"] + re.sub(r"{(\w+)}", lambda part: quote(examples[part[1]]), path)
    url += f"?{'&'.join(f'{name}={quote(examples[name])}' for name in query)}" if query else ""
    words = ["curl", *([] if method == "GET" else ["-X", method]), shlex.quote(url)]
    lines = [" ".join(words)]
    if operation.get("security", True):
        lines.append('-H "Authorization: Bearer $HEED_KEY"')
    content = operation.get("requestBody", {}).get("content", {})
    if content:
        media, body = next(iter(content.items()))
        example = body.get("example", next(iter(body.get("examples", {}).values()), {}).get("value"))
        lines += [] if media == "*/*" else [f"-H 'Content-Type: {media}'"]
        lines.append(
            "--data-binary @body" if example is None else f"-d {shlex.quote(json.dumps(example, ensure_ascii=False))}"
        )
    return " \\\n  ".join(lines)


def _schemas(document: Document) -> str:
    shown = "".join(
        f'<details><summary><code>{escape(name)}</code></summary><pre id="schema-{escape(name)}">{_json(schema)}</pre>'
        "</details>"
        for name, schema in document["components"]["schemas"].items()
    )
    return f'<section id="schemas"><h2>Schemas</h2>{shown}</section>'


def _json(value: Any, indent: int | None = 2) -> str:
    """JSON with the schemas it names as links; alone on a line, a named schema is its link."""
    if indent is None and set(value) == {"$ref"}:
        name = escape(value["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    text = escape(json.dumps(value, indent=indent, ensure_ascii=False))
    linked = _REF.sub(r'<a href="#schema-\1">\1</a>', text)
    return linked if indent else f"<code>{linked}</code>"


def _found(document: Document, one: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference stands for; anything else is itself."""
    found: Any = one
    if "$ref" in one:
        found = document
        for part in one["$ref"].removeprefix("#/").split("/"):
            found = found[part]
    return found  # type: ignore[no-any-return]
