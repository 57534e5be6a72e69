"""Trees as CSV: a line of names, then a line for each tree, with camelCase names as everywhere on the wire."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from runner.sandbox.gateway.wire import Tree, camel


def csv_text(trees: Sequence[Tree]) -> str:
    """The plain members of trees that all have the same ones; lists and messages are left out."""
    names = [name for name, value in trees[0].items() if _plain(value)] if trees else []
    return csv_lines([[camel(name) for name in names], *([tree[name] for name in names] for tree in trees)])


def csv_lines(rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV text; a null is an empty cell, a boolean a lower-case word."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _plain(value: object) -> bool:
    return value is None or isinstance(value, (str, int, float))


def _cell(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else value
