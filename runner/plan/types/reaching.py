"""Fields of mappings and items of lists: ``x.field``, ``x["field"]``, ``x[0]``, and the dotted paths of filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.expression.nodes import Attribute, Const, Item, Node
from runner.plan.types.findings import Finding, at, listed, maybe_absent, maybe_null, suggestion
from runner.plan.types.model import (
    ABSENT,
    ANY_TEXT,
    INTEGER,
    LIST,
    MAPPING,
    MISSING,
    SECRET,
    TEXT,
    UNKNOWN,
    Type,
    either,
    field_of,
)

if TYPE_CHECKING:
    from runner.plan.types.inference import Inference

_FILTERS_OF = {"length": "| length", "size": "| length", "count": "| length", "upper": "| upper", "lower": "| lower"}


def field(run: Inference, node: Attribute | Item, of: Type, name: str, offset: int, length: int) -> Type:
    """The type of a field that stands at a place of the text; said what is wrong if there can't be one."""
    if not of.known:
        return UNKNOWN
    source = run.source(node.of)
    if not of.kinds & MAPPING:
        run.findings.append(no_fields(of, name, source, offset, length))
        return UNKNOWN
    if of.kinds & MISSING and run.forgiven is not node:
        run.findings.append(maybe_null(node.of, source, of, f"null has no field `{name}`"))
    found = field_of(of, name)
    if found.kinds == ABSENT:
        run.findings.append(no_such_field(of, name, source, offset, length))
        return UNKNOWN
    if not found.kinds & ABSENT or run.forgiven is node:
        return found
    if name in (of.fields or {}):
        run.findings.append(maybe_absent(offset, length, run.source(node), found))
    else:
        run.findings.append(not_in_default(of, name, run.source(node), found.origin, offset, length))
    return found.without(ABSENT)


def no_such_field(of: Type, name: str, source: str, offset: int, length: int) -> Finding:
    """A mapping is known to have other fields only."""
    label = f"not in {of.origin}" if of.origin else ""
    return Finding(offset, length, f"{source} has no field `{name}`", label, suggestion(name, of.fields or {}))


def not_in_default(of: Type, name: str, source: str, origin: str, offset: int, length: int) -> Finding:
    """A mapping may have fields that nothing is known of, but nothing says that it has this one."""
    help = suggestion(name, of.fields or {})
    return Finding(offset, length, f"{source} may be absent", f"not in {origin}" if origin else "", help)


def no_fields(of: Type, name: str, source: str, offset: int, length: int) -> Finding:
    """The value is none that has fields."""
    what = of.without(MISSING).described()
    label = f"{source} is {of.explained()}" if of.origin else ""
    help = ""
    if of.kinds & LIST:
        inside = source.strip("`")
        help = f'write `{inside}[0].{name}`, or `{inside} | map(attribute="{name}")`'
    elif name in _FILTERS_OF:
        help = f"write `{_FILTERS_OF[name]}`"
    return Finding(offset, length, f"{source} is {what}, it has no field `{name}`", label, help)


def item(run: Inference, node: Item, of: Type, index: Type) -> Type:
    """The type of ``of[index]`` for an index that is no constant text."""
    if not of.known:
        return UNKNOWN
    source, key = run.source(node.of), node.key
    if of.kinds & SECRET:
        run.needs(node.of, of, LIST | MAPPING | TEXT, "[]")
    elif not of.kinds & (LIST | MAPPING | TEXT):
        run.findings.append(at(key, f"{source} is {of.described()}, it has no items", of.origin))
    elif of.kinds & MISSING and run.forgiven is not node:
        run.findings.append(maybe_null(node.of, source, of, "null has no items"))
    elif index.known and not index.kinds & _keys_of(of):
        wanted = "an index is an integer" if of.kinds & (LIST | TEXT) else listed(of.fields or {})
        run.findings.append(
            at(key, f"{index.described()} is no key of {source}", f"{source} is {of.explained()}", wanted)
        )
    return _item_type(of, isinstance(key, Const))


def _keys_of(of: Type) -> int:
    return (INTEGER if of.kinds & (LIST | TEXT) else 0) | (TEXT if of.kinds & MAPPING else 0)


def _item_type(of: Type, named: bool) -> Type:
    """The type of an item; who names one by its number knows that it is no gap."""
    if of.kinds & MAPPING:
        return UNKNOWN
    found = [
        *([(of.items if named else None) or of.item] if of.kinds & LIST else []),
        *([ANY_TEXT] if of.kinds & TEXT else []),
    ]
    return UNKNOWN if not found else found[0] if len(found) == 1 else either(*found)


def follow(run: Inference, node: Node, of: Type, path: str, start: int = 0) -> Type:
    """The type that a filter's dotted path leads to, inside an item; ``start`` counts into the text of the constant."""
    exact = isinstance(node, Const) and isinstance(node.value, str) and node.length == len(node.value) + 2
    for part in path.split("."):
        offset, length = (node.offset + 1 + start, len(part)) if exact else (node.offset, node.length)
        of = _step(run, of, part, offset, length)
        start += len(part) + 1
    return of


def _step(run: Inference, of: Type, part: str, offset: int, length: int) -> Type:
    if not of.known:
        return UNKNOWN
    if part.isascii() and part.isdecimal():
        return of.item if of.kinds & LIST else UNKNOWN
    if not of.kinds & MAPPING:
        run.findings.append(no_fields(of, part, "an item", offset, length))
        return UNKNOWN
    if of.kinds & MISSING:
        run.findings.append(_item_may_be_null(of, part, offset, length))
    found = field_of(of, part)
    if found.kinds == ABSENT:
        run.findings.append(no_such_field(of, part, "an item", offset, length))
        return UNKNOWN
    return found


def _item_may_be_null(of: Type, part: str, offset: int, length: int) -> Finding:
    label = f"null has no field `{part}`" + (f" ({of.origin})" if of.origin else "")
    return Finding(offset, length, "an item may be null", label, 'leave those out first: `| reject("none")`')
