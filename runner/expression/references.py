"""Which names an expression uses, and the constant path that follows each: ground for every check of names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.expression.nodes import Attribute, Call, Const, Filter, Item, Name, Node, Test, children
from runner.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

_ASKING = frozenset({"default", "d", "defined", "undefined"})


@frozen
class Part:
    """One step of a path and its place; a text is a name or key, an integer an index."""

    key: str | int
    offset: int
    length: int


@frozen
class Reference:
    """A root name with the ``.field`` and ``[constant]`` parts behind it: ``steps.order.result``.

    ``certain`` is False where the expression copes with its absence: ``x is defined``, ``x | default(…)``. ``doubted``
    is False inside ``any(…)``: its author vouches for its fields.
    """

    parts: tuple[Part, ...]
    certain: bool = True
    doubted: bool = True

    @property
    def root(self) -> str:
        """The name that is looked up in the scope."""
        return str(self.parts[0].key)

    @property
    def offset(self) -> int:
        """Where the root name stands."""
        return self.parts[0].offset

    @property
    def text(self) -> str:
        """The path with dots, for a message."""
        return ".".join(str(part.key) for part in self.parts)


def references(node: Node, *, certain: bool = True, doubted: bool = True) -> Iterator[Reference]:
    """Every use of a root name below this node, in the sequence of the tree."""
    parts = _path(node)
    if parts is not None:
        yield Reference(parts, certain, doubted)
        return
    doubted = doubted and not (isinstance(node, Call) and node.name == "any")
    asked = node.of if isinstance(node, (Filter, Test)) and node.name in _ASKING else None
    for child in children(node):
        yield from references(child, certain=child is not asked, doubted=doubted)


def _path(node: Node) -> tuple[Part, ...] | None:
    """The parts of a chain that begins at a name and has constant steps only."""
    if isinstance(node, Name):
        return (Part(node.text, node.offset, len(node.text)),)
    step = _step(node)
    if step is None:
        return None
    of, part = step
    before = _path(of)
    return None if before is None else (*before, part)


def _step(node: Node) -> tuple[Node, Part] | None:
    match node:
        case Attribute(of=of, name=name, at=at):
            return of, Part(name, at, len(name))
        case Item(of=of, key=Const(offset=offset, length=length, value=str() | int() as key)):
            return of, Part(key, offset, length)
    return None
