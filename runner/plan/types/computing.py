"""Arithmetic: which kinds go together, and what they make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.expression.nodes import Binary, Node
from runner.plan.types.findings import at, maybe_null
from runner.plan.types.model import (
    DECIMAL,
    DURATION,
    INTEGER,
    LIST,
    MISSING,
    NULL,
    NUMBER,
    TEXT,
    TIME,
    UNKNOWN,
    Type,
    either,
)

if TYPE_CHECKING:
    from runner.plan.types.inference import Inference

_TAKES = {"+": NUMBER | TEXT | LIST | TIME | DURATION, "-": NUMBER | TIME | DURATION}
_MAKES = (
    ("+", TEXT, TEXT, TEXT),
    ("+", LIST, LIST, LIST),
    ("+", TIME, DURATION, TIME),
    ("+", DURATION, TIME, TIME),
    ("+", DURATION, DURATION, DURATION),
    ("-", TIME, TIME, DURATION),
    ("-", TIME, DURATION, TIME),
    ("-", DURATION, DURATION, DURATION),
)


def computed(run: Inference, node: Binary, left: Type, right: Type) -> Type:
    """The type of ``left operator right``; said what is wrong if it can't be computed."""
    operator, takes = node.operator, _TAKES.get(node.operator, NUMBER)
    numbers = left.kinds & NUMBER and right.kinds & NUMBER
    makes = [kind for sign, one, two, kind in _MAKES if sign == operator and left.kinds & one and right.kinds & two]
    possible = numbers or makes
    together = bool(left.kinds & takes and right.kinds & takes)
    if left.known and right.known and together and not possible:
        title = f"`{operator}` of {left.without(MISSING).described()} and {right.without(MISSING).described()}"
        label = f"{run.source(node.left)} is {left.explained()}" if left.origin else ""
        run.findings.append(at(node, title, label, _instead(operator, left, right)))
        return UNKNOWN
    for operand, type_ in ((node.left, left), (node.right, right)):
        _operand(run, node, operand, type_, takes)
    if not (left.known and right.known) or not possible:
        return UNKNOWN if operator in _TAKES else Type(_number_of(operator, NUMBER, NUMBER))
    found = [Type(_number_of(operator, left.kinds, right.kinds))] if numbers else []
    return _joined([*found, *(_made(kind, left, right) for kind in makes)])


def _operand(run: Inference, node: Binary, operand: Node, type_: Type, takes: int) -> None:
    """One side alone: of a kind that the operator never takes, or perhaps null."""
    if type_.kinds & NULL and type_.kinds & takes:
        run.findings.append(maybe_null(operand, run.source(operand), type_, f"no `{node.operator}` of null"))
    elif not type_.kinds & takes:
        run.needs(operand, type_, takes, node.operator, _instead(node.operator, type_, type_))


def _instead(operator: str, left: Type, right: Type) -> str:
    kinds = left.kinds | right.kinds
    if kinds & TEXT:
        return "join texts with `~`" if operator == "+" else "turn a text into a number with `decimal(x)`"
    return "add up a list with `| sum`, count it with `| length`" if kinds & LIST else ""


def _joined(types: list[Type]) -> Type:
    found = types[0]
    for each in types[1:]:
        found = either(found, each)
    return found


def _made(kind: int, left: Type, right: Type) -> Type:
    if kind != LIST:
        return Type(kind)
    items = [each.items for each in (left, right) if each.items is not None]
    return Type(LIST, items=_joined(items) if items else None, gaps=left.gaps or right.gaps)


def _number_of(operator: str, left: int, right: int) -> int:
    """Whether integers, decimals or either come of numbers of these kinds."""
    if operator == "/":
        return DECIMAL
    if operator == "**":
        return NUMBER
    whole = INTEGER if left & INTEGER and right & INTEGER else 0
    return whole | (DECIMAL if (left | right) & DECIMAL else 0)
