"""Evaluating an expression on a budget: JMESPath's interpreter, every step of it paid for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jmespath.exceptions import JMESPathError, JMESPathTypeError
from jmespath.visitor import Options, TreeInterpreter

from connector.domain.budget import Budget, ExpressionFailed, bounded
from connector.domain.functions import PaidFunctions


def evaluate(tree: Any, data: object, budget: Budget) -> object:
    """The value of a compiled tree in the data, None where there is none; ExpressionFailed."""
    try:
        result = _Interpreter(budget).visit(tree, data)
    except JMESPathTypeError as why:
        raise ExpressionFailed(_wrong_type(why)) from None
    except (JMESPathError, ArithmeticError, TypeError, ValueError, RecursionError):
        # Bugs of the library's functions included: contains('abc', `1`) is a TypeError there.
        raise ExpressionFailed("this can't be worked out with the values in this data") from None
    return result if result is None else bounded(result, budget)


class _Interpreter(TreeInterpreter):
    """The library's interpreter, a step of the budget for every node it visits."""

    def __init__(self, budget: Budget) -> None:
        super().__init__(Options(custom_functions=PaidFunctions(budget)))
        self._budget = budget

    def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
        self._budget.left -= 1
        if self._budget.left < 0:
            self._budget.spend(0)
        return _VISITS[node["type"]](self, node, *args)


#: The kinds of node an expression may be made of, with the method that evaluates each. ``multi_select_list``
#: is missing: [@,@][]|[@,@][]|… doubles at each step and made 4 million items out of 175 characters.
_VISITS: dict[str, Callable[..., Any]] = {
    "and_expression": TreeInterpreter.visit_and_expression,
    "comparator": TreeInterpreter.visit_comparator,
    "current": TreeInterpreter.visit_current,
    "expref": TreeInterpreter.visit_expref,
    "field": TreeInterpreter.visit_field,
    "filter_projection": TreeInterpreter.visit_filter_projection,
    "flatten": TreeInterpreter.visit_flatten,
    "function_expression": TreeInterpreter.visit_function_expression,
    "identity": TreeInterpreter.visit_identity,
    "index": TreeInterpreter.visit_index,
    "index_expression": TreeInterpreter.visit_index_expression,
    "key_val_pair": TreeInterpreter.visit_key_val_pair,
    "literal": TreeInterpreter.visit_literal,
    "multi_select_dict": TreeInterpreter.visit_multi_select_dict,
    "not_expression": TreeInterpreter.visit_not_expression,
    "or_expression": TreeInterpreter.visit_or_expression,
    "pipe": TreeInterpreter.visit_pipe,
    "projection": TreeInterpreter.visit_projection,
    "slice": TreeInterpreter.visit_slice,
    "subexpression": TreeInterpreter.visit_subexpression,
    "value_projection": TreeInterpreter.visit_value_projection,
}
NODES = frozenset(_VISITS)


def _wrong_type(why: JMESPathTypeError) -> str:
    """Which function got what; never the value itself, which is somebody's data."""
    wanted = " or ".join(kind.replace("array-", "list of ") for kind in why.expected_types)
    given = _TYPES.get(why.actual_type, why.actual_type)
    return f"{why.function_name}() needs {wanted} and was given {given}"


#: The library names the type in JMESPath's words or in Python's, as it happens.
_TYPES = {
    "str": "string",
    "int": "number",
    "float": "number",
    "NoneType": "null",
    "bool": "boolean",
    "array": "list",
    "dict": "object",
}
