"""The tests behind ``is``, ``select`` and ``selectattr``: what each may be asked of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from runner.expression.nodes import Node, Test
from runner.plan.types.comparing import compared
from runner.plan.types.model import FLAG, NUMBER, SECRET, Type

if TYPE_CHECKING:
    from runner.plan.types.inference import Inference

_COMPARISONS = {
    **dict.fromkeys(("==", "eq", "equalto"), "eq"),
    **dict.fromkeys(("!=", "ne"), "ne"),
    **dict.fromkeys(("<", "lt", "lessthan"), "lt"),
    **dict.fromkeys(("<=", "le"), "lteq"),
    **dict.fromkeys((">", "gt", "greaterthan"), "gt"),
    **dict.fromkeys((">=", "ge"), "gteq"),
    "in": "in",
}
_NUMERIC = frozenset({"odd", "even", "divisibleby"})


def tested(run: Inference, node: Test, of: Type) -> Type:
    """The type of ``x is test``, which is a boolean."""
    others = [(each, run.type_of(each)) for each in (*node.arguments, *(value for _, value in node.keywords))]
    run.refuse_secret(node.of, of)
    if not of.kinds & SECRET:
        check_test(run, (node.of, of), node.name, others)
    return FLAG


def check_test(run: Inference, value: tuple[Node, Type], name: str, others: Sequence[tuple[Node, Type]]) -> None:
    """Complain of a test that can't be made of the value, or that can only come out one way."""
    if name in _COMPARISONS and others:
        compared(run, _COMPARISONS[name], value, others[0])
    elif name in _NUMERIC:
        run.needs(value[0], value[1], NUMBER, f"is {name}")
