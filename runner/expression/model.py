"""Expressions and templates, parsed: frozen, comparable, kept on disk by the codec."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.expression.references import Reference, references
from runner.frozen import frozen

if TYPE_CHECKING:
    from runner.expression.nodes import Node


@frozen
class Expression:
    """One expression; ``offset`` is where its text begins in the template around it (0 when it stands alone).

    The offsets inside ``tree`` count from the beginning of that template, so an error's place needs no addition.
    """

    text: str
    tree: Node
    offset: int = 0

    def names(self) -> tuple[Reference, ...]:
        """Every root name used, with the constant path that follows it and the place of each part."""
        return tuple(references(self.tree))

    def source(self, node: Node) -> str:
        """The text that a node of this expression was read from."""
        return self.text[node.offset - self.offset : node.end - self.offset]


@frozen
class Template:
    """A text with ``{{ }}`` in it, cut into literal texts and expressions."""

    text: str
    parts: tuple[str | Expression, ...]

    @property
    def whole(self) -> bool:
        """True for one single ``{{ }}`` and nothing else: its value keeps its type."""
        return len(self.parts) == 1

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """The computed parts alone."""
        return tuple(part for part in self.parts if isinstance(part, Expression))
