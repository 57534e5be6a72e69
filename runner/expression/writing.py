"""Values as text: simple ones as they stand in a mixed text, containers as JSON, each character paid for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from json.encoder import encode_basestring
from typing import TYPE_CHECKING

from runner.expression.values import DEEPEST, scalar_text, text, too_deep
from runner.expression.work import MOST_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.expression.work import Work


def text_of(value: object, work: Work) -> str:
    """The value as it stands in a mixed text: simple values as such, containers as JSON."""
    if isinstance(value, Mapping | list | tuple):
        return json_text(value, work)
    written = scalar_text(value)
    work.spend(1)
    work.spend_text(len(written))
    return written


def json_text(value: object, work: Work, indent: int | None = None) -> str:
    """The value as JSON text: decimals as exact numbers, times as texts, keys in the sequence they have."""
    pieces: list[str] = []
    _write(value, pieces, _Layout(work, indent), 0)
    return "".join(pieces)


class _Layout:
    """How JSON is laid out, and how long it may still become."""

    __slots__ = ("comma", "indent", "left", "work")

    def __init__(self, work: Work, indent: int | None) -> None:
        self.work = work
        self.indent = indent
        self.comma = ", " if indent is None else ","
        self.left = MOST_TEXT

    def pay(self, characters: int) -> None:
        self.left -= characters
        self.work.spend(3)
        if self.left < 0:
            self.work.spend_text(MOST_TEXT + 1)

    def line(self, depth: int) -> str:
        return "" if self.indent is None else "\n" + " " * (self.indent * depth)


def _write(value: object, pieces: list[str], layout: _Layout, depth: int) -> None:
    if depth > DEEPEST:
        raise too_deep()
    if isinstance(value, Mapping):
        _write_items(_written_keys(value), value.values(), "{}", pieces, layout, depth)
    elif isinstance(value, list | tuple):
        _write_items([""] * len(value), value, "[]", pieces, layout, depth)
    else:
        quoted = isinstance(value, str | datetime | timedelta)
        written = encode_basestring(scalar_text(value)) if quoted else scalar_text(value)
        layout.pay(len(written) + 2)
        pieces.append(written)


def _written_keys(value: Mapping[str, object]) -> list[str]:
    return [f"{encode_basestring(text(key, 'a key'))}: " for key in value]


def _write_items(
    keys: list[str], values: Iterable[object], brackets: str, pieces: list[str], layout: _Layout, depth: int
) -> None:
    pieces.append(brackets[0])
    for position, (key, item) in enumerate(zip(keys, values, strict=True)):
        layout.pay(len(key) + 2 + (layout.indent or 0) * depth)
        pieces.append(f"{layout.comma if position else ''}{layout.line(depth + 1)}{key}")
        _write(item, pieces, layout, depth + 1)
    pieces.append((layout.line(depth) if keys else "") + brackets[1])
