"""Are the function, filter and test names known, and do their arguments fit? Asked once, when a text is parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.expression.catalogue import FILTERS
from runner.expression.errors import ExpressionError, nearest
from runner.expression.functions import FUNCTIONS
from runner.expression.nodes import Const
from runner.expression.predicates import TESTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.expression.nodes import Applied, Call, Filter, Node, Test
    from runner.expression.work import Operation

_TABLES: Mapping[str, Mapping[str, Operation]] = {"filter": FILTERS, "test": TESTS}
_INSTEAD = {
    "float": "numbers are exact here: `decimal(x)`",
    "range": "write the list out",
    "sameas": "compare with `==`",
    "items": "go through the keys with `| list`",
    "safe": "nothing is escaped here",
}


def check_function(call: Call) -> None:
    """Raises ExpressionError for an unknown function, or arguments that don't fit."""
    _check(call, "function", FUNCTIONS)


def check_filter(applied: Filter) -> None:
    """Raises ExpressionError for an unknown filter, or arguments that don't fit."""
    _check(applied, "filter", FILTERS)


def check_test(applied: Test) -> None:
    """Raises ExpressionError for an unknown test, or arguments that don't fit."""
    _check(applied, "test", TESTS)


def _check(node: Applied, sort: str, table: Mapping[str, Operation]) -> None:
    name = node.name
    if name not in table:
        raise ExpressionError(f"there is no {sort} `{name}`", node.at, len(name), _instead(name, sort, table))
    operation = table[name]
    if operation.names is None:
        _check_arguments(node, sort, name, operation, node.arguments)
    else:
        _check_inner(node, operation, operation.names)


def _instead(name: str, sort: str, table: Mapping[str, Operation]) -> str:
    if name in _INSTEAD:
        return _INSTEAD[name]
    if sort == "function" and name in FILTERS:
        return f"it is a filter: write `x | {name}`"
    return nearest(name, table) or f"the {sort}s are: {', '.join(table)}"


def _check_inner(node: Applied, operation: Operation, names: tuple[str, int]) -> None:
    """The filter or test that ``map`` or ``select`` names, with the arguments that it is given."""
    sort, position = names
    if len(node.arguments) <= position:
        _check_arguments(node, "filter", node.name, operation, node.arguments)
        _check_map_has_something(node)
        return
    inner, table = node.arguments[position], _TABLES[sort]
    if not isinstance(inner, Const) or not isinstance(inner.value, str):
        raise ExpressionError(f"write the name of the {sort} as a text", inner.offset, inner.length, '"name"')
    if inner.value not in table:
        help = _instead(inner.value, sort, table)
        raise ExpressionError(f"there is no {sort} `{inner.value}`", inner.offset, inner.length, help)
    _check_arguments(node, sort, inner.value, table[inner.value], node.arguments[position + 1 :])


def _check_map_has_something(node: Applied) -> None:
    if node.name == "map" and "attribute" not in dict(node.keywords):
        raise ExpressionError("`map` needs a filter or an attribute", node.at, 3, 'map(attribute="…")')


def _check_arguments(node: Applied, sort: str, name: str, operation: Operation, arguments: tuple[Node, ...]) -> None:
    known = operation.parameters
    if len(arguments) > len(known):
        extra = arguments[len(known)]
        raise ExpressionError(
            f"this is one argument more than the {sort} `{name}` takes", extra.offset, extra.length, _listed(known)
        )
    given = set(known[: len(arguments)])
    for keyword, value in node.keywords:
        if keyword not in known or keyword in given:
            why = "is given twice" if keyword in given else "is unknown"
            help = "" if keyword in given else nearest(keyword, known) or _listed(known)
            raise ExpressionError(
                f"the argument `{keyword}` of the {sort} `{name}` {why}", value.offset, value.length, help
            )
        given.add(keyword)
    _nothing_missing(node, sort, name, operation, given)


def _nothing_missing(node: Applied, sort: str, name: str, operation: Operation, given: set[str]) -> None:
    for needed in operation.parameters[: operation.required]:
        if needed not in given:
            raise ExpressionError(
                f"the {sort} `{name}` needs the argument `{needed}`",
                node.at,
                len(node.name),
                _listed(operation.parameters),
            )


def _listed(parameters: tuple[str, ...]) -> str:
    return f"its arguments: {', '.join(parameters)}" if parameters else "it takes none"
