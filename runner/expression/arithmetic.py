"""Exact arithmetic over integers and decimals: nothing here ever makes a binary float or rounds unasked.

Integers stay integers; anything with a fraction is a ``Decimal``. ``/`` alone rounds, half-even at 28 digits. ``//``
and ``%`` go by one rule for both kinds, Python's for integers: towards minus infinity, the remainder has the sign of
the divisor. A result that would need more than 38 digits is refused.
"""

from __future__ import annotations

import re
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    Underflow,
)
from typing import TYPE_CHECKING

from runner.expression.errors import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable

Number = int | Decimal

MOST_DIGITS = 38
MOST_EXPONENT = 30
_LARGEST = 10**MOST_DIGITS
_RANGE = 99
_STEEPEST_POWER = 1_000
_DECIMAL_TEXT = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,18})?")

_TRAPS = [InvalidOperation, DivisionByZero, Overflow, Underflow]
EXACT = Context(prec=MOST_DIGITS, rounding=ROUND_HALF_EVEN, Emin=-_RANGE, Emax=_RANGE, traps=[*_TRAPS, Inexact])
_QUOTIENT = Context(prec=28, rounding=ROUND_HALF_EVEN, Emin=-_RANGE, Emax=_RANGE, traps=_TRAPS)


def is_number(value: object) -> bool:
    """True for an integer or a decimal; a boolean is none."""
    return type(value) is int or type(value) is Decimal


def bounded(value: Number) -> Number:
    """The number itself.

    Raises:
        Trouble: it is too large (or too small a fraction) to compute with.
    """
    if type(value) is int:
        return whole(value)
    if isinstance(value, Decimal) and (not value.is_finite() or abs(value.adjusted()) > _RANGE):
        raise Trouble("the number is out of range")
    return value


def whole(value: int) -> int:
    """The integer itself, if it has at most 38 digits."""
    if -_LARGEST < value < _LARGEST:
        return value
    raise Trouble(f"the number has more than {MOST_DIGITS} digits")


def decimal_from(text: str) -> Decimal:
    """The decimal that a text spells: at most 38 digits, exponent within ±30.

    Raises:
        Trouble: it spells none, or one outside the bounds.
    """
    if len(text) > 100 or not _DECIMAL_TEXT.fullmatch(text):
        raise Trouble("the text is not a number" if len(text) <= 100 else "the number is too long")
    value = Decimal(text)
    _, digits, exponent = value.as_tuple()
    if len(digits) > MOST_DIGITS or not isinstance(exponent, int) or abs(exponent) > MOST_EXPONENT:
        raise Trouble(f"a number has at most {MOST_DIGITS} digits and an exponent within ±{MOST_EXPONENT}")
    return value


def add(left: Number, right: Number) -> Number:
    """``left + right``."""
    if type(left) is int and type(right) is int:
        return whole(left + right)
    return _exactly(EXACT.add, left, right)


def subtract(left: Number, right: Number) -> Number:
    """``left - right``."""
    if type(left) is int and type(right) is int:
        return whole(left - right)
    return _exactly(EXACT.subtract, left, right)


def multiply(left: Number, right: Number) -> Number:
    """``left * right``."""
    if type(left) is int and type(right) is int:
        return whole(left * right)
    return _exactly(EXACT.multiply, left, right)


def divide(left: Number, right: Number) -> Decimal:
    """``left / right`` as a decimal of at most 28 digits, rounded half-even."""
    _not_zero(right)
    return _exactly(_QUOTIENT.divide, left, right)


def floor_divide(left: Number, right: Number) -> Number:
    """``left // right``, towards minus infinity."""
    _not_zero(right)
    if type(left) is int and type(right) is int:
        return left // right
    quotient = _exactly(EXACT.divide_int, left, right)
    rest = _exactly(EXACT.remainder, left, right)
    return _exactly(EXACT.subtract, quotient, 1) if rest and (rest < 0) != (right < 0) else quotient


def modulo(left: Number, right: Number) -> Number:
    """``left % right``; the result has the sign of ``right``."""
    _not_zero(right)
    if type(left) is int and type(right) is int:
        return left % right
    rest = _exactly(EXACT.remainder, left, right)
    return _exactly(EXACT.add, rest, right) if rest and (rest < 0) != (right < 0) else rest


def power(base: Number, exponent: Number) -> Number:
    """``base ** exponent`` for a whole exponent within ±1,000; a negative one divides."""
    if exponent != int(exponent):
        raise Trouble("the exponent of `**` must be a whole number")
    times = int(exponent)
    if abs(times) > _STEEPEST_POWER:
        raise Trouble(f"the exponent of `**` is at most {_STEEPEST_POWER:,}")
    if times < 0:
        return divide(1, power(base, -times))
    return _repeated(base, times)


def negate(value: Number) -> Number:
    """``-value``."""
    return -value if type(value) is int else _exactly(EXACT.subtract, 0, value)


def plain_text(value: Number) -> str:
    """The number's digits without an exponent: ``100``, ``0.57``."""
    bounded(value)
    return str(value) if type(value) is int else format(value, "f")


def _repeated(base: Number, times: int) -> Number:
    # step by step, so that a huge integer is refused before it is made
    result: Number = 1
    for _ in range(times):
        result = multiply(result, base)
    return result


def _not_zero(divisor: Number) -> None:
    if not divisor:
        raise Trouble("division by zero")


def _exactly(operation: Callable[[Number, Number], Decimal], left: Number, right: Number) -> Decimal:
    try:
        return operation(left, right)
    except Inexact:
        raise Trouble(
            f"the exact result has more than {MOST_DIGITS} digits", "round the parts first, as in `x | round(10)`"
        ) from None
    except ArithmeticError:
        raise Trouble("the result is out of range") from None
