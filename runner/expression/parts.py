"""Which smaller parts a part of an expression was computed from, as far as they were looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from runner.expression.nodes import (
    Attribute,
    Choice,
    Const,
    Filter,
    Item,
    Listing,
    Logic,
    Mapping,
    Name,
    Node,
    Slice,
    Unary,
    children,
)

Holds = Callable[[Node], bool | None]


def is_literal(node: Node) -> bool:
    """Whether its text already says its value: ``5``, ``-1``, ``["a", "b"]``."""
    match node:
        case Listing(items=items):
            return all(map(is_literal, items))
        case Mapping(pairs=pairs):
            return all(is_literal(each) for pair in pairs for each in pair)
        case Unary(of=of):
            return is_literal(of)
    return isinstance(node, Const)


def operands(node: Logic) -> Iterator[Node]:
    """``a and b and c`` as three, from left to right."""
    for each in (node.left, node.right):
        if isinstance(each, Logic) and each.operator == node.operator:
            yield from operands(each)
        else:
            yield each


def parts(node: Node, holds: Holds) -> tuple[Node, ...]:
    """What to show below the node: a path such as ``result.order.id`` has nothing, ``orders | length`` its list."""
    return tuple(_seen_through(each) for each in _looked_at(node, holds) if not is_literal(each))


def _seen_through(node: Node) -> Node:
    """What ``| list`` stands behind: it changes nothing that is shown."""
    return _seen_through(node.of) if isinstance(node, Filter) and node.name == "list" else node


def _looked_at(node: Node, holds: Holds) -> Iterator[Node]:
    match node:
        case Attribute(of=of):
            yield from _beyond_path(of)
        case Item(of=of, key=key):
            yield from _beyond_path(of)
            yield key
        case Slice(of=of):
            yield of
        case Filter(name="list", of=of):
            yield from _looked_at(of, holds)
        case Choice(condition=condition, then=then, otherwise=otherwise):
            yield condition
            yield then if holds(condition) else otherwise
        case Logic():
            yield node.left
            if holds(node.left) is not (node.operator == "or"):
                yield node.right
        case _:
            yield from children(node)


def _beyond_path(node: Node) -> Iterator[Node]:
    """What a path begins with, if that is no name; its steps say nothing of their own."""
    match node:
        case Attribute(of=of):
            yield from _beyond_path(of)
        case Item(of=of, key=key):
            yield from _beyond_path(of)
            yield key
        case Name():
            return
        case _:
            yield node
