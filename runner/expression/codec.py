"""Parsed expressions and templates as plain JSON data, so that a remembered one needs no parser.

A node is ``{"Kind": [fields]}``, a decimal ``{"decimal": "0.57"}``; the round trip is exact.
"""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal

from runner.expression import nodes
from runner.expression.model import Expression, Template

_KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        Expression, Template, nodes.Const, nodes.Name, nodes.Attribute, nodes.Item, nodes.Slice, nodes.Listing,
        nodes.Mapping, nodes.Unary, nodes.Binary, nodes.Compare, nodes.Logic, nodes.Choice, nodes.Concat,
        nodes.Call, nodes.Filter, nodes.Test,
    )
}  # fmt: skip


def to_plain(parsed: Expression | Template) -> object:
    """JSON data (dicts, lists, texts, integers, booleans, null) that ``from_plain`` reads back."""
    return _encode(parsed)


def from_plain(plain: object) -> Expression | Template:
    """What ``to_plain`` was given.

    Raises:
        ValueError: this isn't data that ``to_plain`` wrote.
    """
    try:
        parsed = _decode(plain)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise ValueError("not a remembered expression or template") from error
    if not isinstance(parsed, Expression | Template):
        raise ValueError("not a remembered expression or template")
    return parsed


def _encode(value: object) -> object:
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, nodes.Node | Expression | Template):
        return {type(value).__name__: [_encode(getattr(value, field.name)) for field in fields(value)]}
    return value


def _decode(plain: object) -> object:
    if isinstance(plain, list):
        return tuple(_decode(item) for item in plain)
    if not isinstance(plain, dict):
        return plain
    [(kind, content)] = plain.items()
    if kind == "decimal":
        return Decimal(content)
    return _KINDS[kind](*(_decode(item) for item in content))
