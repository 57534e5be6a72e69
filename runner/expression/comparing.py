"""Comparisons: equality of anything with anything, an order only among numbers, texts, times and durations."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from runner.expression.arithmetic import bounded
from runner.expression.copying import weigh
from runner.expression.errors import Trouble
from runner.expression.values import describe, kind_of, refuse_secret, text

if TYPE_CHECKING:
    from runner.expression.work import Work

_ORDERED: dict[type, str] = {int: "number", Decimal: "number", str: "text", datetime: "time", timedelta: "duration"}


def equal(left: object, right: object, work: Work) -> bool:
    """``left == right``: exact between integers and decimals, false between unlike kinds."""
    for value in (left, right):
        _prepare(value, work)
    return bool(left == right)


def contains(container: object, value: object, work: Work) -> bool:
    """``value in container``: an item of a list, a key of a mapping, a part of a text."""
    _prepare(value, work)
    _prepare(container, work)
    match container:
        case str():
            return text(value, "what is looked for in a text") in container
        case Mapping():
            return isinstance(value, str) and value in container
        case list() | tuple():
            return value in container
    raise Trouble(f"nothing can be in {describe(container)}")


def ordering(left: object, right: object) -> str:
    """The kind that both values have, one that has an order.

    Raises:
        Trouble: they differ in kind, or have no order.
    """
    one, other = _ORDERED.get(type(left)), _ORDERED.get(type(right))
    if one is None or one != other:
        refuse_secret(left)
        refuse_secret(right)
        raise Trouble(f"{describe(left)} can't be compared with {describe(right)}", _towards_comparison(one, other))
    return one


def _towards_comparison(one: str | None, other: str | None) -> str:
    pair = {one, other}
    if pair == {"number", "text"}:
        return "turn the text into a number with `decimal(x)`"
    if pair == {"time", "text"}:
        return "turn the text into a time with `time(x)`"
    return "only numbers, texts, times and durations have an order"


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[object, object, Work], bool]:
    def perform(left: object, right: object, work: Work) -> bool:
        if ordering(left, right) == "text":
            work.spend_text(len(left))  # type: ignore[arg-type]
        return bool(compare(left, right))

    return perform


def _prepare(value: object, work: Work) -> None:
    if isinstance(value, str):
        work.spend_text(len(value))
    elif type(value) is int or type(value) is Decimal:
        bounded(value)
    elif value is not None and type(value) is not bool:
        kind_of(value)
        weigh(value, work)


COMPARISONS: dict[str, Callable[[object, object, Work], bool]] = {
    "eq": equal,
    "ne": lambda left, right, work: not equal(left, right, work),
    "lt": _ordered(operator.lt),
    "lteq": _ordered(operator.le),
    "gt": _ordered(operator.gt),
    "gteq": _ordered(operator.ge),
    "in": lambda left, right, work: contains(right, left, work),
    "notin": lambda left, right, work: not contains(right, left, work),
}
