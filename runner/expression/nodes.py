"""The tree of an expression: a small allow-list of node kinds, frozen, plain data.

What isn't here can't be evaluated. Offsets and lengths count characters of the text that was parsed (of the whole
template, for an expression inside one).
"""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import TYPE_CHECKING

from runner.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_NESTING = 64

Constant = str | int | bool | Decimal | None


@frozen
class Node:
    """A part of an expression and the span of text that it was read from."""

    offset: int
    length: int

    @property
    def end(self) -> int:
        """The offset just behind the node."""
        return self.offset + self.length

    # Not those of all plain data: here 1, 1.0 and true are three literals.
    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and _contents(self) == _contents(other)

    def __hash__(self) -> int:
        return hash((type(self), _contents(self)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}{_contents(self)}"


@frozen
class Const(Node):
    """A literal: text, integer, exact decimal, true, false or none."""

    value: Constant


@frozen
class Name(Node):
    """A root name, looked up in the scope."""

    text: str


@frozen
class Attribute(Node):
    """``of.name``: the key ``name`` of a mapping; ``at`` is where the name stands."""

    of: Node
    name: str
    at: int


@frozen
class Item(Node):
    """``of[key]``."""

    of: Node
    key: Node


@frozen
class Slice(Node):
    """``of[start:stop:step]``, each bound optional."""

    of: Node
    start: Node | None
    stop: Node | None
    step: Node | None


@frozen
class Listing(Node):
    """``[a, b]`` or ``(a, b)``; both make a list."""

    items: tuple[Node, ...]


@frozen
class Mapping(Node):
    """``{"key": value}``."""

    pairs: tuple[tuple[Node, Node], ...]


@frozen
class Unary(Node):
    """``-of``, ``+of`` or ``not of``."""

    operator: str
    of: Node


@frozen
class Binary(Node):
    """Arithmetic: ``+ - * / // % **``."""

    operator: str
    left: Node
    right: Node


@frozen
class Compare(Node):
    """``first < second <= third``: each pair is an operator and the operand behind it."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@frozen
class Logic(Node):
    """``left and right``, ``left or right``; the value is one of the operands."""

    operator: str
    left: Node
    right: Node


@frozen
class Choice(Node):
    """``then if condition else otherwise``."""

    condition: Node
    then: Node
    otherwise: Node


@frozen
class Concat(Node):
    """``a ~ b``: texts joined."""

    parts: tuple[Node, ...]


@frozen
class _Applied(Node):
    name: str
    at: int
    arguments: tuple[Node, ...]
    keywords: tuple[tuple[str, Node], ...]


@frozen
class Call(_Applied):
    """A function of the language, called."""


@frozen
class Filter(_Applied):
    """``of | name(arguments)``."""

    of: Node


@frozen
class Test(_Applied):
    """``of is name(arguments)``."""

    of: Node


Applied = Call | Filter | Test


def _contents(node: object) -> tuple[object, ...]:
    values = (getattr(node, field.name) for field in fields(node))  # type: ignore[arg-type]
    return tuple((type(value), value) if isinstance(value, int | Decimal) else value for value in values)


def children(node: Node) -> Iterator[Node]:
    """The nodes right below this one, as far as possible as written."""
    for field in fields(node):
        yield from _nodes_in(getattr(node, field.name))


def _nodes_in(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes_in(item)
