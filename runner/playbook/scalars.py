"""What an unquoted word of YAML means: the core scalars of YAML 1.2, with exact numbers, and nothing else.

``yes``, ``12:30``, ``2026-01-02``, ``017`` and ``1_000`` are texts here, whatever older readers made of them.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.playbook.nodes import Plain

MOST_DIGITS = 38
LARGEST_EXPONENT = 30

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER_STARTS = frozenset("+-.0123456789")
_BASED = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+")
_DECIMAL = re.compile(
    r"[-+]?(?P<digits>(?:0|[1-9][0-9]*)(?P<fraction>\.[0-9]*)?|(?P<bare>\.[0-9]+))(?:[eE](?P<exponent>[-+]?[0-9]+))?"
)
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


class BadNumber(Exception):
    """A number that is refused; ``title`` says why, ``help`` what to write."""

    def __init__(self, title: str, help: str) -> None:
        super().__init__(title)
        self.title = title
        self.help = help


def resolve(text: str) -> Plain:
    """The value of an unquoted scalar.

    Raises BadNumber for infinities, for more than 38 digits and for exponents beyond ±30.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if _NOT_FINITE.fullmatch(text):
        raise BadNumber(f"`{text}` is not a number that can be used", "write a finite number, or a text in quotes")
    if _BASED.fullmatch(text):
        return _bounded(text)
    match = _DECIMAL.fullmatch(text)
    return text if match is None else _number(text, match)


def resolve_as(kind: str, text: str) -> Plain:
    """The value of a scalar with a tag: ``int``, ``float``, ``bool`` or ``null``; raises BadNumber if it is none."""
    value = resolve(text)
    match kind, value:
        case ("int", bool()) | ("float", bool()):
            pass
        case ("int", int()) | ("bool", bool()) | ("null", None) | ("float", Decimal()):
            return value
        case ("float", int()):
            return Decimal(value)
    raise BadNumber(f"`{text}` is no {kind}", "remove the tag")


def _bounded(text: str) -> int:
    number = int(text[2:], 16 if text[1] == "x" else 8)
    if number >= 10**MOST_DIGITS:
        raise _too_long()
    return number


def _number(text: str, match: re.Match[str]) -> int | Decimal:
    if sum(each.isdigit() for each in match["digits"]) > MOST_DIGITS:
        raise _too_long()
    exponent = match["exponent"]
    if exponent is None and match["fraction"] is None and match["bare"] is None:
        return int(text)
    if exponent is not None and not _within(exponent):
        raise BadNumber(
            f"an exponent goes from -{LARGEST_EXPONENT} to {LARGEST_EXPONENT}", "put quotes around it if it is a text"
        )
    return Decimal(text)


def _within(exponent: str) -> bool:
    digits = exponent.lstrip("+-0")
    return len(digits) <= len(str(LARGEST_EXPONENT)) and int(digits or "0") <= LARGEST_EXPONENT


def _too_long() -> BadNumber:
    return BadNumber(f"a number has at most {MOST_DIGITS} digits", "put quotes around it if it is a text")
