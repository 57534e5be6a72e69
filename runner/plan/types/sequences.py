"""Filters that look at a list as a whole: each says what its items must be, and what comes of them."""

from __future__ import annotations

from runner.expression.nodes import Const, Node
from runner.plan.types.findings import at
from runner.plan.types.model import (
    ANY_TEXT,
    CONTAINER,
    MAPPING,
    MISSING,
    NULL,
    NUMBER,
    ORDERED,
    TEXT,
    UNKNOWN,
    WHOLE,
    Type,
    list_of,
    plural,
)
from runner.plan.types.reaching import follow
from runner.plan.types.uses import Use, items_of


def _keys(use: Use, items: Type, separator: str = "") -> list[tuple[Node, Type]]:
    """What each item is judged by: itself, or attributes of it."""
    if "attribute" not in use.arguments:
        return [(use.node, items)]
    node = use.arguments["attribute"][0]
    if not isinstance(node, Const) or not isinstance(node.value, str):
        return [(node, UNKNOWN)]
    paths = node.value.split(separator) if separator else [node.value]
    starts = [sum(len(each) + 1 for each in paths[:at]) for at in range(len(paths))]
    return [(node, follow(use.run, node, items, path, start)) for path, start in zip(paths, starts, strict=True)]


def _each(use: Use, node: Node, type_: Type, kinds: int) -> None:
    """Complain unless every item (or its attribute) is of these kinds."""
    if not type_.known or type_.kinds & kinds == type_.kinds:
        return
    doing = f"| {use.name}"
    if not type_.kinds & kinds:
        help = f"it takes {plural(kinds)}"
        if node is use.node and type_.kinds & MAPPING:
            help = 'name a field of each item: `attribute="…"`'
        label = f"each item of {use.run.source(use.node)} is {type_.explained()}" if node is use.node else type_.origin
        use.run.findings.append(at(node, f"`{doing}` of {plural(type_.kinds & ~MISSING)}", label, help))
    elif type_.kinds & NULL:
        title, help = "an item may be null", 'leave those out first: `| reject("none")`, `| rejectattr("…", "none")`'
        label = f"no `{doing}` of null" + (f" ({type_.origin})" if type_.origin else "")
        use.run.findings.append(at(node, title, label, help))


def ordered(use: Use, of: Type) -> Type:
    """``sort``, ``min`` and ``max``: of items, or attributes, that have an order."""
    use.needs(of, CONTAINER)
    items, separator = items_of(of), "," if use.name == "sort" else ""
    for node, type_ in _keys(use, items, separator) if items is not None and items.known else ():
        _each(use, node, type_, ORDERED)
    if use.name == "sort":
        return list_of(items)
    if items is None or "attribute" in use.arguments:
        return items or UNKNOWN
    return items.only(ORDERED) if items.kinds & ORDERED else UNKNOWN


def total(use: Use, of: Type) -> Type:
    """``sum``: of numbers."""
    use.needs(of, CONTAINER)
    items = items_of(of)
    kinds = NUMBER
    for node, type_ in _keys(use, items) if items is not None and items.known else ():
        _each(use, node, type_, NUMBER)
        kinds = type_.kinds & NUMBER or NUMBER
    return Type(kinds if "start" in use.arguments else kinds | WHOLE.kinds)


def unique(use: Use, of: Type) -> Type:
    """``unique``: of simple values."""
    use.needs(of, CONTAINER)
    items = items_of(of)
    for node, type_ in _keys(use, items) if items is not None and items.known else ():
        _each(use, node, type_, ~CONTAINER | TEXT)
    return list_of(items)


def join(use: Use, of: Type) -> Type:
    """``join``: of anything, with a text between."""
    use.needs(of, CONTAINER)
    items = items_of(of)
    if items is not None and items.known:
        _keys(use, items)
    between = use.arguments.get("d")
    if between is not None:
        use.run.needs(*between, TEXT, "| join")
    return ANY_TEXT


def dealt(use: Use, of: Type) -> Type:
    """``slice``: the items dealt out over several lists."""
    use.needs(of, CONTAINER)
    return list_of(list_of(items_of(of)))
