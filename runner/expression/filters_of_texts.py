"""Filters that make a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.expression.lookup import follow, path_of
from runner.expression.values import integer, items_of, text
from runner.expression.writing import json_text, text_of

if TYPE_CHECKING:
    from runner.expression.work import Work

_WIDEST_INDENT = 8


def lower(work: Work, s: object) -> str:
    """The text in small letters."""
    return text_of(s, work).lower()


def upper(work: Work, s: object) -> str:
    """The text in capitals."""
    return text_of(s, work).upper()


def string(work: Work, value: object) -> str:
    """The value's text, as it would stand in a mixed text."""
    return text_of(value, work)


def trim(work: Work, value: object, chars: object = None) -> str:
    """The text without the blanks (or the given characters) at both ends."""
    return text_of(value, work).strip(None if chars is None else text(chars, "chars"))


def replace(work: Work, s: object, old: object, new: object, count: object = None) -> str:
    """The text with ``old`` replaced by ``new``, all or the first ``count`` times."""
    whole, before, after = text_of(s, work), text(old, "old"), text(new, "new")
    times = -1 if count is None else integer(count, "count")
    found = whole.count(before) if times < 0 else min(times, whole.count(before))
    work.spend_text(len(whole) + found * max(0, len(after) - len(before)))
    return whole.replace(before, after, times)


def join(work: Work, value: object, d: object = "", attribute: object = None) -> str:
    """The texts of the items (or of one attribute of each) with ``d`` between them."""
    between = text(d, "d")
    items = items_of(value, work)
    if attribute is not None:
        path = path_of(attribute)
        items = [follow(item, path) for item in items]
    pieces = [item if type(item) is str else text_of(item, work) for item in items]
    work.spend_text(sum(map(len, pieces)) + len(between) * len(pieces))
    return between.join(pieces)


def tojson(work: Work, value: object, indent: object = None) -> str:
    """The value as JSON: decimals as exact numbers, times as ISO texts, keys in the sequence they have."""
    if indent is None:
        return json_text(value, work)
    return json_text(value, work, max(0, min(integer(indent, "indent"), _WIDEST_INDENT)))
