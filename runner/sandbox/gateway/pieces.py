"""JSON that is kept: an order is written once and then copied until it changes.

A participant may have ten thousand open orders and ask for all of them again and again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from runner.sandbox.gateway.dialect import Dialect
from runner.sandbox.gateway.wire import Tree

_Shown = TypeVar("_Shown")
_MOST = 50_000


class Scribe:
    """Writes values that are frozen: the same value is the same text."""

    __slots__ = ("_dialect", "_kept")

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._kept: dict[str, tuple[object, bytes]] = {}

    def write(self, name: str, value: _Shown, tree: Callable[[_Shown], Tree]) -> bytes:
        """A value as JSON; ``name`` is what stays the same while the value is replaced by its successors."""
        kept = self._kept.get(name)
        if kept is not None and kept[0] is value:
            return kept[1]
        if len(self._kept) >= _MOST:
            self._kept.clear()
        piece = self._dialect.encode(tree(value))
        self._kept[name] = (value, piece)
        return piece
