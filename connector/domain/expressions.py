"""One expression of a mapping: JMESPath, restricted so that no expression can cost much, compiled once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from jmespath.exceptions import IncompleteExpressionError, JMESPathError, ParseError
from jmespath.parser import Parser

from connector.domain.budget import Budget, ExpressionFailed
from connector.domain.errors import HeedError
from connector.domain.evaluation import NODES, evaluate
from connector.domain.functions import SIGNATURES

__all__ = ["LONGEST", "BadExpression", "Budget", "Expression", "ExpressionFailed", "compile_expression"]

LONGEST = 256
_MOST_NODES = 64


class BadExpression(HeedError):
    """This expression can't be read."""

    status = 422
    code = "bad_expression"

    def __init__(self, detail: str, position: int = 0) -> None:
        super().__init__(detail)
        #: Of the first wrong character, counted from 0 in the text that was given.
        self.position = position


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression; apply it as often as you like."""

    source: str
    tree: Any = field(compare=False, repr=False)

    def evaluate(self, data: object, budget: Budget | None = None) -> object:
        """The value in data, None where there is none; ExpressionFailed. Its parts are the data's own."""
        return evaluate(self.tree, data, budget or Budget())


@lru_cache(maxsize=4096)
def compile_expression(source: str) -> Expression:
    """The expression in a source of 1 to 256 characters; BadExpression with the position of what is wrong."""
    _refuse_length(source)
    _refuse_loose_literals(source)
    tree = _parse(source)
    _refuse_nodes(tree, source)
    _refuse_hash_of_hash(tree)
    return Expression(source, tree)


def _refuse_length(source: str) -> None:
    if not source.strip():
        raise BadExpression("there is no expression between the braces")
    if len(source) > LONGEST:
        raise BadExpression(f"an expression has at most {LONGEST} characters", LONGEST)


#: A raw string, a quoted key or a JSON literal; a backslash keeps the next character from ending it.
QUOTED = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?P<json>(?:\\.|[^`\\])*)`""", re.DOTALL)


def _refuse_loose_literals(source: str) -> None:
    """What stands in backticks must be JSON: the library still takes bare words, with a warning, and NaN."""
    for literal in QUOTED.finditer(source):
        if literal["json"] is not None:
            try:
                json.loads(literal["json"].replace("\\`", "`"), parse_constant=_refuse_constant)
            except (ValueError, RecursionError):
                raise BadExpression("what stands in backticks must be JSON", literal.start()) from None


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _parse(source: str) -> Any:
    try:
        return Parser().parse(source).parsed
    except IncompleteExpressionError:
        raise BadExpression("the expression ends too early", len(source)) from None
    except ParseError as why:
        start = why.lex_position
        found = source[start : start + 1]
        detail = f"{found!r} is not expected here" if found else "the expression ends too early"
        raise BadExpression(detail, start) from None
    except (JMESPathError, IndexError, RecursionError):
        raise BadExpression("the expression can't be read") from None


def _refuse_nodes(tree: Any, source: str) -> None:
    for count, node in enumerate(_nodes(tree), start=1):
        if count > _MOST_NODES:
            raise BadExpression(f"an expression has at most {_MOST_NODES} parts")
        if node["type"] not in NODES or node["type"] == "expref":
            raise BadExpression(_NOT_HERE.get(node["type"], f"{node['type']} can't be used here."))
        if node["type"] == "function_expression":
            _refuse_call(node, source)
        elif node["type"] == "slice" and node["children"][2] == 0:
            raise BadExpression("the step of a slice can't be 0")


_NOT_HERE = {
    "multi_select_list": "a list of expressions in [ ] can't be used here; one with keys in { } can",
    "expref": "&… can only be given to map, sort_by, min_by or max_by",
}


def _nodes(tree: Any) -> Iterator[Any]:
    """Every node, parents first, but for a function's &…, which belongs to the call."""
    rest = [tree]
    while rest:
        node = rest.pop()
        yield node
        if node["type"] == "function_expression":
            rest.extend(arg["children"][0] if arg["type"] == "expref" else arg for arg in node["children"])
        elif node["type"] != "slice":  # a slice's children are numbers
            rest.extend(node["children"])


def _refuse_call(node: Any, source: str) -> None:
    name, given = node["value"], node["children"]
    position = max(source.find(f"{name}("), 0)
    if name not in SIGNATURES:
        raise BadExpression(f"there is no function {name}()", position)
    types, variadic = SIGNATURES[name]
    if len(given) < len(types) or (len(given) > len(types) and not variadic):
        raise BadExpression(f"{name}() takes {len(types)} value{'s' if len(types) > 1 else ''}", position)
    for place, argument in enumerate(given):
        if (argument["type"] == "expref") != (types[min(place, len(types) - 1)] == ["expref"]):
            raise BadExpression(_NOT_HERE["expref"], position)


def _refuse_hash_of_hash(tree: Any) -> None:
    """One {…} may not be applied to or stand in what another one made.

    {a:@,b:@}|{a:@,b:@}|… names the data twice as often at each step; with one step it is 30 times at most.
    """
    if _hashes(tree) > 1:
        raise BadExpression("a { } can't be used inside of, or on the result of, another { }")


def _hashes(node: Any) -> int:
    """How many {…} stand one behind or inside another."""
    if node["type"] == "slice":
        return 0
    children = [_hashes(child) for child in node["children"]]
    if node["type"] == "multi_select_dict":
        return 1 + max(children)
    beside = node["type"] in _BESIDE and not any(child["type"] == "expref" for child in node["children"])
    return max(children, default=0) if beside else sum(children)


#: Nodes whose children all look at the same value; in the others a child looks at what the one before made.
_BESIDE = frozenset({"or_expression", "and_expression", "comparator", "function_expression"})
