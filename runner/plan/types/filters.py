"""Functions and filters of an expression, applied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from runner.expression import FILTERS, FUNCTIONS
from runner.expression.errors import Trouble
from runner.expression.nodes import Const, Filter
from runner.plan.types.findings import at
from runner.plan.types.model import (
    ANY_TEXT,
    DECIMAL,
    DURATION,
    LENGTH_OF_TIME,
    MOMENT,
    NUMBER,
    SECRET,
    TEXT,
    TIME,
    UNKNOWN,
    Type,
)
from runner.plan.types.picking import PICKING
from runner.plan.types.rules import applied
from runner.plan.types.spelling import never_number
from runner.plan.types.uses import Given, Use

if TYPE_CHECKING:
    from runner.expression.nodes import Call
    from runner.plan.types.inference import Inference

_FUNCTIONS = {
    "uuid": (0, ANY_TEXT),
    "now": (0, MOMENT),
    "time": (TEXT | TIME, MOMENT),
    "duration": (TEXT | DURATION, LENGTH_OF_TIME),
    "decimal": (TEXT | NUMBER, Type(DECIMAL)),
}


def called(run: Inference, node: Call, arguments: Sequence[Type]) -> Type:
    """The type of a function's value; ``any`` makes everything unknown."""
    if node.name not in _FUNCTIONS:
        for each, type_ in zip(node.arguments, arguments, strict=False):
            run.refuse_secret(each, type_)
        return UNKNOWN
    kinds, made = _FUNCTIONS[node.name]
    nodes = (*node.arguments, *(value for _, value in node.keywords))
    for each, type_ in zip(nodes, arguments, strict=True):
        run.needs(each, type_, kinds, f"{node.name}()")
        if isinstance(each, Const):
            _try(run, node, each)
        elif node.name == "decimal" and never_number(type_):
            label = f"{run.source(each)} is {type_.explained()}"
            run.findings.append(at(each, f"{run.source(each)} never spells a number", label))
    return made


def _try(run: Inference, node: Call, argument: Const) -> None:
    """A constant that the function can't take."""
    perform: Any = FUNCTIONS[node.name].perform
    try:
        perform(None, argument.value)
    except Trouble as trouble:
        if isinstance(argument.value, str):
            run.findings.append(at(argument, trouble.message, "", trouble.help))


def filtered(run: Inference, node: Filter, of: Type) -> Type:
    """The type of what a filter makes of a value."""
    given = Given(
        tuple((each, run.type_of(each)) for each in node.arguments),
        {name: (each, run.type_of(each)) for name, each in node.keywords},
    )
    run.refuse_secret(node.of, of)
    if of.kinds & SECRET:
        return UNKNOWN
    if node.name in PICKING:
        return PICKING[node.name](run, node, of, given)
    return applied(Use(run, node.of, node.name, given.named(FILTERS[node.name].parameters)), of)
