"""The tree that YAML is read into: plain values with the place of every key and value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from runner.frozen import frozen
from runner.source import Span

if TYPE_CHECKING:
    from decimal import Decimal

Node: TypeAlias = "ScalarNode | ListNode | MapNode"
Plain: TypeAlias = "str | int | Decimal | bool | None"
Start: TypeAlias = "int | tuple[int, ...] | None"


@frozen
class ScalarNode:
    """One value. ``start`` is the column of its first character, or of each one where escapes stand between.

    It is None where the value goes over several lines. ``quoted`` is true for block scalars, too.
    """

    value: Plain
    span: Span
    quoted: bool = False
    start: Start = None

    def plain(self) -> Any:
        """The value alone."""
        return self.value


@frozen
class ListNode:
    """A list."""

    items: tuple[Node, ...]
    span: Span

    def plain(self) -> Any:
        """The values alone, as a list."""
        return [item.plain() for item in self.items]


@frozen
class NodeEntry:
    """One key with its value."""

    key: str
    key_span: Span
    node: Node


@frozen
class MapNode:
    """A mapping, merges carried out, in the sequence in which it was written; no key comes twice."""

    entries: tuple[NodeEntry, ...]
    span: Span

    def plain(self) -> Any:
        """The values alone, as a dict."""
        return {entry.key: entry.node.plain() for entry in self.entries}

    def get(self, key: str) -> Node | None:
        """The value of ``key``, None if there is none."""
        return next((entry.node for entry in self.entries if entry.key == key), None)

    @property
    def first(self) -> Span:
        """Where a missing key is shown: the first key, else the mapping itself."""
        return self.entries[0].key_span if self.entries else self.span


def place(span: Span, start: Start, offset: int, length: int) -> Span:
    """The place of ``length`` characters from ``offset`` on in a scalar, or the whole scalar's if that isn't known."""
    match start:
        case None:
            return span
        case int():
            return Span(span.path, span.line, start + offset, max(length, 1))
    first = start[min(offset, len(start) - 1)]
    last = start[min(offset + max(length, 1), len(start)) - 1]
    return Span(span.path, span.line, first, max(last - first + 1, 1))
