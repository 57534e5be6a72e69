"""A tree moved behind the text that stands before it in a template."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from runner.expression.nodes import Node


def shifted(node: Node, base: int) -> Node:
    """The same tree with ``base`` added to every offset."""
    return node if base == 0 else _moved(node, base)


def _moved(node: Node, base: int) -> Node:
    kind: Any = type(node)
    moved: Node = kind(*(_moved_field(field.name, getattr(node, field.name), base) for field in fields(node)))
    return moved


def _moved_field(name: str, value: Any, base: int) -> Any:
    if name in ("offset", "at"):
        return value + base
    return _moved_value(value, base)


def _moved_value(value: Any, base: int) -> Any:
    if isinstance(value, Node):
        return _moved(value, base)
    if isinstance(value, tuple):
        return tuple(_moved_value(item, base) for item in value)
    return value
