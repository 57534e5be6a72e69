"""Filters that look at a sequence as a whole, or make another of it; always a list, never a generator."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from runner.expression.arithmetic import Number, add
from runner.expression.comparing import ordering
from runner.expression.errors import Absent, Trouble
from runner.expression.lookup import follow, path_of
from runner.expression.values import describe, integer, items_of, number, refuse_secret, truth

if TYPE_CHECKING:
    from runner.expression.work import Work

_COST_OF_SORTING = 1
_LONG = 32


def length(_: Work, value: object) -> int:
    """The number of items, characters or keys."""
    if isinstance(value, str | list | tuple | Mapping):
        return len(value)
    refuse_secret(value)
    raise Trouble(f"{describe(value)} has no length")


def first(_: Work, seq: object) -> object:
    """The first item."""
    return _end(seq, 0)


def last(_: Work, seq: object) -> object:
    """The last item."""
    return _end(seq, -1)


def _end(seq: object, position: int) -> object:
    if isinstance(seq, Mapping):
        seq = list(seq)
    if not isinstance(seq, str | list | tuple):
        raise Trouble(f"{describe(seq)} is not a list")
    if not seq:
        raise Absent("the list is empty, it has no first or last item", "say what to use instead with `| default(…)`")
    return seq[position]


def list_(work: Work, value: object) -> list[object]:
    """The items of a list, the characters of a text, the keys of a mapping."""
    return items_of(value, work)


def reverse(work: Work, value: object) -> object:
    """The items, or the characters of a text, from last to first."""
    if isinstance(value, str):
        work.spend_text(len(value))
        return value[::-1]
    return items_of(value, work)[::-1]


def slice_(work: Work, value: object, slices: object, fill_with: object = None) -> list[list[object]]:
    """The items dealt out in sequence over ``slices`` lists of nearly one length, filled up with ``fill_with``."""
    items, count = items_of(value, work), integer(slices, "slices")
    if count < 1:
        raise Trouble(f"slices must be at least 1, not {count}")
    work.spend(count)
    size, extra = divmod(len(items), count)
    starts = [position * size + min(position, extra) for position in range(count + 1)]
    parts = [items[start:stop] for start, stop in pairwise(starts)]
    short = parts[extra:] if fill_with is not None else []
    for part in short:
        part.append(fill_with)
    return parts


def sort(
    work: Work,
    value: object,
    reverse: object = False,
    case_sensitive: object = False,
    attribute: object = None,
) -> list[object]:
    """The items in order, by their value or by attributes (``"a,b.c"``); texts without regard to case."""
    items = items_of(value, work)
    names = attribute.split(",") if isinstance(attribute, str) else [attribute]
    columns = [_keys(items, name, case_sensitive, work) for name in names]
    keys: list[Any] = list(zip(*columns, strict=True))
    positions = sorted(range(len(items)), key=keys.__getitem__, reverse=truth(reverse))
    return [items[position] for position in positions]


def unique(work: Work, value: object, case_sensitive: object = False, attribute: object = None) -> list[object]:
    """The first of each group of equal items; texts without regard to case."""
    items = items_of(value, work)
    keys = _folded(_attributes(items, attribute, work), case_sensitive, work)
    work.spend(len(items))
    seen: set[object] = set()
    return [item for item, key in zip(items, keys, strict=True) if _is_new(key, seen)]


def _is_new(key: object, seen: set[object]) -> bool:
    refuse_secret(key)
    if isinstance(key, list | tuple | Mapping):
        raise Trouble(f"{describe(key)} is no simple value", "name an `attribute`")
    if key in seen:
        return False
    seen.add(key)
    return True


def minimum(work: Work, value: object, case_sensitive: object = False, attribute: object = None) -> object:
    """The least item."""
    return _extreme(work, value, case_sensitive, attribute, min)


def maximum(work: Work, value: object, case_sensitive: object = False, attribute: object = None) -> object:
    """The greatest item."""
    return _extreme(work, value, case_sensitive, attribute, max)


def _extreme(work: Work, value: object, case_sensitive: object, attribute: object, pick: Any) -> object:
    items = items_of(value, work)
    if not items:
        raise Absent("the list is empty, it has no least or greatest item", "say what to use with `| default(…)`")
    keys: list[Any] = _keys(items, attribute, case_sensitive, work)
    return items[pick(range(len(items)), key=keys.__getitem__)]


def sum_(work: Work, iterable: object, attribute: object = None, start: object = 0) -> Number:
    """The exact sum of the numbers (or of one attribute of each), beginning at ``start``."""
    total = number(start)
    for value in _attributes(items_of(iterable, work), attribute, work):
        total = add(total, number(value))
    return total


def _attributes(items: list[object], attribute: object, work: Work) -> list[object]:
    work.spend(len(items))
    if attribute is None:
        return items
    path = path_of(attribute)
    return [follow(item, path) for item in items]


def _folded(keys: list[object], case_sensitive: object, work: Work) -> list[object]:
    if truth(case_sensitive):
        return keys
    for key in keys:
        if isinstance(key, str) and len(key) > _LONG:
            work.spend_text(len(key))
    return [key.lower() if isinstance(key, str) else key for key in keys]


def _keys(items: list[object], attribute: object, case_sensitive: object, work: Work) -> list[object]:
    """What the items are ordered by: one kind of value, for each item."""
    work.spend(_COST_OF_SORTING * len(items))
    keys = _folded(_attributes(items, attribute, work), case_sensitive, work)
    for key in keys:
        ordering(keys[0], key)
    return keys
