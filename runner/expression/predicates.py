"""The tests behind ``is``: the pure ones of Jinja, under its names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from runner.expression.arithmetic import is_number, modulo
from runner.expression.comparing import COMPARISONS
from runner.expression.values import number
from runner.expression.work import Operation
from runner.expression.writing import text_of

if TYPE_CHECKING:
    from runner.expression.work import Work


def _odd(_: Work, value: object) -> bool:
    return modulo(number(value), 2) == 1


def _even(_: Work, value: object) -> bool:
    return modulo(number(value), 2) == 0


def _divisible(_: Work, value: object, num: object) -> bool:
    return modulo(number(value), number(num)) == 0


def _lower(work: Work, value: object) -> bool:
    return text_of(value, work).islower()


def _upper(work: Work, value: object) -> bool:
    return text_of(value, work).isupper()


def _comparison(name: str) -> Operation:
    compare = COMPARISONS[name]

    def perform(work: Work, value: object, other: object) -> bool:
        return compare(value, other, work)

    return Operation(perform, ("other",), 1)


def _in(work: Work, value: object, seq: object) -> bool:
    return COMPARISONS["in"](value, seq, work)


_EQ, _NE, _LT, _LE, _GT, _GE = (_comparison(name) for name in ("eq", "ne", "lt", "lteq", "gt", "gteq"))
_CONTAINERS = (str, list, tuple, Mapping)

# `defined` of a value that is there: the evaluator answers for one that is missing
TESTS: Mapping[str, Operation] = {
    "boolean": Operation(lambda _, value: isinstance(value, bool)),
    "defined": Operation(lambda *_: True),
    "divisibleby": Operation(_divisible, ("num",), 1),
    "even": Operation(_even),
    "false": Operation(lambda _, value: value is False),
    "in": Operation(_in, ("seq",), 1),
    "integer": Operation(lambda _, value: type(value) is int),
    "iterable": Operation(lambda _, value: isinstance(value, _CONTAINERS)),
    "lower": Operation(_lower),
    "mapping": Operation(lambda _, value: isinstance(value, Mapping)),
    "none": Operation(lambda _, value: value is None),
    "number": Operation(lambda _, value: is_number(value)),
    "odd": Operation(_odd),
    "sequence": Operation(lambda _, value: isinstance(value, _CONTAINERS)),
    "string": Operation(lambda _, value: isinstance(value, str)),
    "true": Operation(lambda _, value: value is True),
    "undefined": Operation(lambda *_: False),
    "upper": Operation(_upper),
    **dict.fromkeys(("==", "eq", "equalto"), _EQ),
    **dict.fromkeys(("!=", "ne"), _NE),
    **dict.fromkeys(("<", "lt", "lessthan"), _LT),
    **dict.fromkeys(("<=", "le"), _LE),
    **dict.fromkeys((">", "gt", "greaterthan"), _GT),
    **dict.fromkeys((">=", "ge"), _GE),
}
