"""``+ - * / // % **``, signs and slices over values: which kinds go together, and what they make."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from runner.expression import arithmetic
from runner.expression.arithmetic import is_number
from runner.expression.errors import Trouble
from runner.expression.values import describe, kind_of, number, refuse_secret, show

if TYPE_CHECKING:
    from runner.expression.work import Work

_ARITHMETIC: dict[str, Callable[[Any, Any], object]] = {
    "+": arithmetic.add,
    "-": arithmetic.subtract,
    "*": arithmetic.multiply,
    "/": arithmetic.divide,
    "//": arithmetic.floor_divide,
    "%": arithmetic.modulo,
    "**": arithmetic.power,
}


def computed(operator: str, left: object, right: object, work: Work) -> object:
    """The value of ``left operator right``.

    Raises:
        Trouble: the operator doesn't go with these kinds, or the result is out of bounds.
    """
    if is_number(left) and is_number(right):
        return _ARITHMETIC[operator](number(left), number(right))
    return _other_sum(operator, left, right, work)


def signed(operator: str, value: object) -> object:
    """``-value`` or ``+value``, of a number or a duration."""
    if isinstance(value, timedelta):
        return -value if operator == "-" else value
    return arithmetic.negate(number(value)) if operator == "-" else number(value)


def cut(of: object, bounds: list[Any], work: Work) -> object:
    """``of[start:stop:step]`` of a list or a text."""
    refuse_secret(of)
    if not isinstance(of, str | list | tuple):
        raise Trouble(f"{describe(of)} can't be cut, only a list or a text can")
    for bound in bounds:
        if bound is not None and type(bound) is not int:
            raise Trouble(f"{show(bound)} is no bound of a slice: write an integer")
    if bounds[2] == 0:
        raise Trouble("the step of a slice can't be 0")
    work.spend(1 + len(of) // 16)
    return of[slice(*bounds)]


def _other_sum(operator: str, left: Any, right: Any, work: Work) -> object:
    """``+`` of two texts or lists, ``+`` and ``-`` of times and durations."""
    for value in (left, right):
        refuse_secret(value)
    if isinstance(left, datetime | timedelta) and isinstance(right, datetime | timedelta):
        return _moved_time(operator, left, right)
    if operator == "+" and isinstance(left, str) and isinstance(right, str):
        work.spend_text(len(left) + len(right))
        return left + right
    if operator == "+" and isinstance(left, list | tuple) and isinstance(right, list | tuple):
        work.spend(len(left) + len(right))
        return [*left, *right]
    help = "join texts with `~`" if operator == "+" and str in (type(left), type(right)) else ""
    raise Trouble(f"`{operator}` can't be computed of {describe(left)} and {describe(right)}", help)


def _moved_time(operator: str, left: Any, right: Any) -> object:
    try:
        if operator == "+":
            return left + right
        if operator == "-":
            return left - right
    except (TypeError, OverflowError):
        pass
    raise Trouble(f"`{operator}` can't be computed of {kind_of(left)} and {kind_of(right)}")
