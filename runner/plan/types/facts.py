"""What a condition tells of the paths in it: ``x.price is not none and x.price > 0``.

Facts are by path, ``("result", "order", "price")``, and give the type that the path has where the condition holds, or
where it doesn't.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from runner.expression.nodes import Attribute, Compare, Const, Filter, Item, Listing, Logic, Name, Node, Test, Unary
from runner.plan.types.model import ABSENT, MISSING, UNKNOWN, Type, either
from runner.plan.types.predicates import TRUE, where

if TYPE_CHECKING:
    from runner.plan.types.inference import Inference

Path: TypeAlias = tuple[str | int, ...]
Facts: TypeAlias = Mapping[Path, Type]

_NOTHING: Facts = {}
_FORKS = 6
_OPERATORS = {"eq": "eq", "ne": "ne", "lt": "lt", "lteq": "le", "gt": "gt", "gteq": "ge", "in": "in"}
_FLIPPED = {"lt": "gt", "lteq": "gteq", "gt": "lt", "gteq": "lteq", "eq": "eq", "ne": "ne"}


def path_of(node: Node) -> Path | None:
    """A root name with the constant steps behind it."""
    match node:
        case Name(text=text):
            return (text,)
        case Attribute(of=of, name=key) | Item(of=of, key=Const(value=str() | int() as key)):
            before = path_of(of)
            return None if before is None else (*before, key)
    return None


def if_so(condition: Node, holds: bool, run: Inference, forks: int = _FORKS) -> Facts:
    """What is known where the condition holds, or where it doesn't; beyond so many ``forks`` in it, nothing."""
    match condition:
        case Unary(operator="not", of=of):
            return if_so(of, not holds, run, forks)
        case Logic():
            return _of_logic(condition, holds, run, forks)
        case Test():
            return _of_test(condition, holds, run)
        case Compare(first=first, rest=((operator, second),)):
            return _of_comparison(first, operator, second, holds, run)
        case Name() | Attribute() | Item() | Filter():
            return _narrowed(condition, TRUE, None, holds, run)
    return _NOTHING


def _of_logic(node: Logic, holds: bool, run: Inference, forks: int) -> Facts:
    """Both sides tell something where both must be as they are, else only what both have in common."""
    both = holds is (node.operator == "and")
    forks -= not both
    if forks < 0:
        return _NOTHING
    left = if_so(node.left, holds, run, forks)
    other_left = left if both else if_so(node.left, not holds, run, forks)
    before = run.facts
    run.facts = {**before, **other_left}
    try:
        right = if_so(node.right, holds, run, forks)
    finally:
        run.facts = before
    if both:
        return {**left, **right}
    right = {**other_left, **right}
    return {path: either(left[path], right[path]) for path in left.keys() & right.keys()}


def _of_test(node: Test, holds: bool, run: Inference) -> Facts:
    if node.name in ("defined", "undefined"):
        return _of_asking(node.of, holds is (node.name == "defined"), run)
    other = node.arguments[0] if node.arguments else None
    return _narrowed(node.of, node.name, other, holds, run)


def _of_asking(node: Node, there: bool, run: Inference) -> Facts:
    path = path_of(node)
    if path is None or not there:
        return _NOTHING
    found = run.quietly(node)
    return {path: found.without(ABSENT)} if found.known else _NOTHING


def _of_comparison(first: Node, operator: str, second: Node, holds: bool, run: Inference) -> Facts:
    """What ``x == y`` tells of ``x``, and of ``y`` where the two may be exchanged."""
    if operator == "notin":
        return _of_comparison(first, "in", second, not holds, run)
    if operator not in _OPERATORS:
        return _NOTHING
    found = _narrowed(first, _OPERATORS[operator], second, holds, run)
    if operator not in _FLIPPED:
        return found
    return {**_narrowed(second, _OPERATORS[_FLIPPED[operator]], first, holds, run), **found}


def _narrowed(node: Node, test: str, other: Node | None, holds: bool, run: Inference) -> Facts:
    """What a test tells of the path that it is made of; of ``x | default("")`` as of ``x``."""
    subject, stand_in = _subject(node)
    path = path_of(subject)
    if path is None:
        return _NOTHING
    found = run.quietly(subject)
    if not found.known:
        return _NOTHING
    if stand_in is not None and not _rules_out(stand_in, test, other, holds):
        return _NOTHING
    types = [] if other is None else [run.quietly(other) if _is_simple(other) else UNKNOWN]
    narrowed = where(found, test, types, holds, constants_of(other))
    narrowed = narrowed.without(ABSENT) if stand_in is not None else narrowed
    if run.soft:
        narrowed = found if narrowed.kinds & MISSING else found.without(MISSING)
    return _NOTHING if narrowed is found else {path: narrowed}


def constants_of(node: Node | None) -> tuple[object, ...] | None:
    """The items of a list that is written out, None for anything else."""
    if not isinstance(node, Listing):
        return None
    items = [each.value for each in node.items if isinstance(each, Const)]
    return tuple(items) if len(items) == len(node.items) else None


def _is_simple(node: Node) -> bool:
    """Whether it takes next to nothing to look at it once more."""
    return isinstance(node, Const) or path_of(node) is not None or constants_of(node) is not None


def _subject(node: Node) -> tuple[Node, Const | None]:
    """The path that is tested, and what stands in for it where it is missing."""
    if not isinstance(node, Filter) or node.name not in ("default", "d"):
        return node, None
    given = dict(zip(("default_value", "boolean"), node.arguments, strict=False)) | dict(node.keywords)
    stand_in = given.get("default_value", Const(node.offset, 0, ""))
    return (node.of, stand_in) if isinstance(stand_in, Const) else (node, None)


def _rules_out(stand_in: Const, test: str, other: Node | None, holds: bool) -> bool:
    """Whether the test's outcome shows that the stand-in was not taken."""
    if test == TRUE:
        return holds and not stand_in.value
    if isinstance(other, Const) and test in ("eq", "ne"):
        same = type(other.value) is type(stand_in.value) and other.value == stand_in.value
        return same is not (holds is (test == "eq"))
    return False
