"""Filters that compute with one number, exactly."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import TYPE_CHECKING

from runner.expression.arithmetic import (
    MOST_EXPONENT,
    Number,
    add,
    decimal_from,
    floor_divide,
    modulo,
    multiply,
    negate,
    plain_text,
    subtract,
    whole,
)
from runner.expression.errors import Trouble
from runner.expression.values import integer, number, show

if TYPE_CHECKING:
    from runner.expression.work import Work

_METHODS = {"common": ROUND_HALF_EVEN, "ceil": ROUND_CEILING, "floor": ROUND_FLOOR}
_ABSENT = object()


def absolute(_: Work, value: object) -> Number:
    """The number without its sign."""
    x = number(value)
    return negate(x) if x < 0 else x


def round_(_: Work, value: object, precision: object = 0, method: object = "common") -> Number:
    """Rounded to ``precision`` digits behind the point: half-even (``common``), up or down; integers stay integers."""
    x = number(value)
    digits = integer(precision, "precision")
    if abs(digits) > MOST_EXPONENT:
        raise Trouble(f"precision must be within ±{MOST_EXPONENT}")
    if not isinstance(method, str) or method not in _METHODS:
        raise Trouble(f"method must be common, ceil or floor, not {show(method)}")
    if type(x) is int and digits >= 0:
        return x
    rounded = _quantized(Decimal(x), digits, _METHODS[method])
    return int(rounded) if type(x) is int else rounded


def _quantized(value: Decimal, digits: int, rounding: str) -> Decimal:
    try:
        rounded = value.quantize(Decimal(1).scaleb(-digits), rounding, Context(prec=150))
    except InvalidOperation:
        raise Trouble("the rounded number is out of range") from None
    # a precision before the point leaves an exponent (1.2E+3): write such a number out
    return rounded if digits >= 0 else rounded.quantize(Decimal(1), context=Context(prec=150))


def int_(_: Work, value: object, default: object = _ABSENT, base: object = 10) -> object:
    """The whole part of a number or of a text that spells one; ``default`` for anything else.

    Unlike Jinja, without a ``default`` a text that is no number is an error, not 0.
    """
    try:
        return whole(_whole_part(value, integer(base, "base")))
    except Trouble:
        if default is _ABSENT:
            raise
        return default


def _whole_part(value: object, base: int) -> int:
    if isinstance(value, bool):
        return int(value)
    if not isinstance(value, str):
        return int(number(value))
    digits = value.strip()
    if base == 10:
        return int(number(_spelled(digits)))
    if not 2 <= base <= 36 or len(digits) > 130:
        raise Trouble("base must be between 2 and 36")
    try:
        return int(digits, base)
    except ValueError:
        raise Trouble(f"{show(value)} is no integer of base {base}") from None


def _spelled(digits: str) -> Decimal:
    try:
        return decimal_from(digits)
    except Trouble as trouble:
        raise Trouble(f"{show(digits)}: {trouble.message}", "say what to use instead with `| int(0)`") from None


def dollars(work: Work, value: object) -> str:
    """The amount in dollars with a sign: ``$0.57``; two digits behind the point, more only where they say something."""
    x = number(value)
    digits = plain_text(absolute(work, x))
    units, _, fraction = digits.partition(".")
    return f"{'-' if x < 0 else ''}${units}.{fraction.rstrip('0').ljust(2, '0')}"


def tick(_: Work, value: object, size: object, rounding: object = "nearest") -> Number:
    """The multiple of ``size`` nearest to the number (the even multiple of two equally near), or next down or up."""
    x, step = number(value), number(size)
    if step <= 0:
        raise Trouble(f"size must be above 0, not {show(size)}")
    if not isinstance(rounding, str) or rounding not in ("nearest", "down", "up"):
        raise Trouble(f"rounding must be nearest, down or up, not {show(rounding)}")
    below, rest = floor_divide(x, step), modulo(x, step)
    return multiply(add(below, 1) if _upwards(below, rest, step, rounding) else below, step)


def _upwards(below: Number, rest: Number, step: Number, rounding: str) -> bool:
    if rounding != "nearest":
        return rounding == "up" and rest != 0
    other = subtract(step, rest)
    return rest > other or (rest == other and below % 2 == 1)
