"""Comparisons: which kinds may be equal, which have an order, and what can be in what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.expression.nodes import Const, Listing, Node
from runner.plan.types.findings import at, right_word, sealed
from runner.plan.types.model import (
    BOOLEAN,
    CONTAINER,
    DURATION,
    LIST,
    MAPPING,
    MISSING,
    NULL,
    NUMBER,
    ORDERED,
    SECRET,
    TEXT,
    TIME,
    Type,
    plural,
)
from runner.plan.types.schemas import of_value
from runner.plan.types.spelling import is_number

if TYPE_CHECKING:
    from runner.plan.types.inference import Inference

Typed = tuple[Node, Type]

_EQUAL = frozenset({"eq", "ne"})
_IN = frozenset({"in", "notin"})
_SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">=", "in": "in", "notin": "not in"}


def compared(run: Inference, operator: str, left: Typed, right: Typed) -> None:
    """Complain of a comparison that can't be made, or that can only come out one way."""
    secret = next((node for node, type_ in (left, right) if type_.kinds & SECRET), None)
    if secret is not None:
        run.findings.append(sealed(secret))
    elif operator in _EQUAL:
        _equal(run, left, right)
    elif operator in _IN:
        _contained(run, left, right)
    else:
        _ordered(run, _SIGNS[operator], left, right)


def _equal(run: Inference, left: Typed, right: Typed) -> None:
    if not left[1].known or not right[1].known:
        return
    if not _alike(left[1].kinds) & _alike(right[1].kinds):
        if left[1].kinds != NULL and right[1].kinds != NULL:
            _unlike(run, left, right)
        return
    _words(run, left, right)


def _alike(kinds: int) -> int:
    """Kinds that may be equal to each other: to Python, which compares, true is 1."""
    return kinds | NUMBER | BOOLEAN if kinds & (NUMBER | BOOLEAN) else kinds


def _unlike(run: Inference, left: Typed, right: Typed) -> None:
    """Two kinds that are never equal, told at the constant if there is one."""
    (here, own), (there, other) = _constant_first(left, right)
    kinds = own.without(MISSING).described(), other.without(MISSING).described()
    title = f"{kinds[0]} is never equal to {kinds[1]}"
    run.findings.append(at(here, title, f"{run.source(there)} is {other.explained()}", _towards(here, own, other)))


def _constant_first(left: Typed, right: Typed) -> tuple[Typed, Typed]:
    """The side to point at, which is the constant if there is one, and the other."""
    return (left, right) if isinstance(left[0], Const) and not isinstance(right[0], Const) else (right, left)


def _towards(node: Node, own: Type, other: Type) -> str:
    if isinstance(node, Const) and isinstance(node.value, str):
        if other.kinds & NUMBER and is_number(node.value):
            return f"write it without quotes: {node.value}"
        if other.kinds & BOOLEAN and node.value.lower() in ("true", "false"):
            return f"write it without quotes: {node.value.lower()}"
    if isinstance(node, Const) and isinstance(node.value, int) and other.kinds & TEXT:
        return f'write it in quotes: "{str(node.value).lower()}"'
    kinds = own.kinds | other.kinds
    if kinds & TEXT and kinds & TIME:
        return "turn the text into a time with `time(x)`"
    if kinds & TEXT and kinds & DURATION:
        return "turn the text into a duration with `duration(x)`"
    if kinds & TEXT and kinds & NUMBER:
        return "turn a text into a number with `decimal(x)`"
    return "take its items with `x[0]` or `map`, or its size with `| length`" if kinds & LIST else ""


def _words(run: Inference, left: Typed, right: Typed) -> None:
    """A text that the other side never is."""
    (here, own), (there, other) = _constant_first(left, right)
    if own.words is None or other.words is None or own.words & other.words:
        return
    if (own.kinds | other.kinds) & ~(TEXT | MISSING) or own.kinds & other.kinds & NULL:
        return
    shown = min(own.words, key=lambda word: (not word, word))
    origin = f"not a word of {other.origin}" if other.origin else "none of the texts that it can be"
    run.findings.append(at(here, f'{run.source(there)} is never "{shown}"', origin, right_word(shown, other.words)))


def _contained(run: Inference, left: Typed, right: Typed) -> None:
    (node, value), (there, container) = left, right
    run.needs(there, container, CONTAINER, "in", "write a list: `x in [a, b]`")
    if isinstance(there, Listing):
        for each in there.items:
            if isinstance(each, Const):
                _equal(run, left, (each, of_value(each.value)))
    elif container.kinds == LIST and container.items is not None:
        _contained_item(run, left, there, container)
    elif container.kinds in (TEXT, MAPPING) and value.known and not value.kinds & TEXT:
        what = "a text is looked for in a text" if container.kinds == TEXT else "a mapping's keys are texts"
        label = f"{run.source(node)} is {value.explained()}"
        run.findings.append(at(node, f"{value.described()} is never in {container.described()}", label, what))


def _contained_item(run: Inference, left: Typed, there: Node, container: Type) -> None:
    (node, value), item = left, container.item
    if not (value.known and item.known):
        return
    if _alike(value.kinds) & _alike(item.kinds):
        _words(run, left, (there, item))
    elif value.kinds != NULL:
        label = f"{run.source(there)} is a list of {_items(item)}"
        help = 'look among one field of each: `x in list | map(attribute="…")`' if item.kinds & MAPPING else ""
        run.findings.append(at(node, f"{value.without(MISSING).described()} is never in this list", label, help))


def _items(item: Type) -> str:
    return f"{plural(item.kinds)} ({item.origin})" if item.origin else plural(item.kinds)


def _ordered(run: Inference, sign: str, left: Typed, right: Typed) -> None:
    kinds = [_rank(each[1].kinds) for each in (left, right) if each[1].known]
    if len(kinds) < 2:
        for node, type_ in (left, right):
            run.needs(node, type_, ORDERED, sign)
    elif all(kinds) and not kinds[0] & kinds[1]:
        (here, own), (there, other) = _constant_first(left, right)
        title = f"{own.without(MISSING).described()} can't be compared with {other.without(MISSING).described()}"
        run.findings.append(at(here, title, f"{run.source(there)} is {other.explained()}", _towards(here, own, other)))
    else:
        for node, type_ in (left, right):
            run.needs(node, type_, ORDERED, sign)


def _rank(kinds: int) -> int:
    """Kinds that have an order, integers and decimals the same one."""
    return kinds & ORDERED | (NUMBER if kinds & NUMBER else 0)
