"""Every small change to a module: a comparison turned, a condition negated, a statement left out, a value changed."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

#: What says nothing about behaviour at run time, or how a class is made.
_LEFT_ALONE = frozenset({"annotation", "returns", "decorator_list", "bases", "type_params"})

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.LShift: ast.RShift,
}  # fmt: skip
_FUNCTIONS = {"any": "all", "all": "any", "min": "max", "max": "min", "sorted": "list"}
_REMOVABLE = (ast.AugAssign, ast.Raise, ast.Continue, ast.Break, ast.For)

#: What is changed, in words, and the node that stands there instead.
Change = tuple[str, ast.AST]


@dataclass(frozen=True)
class Mutant:
    """One change; ``apply`` makes it in the tree it was found in, for good."""

    place: str
    lines: range
    change: str
    apply: Callable[[], None]

    @property
    def name(self) -> str:
        return f"{self.place or 'the module'}: {self.change}"


def mutants(tree: ast.Module) -> list[Mutant]:
    """All of them, in the order of the text; the same change twice in a function is numbered."""
    found, told = [], Counter[tuple[str, str]]()
    for one in _within(tree, ""):
        told[one.place, one.change] += 1
        again = told[one.place, one.change]
        change = one.change if again == 1 else f"{one.change} ({again})"
        found.append(Mutant(one.place, one.lines, change, one.apply))
    return found


def _within(node: ast.AST, place: str) -> Iterator[Mutant]:
    for name, value in ast.iter_fields(node):
        if name in _LEFT_ALONE or (isinstance(node, ast.ClassDef) and name == "keywords"):
            continue
        children = enumerate(value) if isinstance(value, list) else [(None, value)]
        for slot, child in children:
            if isinstance(child, ast.AST):
                for change, instead in _changes(child):
                    lines = _lines(child, node)
                    yield Mutant(place, lines, change, lambda n=name, s=slot, i=instead: _put(node, n, s, i))
                yield from _within(child, _inside(place, child))


def _put(node: ast.AST, field: str, slot: int | None, instead: ast.AST) -> None:
    if slot is None:
        setattr(node, field, instead)
    else:
        getattr(node, field)[slot] = instead


def _lines(node: ast.AST, parent: ast.AST) -> range:
    """Where it stands; of a statement with a body, its head only, for a test may look at it and go another way."""
    if isinstance(node, ast.comprehension):
        return range(node.target.lineno, (node.ifs[-1] if node.ifs else node.iter).end_lineno + 1)
    head = node.test if isinstance(node, ast.If | ast.While) else node.iter if isinstance(node, ast.For) else node
    at = head if hasattr(head, "lineno") else parent
    return range(at.lineno, at.end_lineno + 1)


def _inside(place: str, node: ast.AST) -> str:
    named = isinstance(node, ast.FunctionDef | ast.ClassDef)
    return f"{place}.{node.name}".lstrip(".") if named else place


def _changes(node: ast.AST) -> Iterator[Change]:
    for kind, changes in _BY_KIND.items():
        if isinstance(node, kind):
            yield from changes(node)


def _like(node: Any, **values: Any) -> Any:
    """A copy with other values, at the same place of the text."""
    made = copy.copy(node)
    for name, value in values.items():
        setattr(made, name, value)
    return made


def _said(old: ast.AST, new: ast.AST) -> Change:
    return f"`{ast.unparse(old)}` becomes `{ast.unparse(new)}`", new


def _not(node: ast.expr) -> ast.expr:
    return ast.copy_location(ast.UnaryOp(ast.Not(), node), node)


def _turned_already(node: ast.expr) -> bool:
    """Its own operators negate it; once more would count one mutant twice."""
    compared = isinstance(node, ast.Compare) and len(node.ops) == 1
    return compared or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))


def _compare(node: ast.Compare) -> Iterator[Change]:
    for at, operator in enumerate(node.ops):
        for other in _COMPARISONS[type(operator)]:
            yield _said(node, _like(node, ops=[*node.ops[:at], other(), *node.ops[at + 1 :]]))


def _both(node: ast.BoolOp) -> Iterator[Change]:
    yield _said(node, _like(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And()))
    for at in range(len(node.values)):
        rest = [*node.values[:at], *node.values[at + 1 :]]
        yield _said(node, rest[0] if len(rest) == 1 else _like(node, values=rest))


def _unary(node: ast.UnaryOp) -> Iterator[Change]:
    if isinstance(node.op, ast.Not):
        yield _said(node, node.operand)


def _constant(node: ast.Constant) -> Iterator[Change]:
    value = node.value
    if isinstance(value, bool):
        yield _said(node, _like(node, value=not value))
    elif isinstance(value, int | float):
        yield _said(node, _like(node, value=value + 1))
    elif isinstance(value, str) and " " not in value:  # prose is for people
        yield _said(node, _like(node, value=value + "x"))


def _binary(node: ast.BinOp | ast.AugAssign) -> Iterator[Change]:
    if other := _OPERATORS.get(type(node.op)):
        yield _said(node, _like(node, op=other()))


def _either(node: ast.IfExp) -> Iterator[Change]:
    if not _turned_already(node.test):
        yield _said(node, _like(node, test=_not(node.test)))


def _call(node: ast.Call) -> Iterator[Change]:
    if isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
        other = _like(node, func=_like(node.func, id=_FUNCTIONS[node.func.id]))
        yield _said(node, _like(other, keywords=[]) if other.func.id == "list" else other)
    called = ast.unparse(node.func)
    for at, keyword in enumerate(node.keywords):
        rest = [*node.keywords[:at], *node.keywords[at + 1 :]]
        yield f"`{called}(…)` without `{ast.unparse(keyword)}`", _like(node, keywords=rest)


def _filtered(node: ast.comprehension) -> Iterator[Change]:
    for at, condition in enumerate(node.ifs):
        before, after, text = node.ifs[:at], node.ifs[at + 1 :], ast.unparse(condition)
        yield f"`if {text}` left out", _like(node, ifs=[*before, *after])
        if not _turned_already(condition):
            yield f"`if {text}` negated", _like(node, ifs=[*before, _not(condition), *after])


def _branch(node: ast.If | ast.While) -> Iterator[Change]:
    if not _turned_already(node.test):
        yield f"`{type(node).__name__.lower()} {ast.unparse(node.test)}` negated", _like(node, test=_not(node.test))


def _returned(node: ast.Return) -> Iterator[Change]:
    if node.value is not None and not isinstance(node.value, ast.Constant):
        yield f"`{ast.unparse(node)}` answers None", _like(node, value=ast.copy_location(ast.Constant(None), node))


def _statement(node: ast.stmt) -> Iterator[Change]:
    told = isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
    if told or isinstance(node, _REMOVABLE):
        # Behind `if False` a generator without its yield is still one.
        never = ast.copy_location(ast.Constant(False), node)
        yield f"left out: `{ast.unparse(node).splitlines()[0]}`", ast.copy_location(ast.If(never, [node], []), node)


_BY_KIND: dict[Any, Callable[[Any], Iterator[Change]]] = {
    ast.Compare: _compare, ast.BoolOp: _both, ast.UnaryOp: _unary, ast.Constant: _constant,
    ast.BinOp | ast.AugAssign: _binary, ast.IfExp: _either, ast.Call: _call, ast.comprehension: _filtered,
    ast.If | ast.While: _branch, ast.Return: _returned, ast.stmt: _statement,
}  # fmt: skip
