"""The values an expression works on: their kinds, how a message shows them, what counts as true.

A value is plain JSON-like data: mapping, list, text, integer, boolean, null, ``Decimal``, aware ``datetime``,
``timedelta`` or ``Secret``. A binary float in it is a mistake of this program, not of a playbook: ``TypeError``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from json.encoder import encode_basestring
from typing import TYPE_CHECKING

from runner.expression.arithmetic import Number, bounded, plain_text
from runner.expression.errors import Trouble
from runner.redact import MASK, Secret

if TYPE_CHECKING:
    from runner.expression.work import Work

DEEPEST = 64
_SHOWN = 60


def kind_of(value: object) -> str:
    """What a message calls this value: ``a text``, ``a number``.

    Raises:
        TypeError: the value is none that this program hands to expressions.
    """
    for types, name in _KINDS:
        if isinstance(value, types):
            return name
    raise TypeError(f"a {type(value).__name__} came into an expression")


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (str, "a text"),
    (bool, "a boolean"),
    ((int, Decimal), "a number"),
    (type(None), "null"),
    (Mapping, "a mapping"),
    ((list, tuple), "a list"),
    (Secret, "a secret"),
    (datetime, "a time"),
    (timedelta, "a duration"),
)


def show(value: object) -> str:
    """The value for a message, in at most some 60 characters; a secret is ``****``."""
    match value:
        case Secret():
            return MASK
        case str():
            return encode_basestring(value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…")
        case Mapping():
            return f"{{… {len(value)} fields}}" if len(value) > 3 else _show_mapping(value)
        case list() | tuple():
            return f"[… {len(value)} items]" if len(value) > 5 else _show_list(value)
    return scalar_text(value)


def describe(value: object) -> str:
    """The value with its kind: ``the text "a"``, ``a list [1, 2]``, ``null``."""
    if isinstance(value, str | bool | int | Decimal | datetime | timedelta):
        return f"the {kind_of(value).split()[1]} {show(value)}"
    return show(value) if value is None else f"{kind_of(value)} {show(value)}"


def _show_list(value: list[object] | tuple[object, ...]) -> str:
    text = f"[{', '.join(_show_inner(item) for item in value)}]"
    return text if len(text) <= _SHOWN else f"[… {len(value)} items]"


def _show_mapping(value: Mapping[str, object]) -> str:
    text = ", ".join(f"{encode_basestring(str(key))}: {_show_inner(item)}" for key, item in value.items())
    return f"{{{text}}}" if len(text) <= _SHOWN - 2 else f"{{… {len(value)} fields}}"


def _show_inner(value: object) -> str:
    if isinstance(value, Mapping):
        return "{…}" if value else "{}"
    if isinstance(value, list | tuple):
        return "[…]" if value else "[]"
    return show(value)


def number(value: object) -> Number:
    """The value as a number to compute with.

    Raises:
        Trouble: it is none, or too large.
    """
    if type(value) is int or type(value) is Decimal:
        return bounded(value)
    refuse_secret(value)
    raise Trouble(f"{describe(value)} is not a number", _towards_number(value))


def _towards_number(value: object) -> str:
    return "turn a text into a number with `decimal(x)`" if isinstance(value, str) else ""


def integer(value: object, what: str) -> int:
    """The value as an integer, for an argument called ``what``."""
    if type(value) is int:
        return value
    raise Trouble(f"{what} must be an integer, not {show(value)}")


def text(value: object, what: str) -> str:
    """The value as a text, for an argument called ``what``."""
    if isinstance(value, str):
        return value
    raise Trouble(f"{what} must be a text, not {show(value)}")


def truth(value: object) -> bool:
    """Whether ``if`` and ``and`` take the value as true: not false, null, zero or empty."""
    if isinstance(value, Secret):
        raise _sealed()
    if isinstance(value, float):
        kind_of(value)
    return bool(value)


def refuse_secret(value: object) -> None:
    """Raise for a secret: only whole, or in a text around it, may one be used."""
    if isinstance(value, Secret):
        raise _sealed()


def _sealed() -> Trouble:
    return Trouble("a secret can't be computed with", 'use it whole, or as "text {{ around }} it"')


def scalar_text(value: object) -> str:
    """The text of a simple value: ``true``, ``null``, ``0.57``, ``2026-01-02T03:04:05Z``, seconds as ``90s``."""
    match value:
        case str():
            return value
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return plain_text(value)
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case timedelta():
            return f"{plain_text((Decimal(value // timedelta(microseconds=1)) / 10**6).normalize())}s"
    refuse_secret(value)
    raise Trouble(f"{kind_of(value)} has no text")


def items_of(value: object, work: Work) -> list[object]:
    """What a filter over a sequence goes through: a list's items, a text's characters, a mapping's keys."""
    if not isinstance(value, list | tuple | str | Mapping):
        refuse_secret(value)
        raise Trouble(f"{describe(value)} is not a list")
    work.spend(len(value) // 8)
    return list(value)


def too_deep() -> Trouble:
    """The trouble with a value of too many levels."""
    return Trouble(f"the value is nested more than {DEEPEST} levels deep", "pick the part you need")
