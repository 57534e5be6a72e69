"""A playbook as plain JSON data, so that one that is remembered needs neither YAML nor its checks.

Every value but the plainest is a list that begins with its kind: ``["Span", 5, 3, 4]``. The path that people know the
file by is not kept, since the same text may lie elsewhere the next time; nor are the trees of expressions, which
whoever reads looks up by their texts; nor the playbooks that it includes, each of which is a text of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from runner.expression import Expression, Template
from runner.playbook import model
from runner.source import Source, Span

if TYPE_CHECKING:
    from runner.playbook.parts import Kind

    Parse = Callable[[Kind, str], Expression | Template | str]

_KINDS = (
    model.Playbook, model.Step, model.CleanupStep, model.Expectation, model.Defaults, model.Loop, model.Repeat,
    model.Retry, model.Limits, model.DayLimits, model.NameLimit, model.Limit, model.Input, model.Named, model.Duration,
    model.Code, model.MapValue, model.Entry, model.ListValue, model.Scalar, model.Text,
)  # fmt: skip
_FIELDS = {kind: tuple(each.name for each in fields(kind) if each.name != "included") for kind in _KINDS}


def to_plain(playbook: model.Playbook) -> Any:
    """JSON data that ``from_plain`` reads back."""
    return _encode(playbook)


def from_plain(plain: Any, source: Source, parse: Parse) -> model.Playbook:
    """The playbook that ``to_plain`` was given, as read from ``source``; ``parse`` knows its expressions.

    Raises:
        ValueError: this isn't data that ``to_plain`` wrote.
    """
    makers: dict[str, Callable[..., object]] = {
        **{kind.__name__: kind for kind in _KINDS},
        "Source": lambda: source,
        "Span": partial(Span, source.path),
        "Expression": partial(parse, "expression"),
        "Template": partial(parse, "template"),
        "Decimal": Decimal,
        "tuple": lambda *items: items,
        "list": lambda *items: list(items),
        "dict": lambda *pairs: dict(pairs),
    }

    def decode(each: Any) -> Any:
        return makers[each[0]](*map(decode, each[1:])) if type(each) is list else each

    try:
        playbook = decode(plain)
    except (LookupError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise ValueError("not a remembered playbook") from error
    if not isinstance(playbook, model.Playbook):
        raise ValueError("not a remembered playbook")
    return playbook


def _encode(value: Any) -> Any:
    match value:
        case None | str() | bool() | int():
            return value
        case Span():
            return ["Span", value.line, value.column, value.length]
        case Source():
            return ["Source"]
        case Expression() | Template():
            return [type(value).__name__, value.text]
        case Decimal():
            return ["Decimal", str(value)]
        case dict():
            return ["dict", *map(_encode, value.items())]
        case tuple() | list():
            return [type(value).__name__, *map(_encode, value)]
    return [type(value).__name__, *(_encode(getattr(value, name)) for name in _FIELDS[type(value)])]
