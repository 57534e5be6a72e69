"""All filters of the language in one table; what isn't here can't be called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.expression import filters_of_lists as lists
from runner.expression import filters_of_numbers as numbers
from runner.expression import filters_of_texts as texts
from runner.expression import picking
from runner.expression.jsonpath import jsonpath
from runner.expression.values import truth
from runner.expression.work import Operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.expression.work import Work


def default(_: Work, value: object, default_value: object = "", boolean: object = False) -> object:
    """The value, or ``default_value`` for a false one if ``boolean`` says so; the evaluator sees to missing ones."""
    return default_value if truth(boolean) and not truth(value) else value


_DEFAULT = Operation(default, ("default_value", "boolean"))
_LENGTH = Operation(lists.length)
_BY = ("case_sensitive", "attribute")

FILTERS: Mapping[str, Operation] = {
    "abs": Operation(numbers.absolute),
    "count": _LENGTH,
    "d": _DEFAULT,
    "default": _DEFAULT,
    "dollars": Operation(numbers.dollars, cost=4),
    "first": Operation(lists.first),
    "int": Operation(numbers.int_, ("default", "base"), cost=8),
    "join": Operation(texts.join, ("d", "attribute")),
    "jsonpath": Operation(jsonpath, ("path",), 1, cost=10),
    "last": Operation(lists.last),
    "length": _LENGTH,
    "list": Operation(lists.list_, cost=2),
    "lower": Operation(texts.lower),
    "map": Operation(picking.map_, ("attribute", "default"), names=("filter", 0)),
    "max": Operation(lists.maximum, _BY),
    "min": Operation(lists.minimum, _BY),
    "reject": Operation(picking.reject, names=("test", 0)),
    "rejectattr": Operation(picking.rejectattr, ("attr",), 1, ("test", 1)),
    "replace": Operation(texts.replace, ("old", "new", "count"), 2, cost=2),
    "reverse": Operation(lists.reverse),
    "round": Operation(numbers.round_, ("precision", "method"), cost=4),
    "select": Operation(picking.select, names=("test", 0)),
    "selectattr": Operation(picking.selectattr, ("attr",), 1, ("test", 1)),
    "slice": Operation(lists.slice_, ("slices", "fill_with"), 1),
    "sort": Operation(lists.sort, ("reverse", *_BY)),
    "string": Operation(texts.string),
    "sum": Operation(lists.sum_, ("attribute", "start")),
    "tick": Operation(numbers.tick, ("size", "rounding"), 1, cost=8),
    "tojson": Operation(texts.tojson, ("indent",)),
    "trim": Operation(texts.trim, ("chars",)),
    "unique": Operation(lists.unique, _BY),
    "upper": Operation(texts.upper),
}
