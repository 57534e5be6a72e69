"""Why a check is false: the values of the parts that decided it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.expression.errors import EvaluationError, Trouble
from runner.expression.evaluating import Evaluation, is_true, start
from runner.expression.nodes import Choice, Compare, Const, Listing, Logic, Node, Test, Unary
from runner.expression.values import show

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.expression.model import Expression
    from runner.expression.work import Functions


def explain(expression: Expression, scope: Mapping[str, object], functions: Functions) -> str:
    """The parts that matter with their values, as in ``result.order.state is "ORDER_STATE_REJECTED"``.

    Never raises for the expression's sake: a part that can't be computed says why. Secrets are ``****``.
    """
    run = Evaluation(expression, start(scope, functions))
    described = [_described(part, run) for part in _deciding(expression.tree, run)]
    return ", ".join(dict.fromkeys(described))


def _described(node: Node, run: Evaluation) -> str:
    written = " ".join(run.expression.source(node).split())
    try:
        return f"{written} is {show(run.value(node))}"
    except (EvaluationError, Trouble) as error:
        return error.message
    except RecursionError:
        return f"{written} is nested too deeply"


def _deciding(node: Node, run: Evaluation) -> Iterator[Node]:
    """The parts that gave the expression its truth, from left to right."""
    match node:
        case Unary(operator="not", of=of):
            yield from _deciding(of, run)
        case Logic():
            yield from _deciding_operands(node, run)
        case Choice(condition=condition, then=then, otherwise=otherwise):
            yield from _deciding(condition, run)
            yield from _deciding(then if _holds(condition, run) else otherwise, run)
        case Compare(first=first, rest=rest):
            yield from (part for part in (first, *(operand for _, operand in rest)) if not _is_literal(part))
        case Test(of=of, arguments=arguments):
            yield from (part for part in (of, *arguments) if not _is_literal(part))
        case _ if not _is_literal(node):
            yield node


def _deciding_operands(node: Logic, run: Evaluation) -> Iterator[Node]:
    """One operand that settled it (the first false one of ``and``, say), or both."""
    settled = node.operator == "or"
    for operand in (node.left, node.right):
        if _holds(operand, run) is settled:
            yield from _deciding(operand, run)
            return
    yield from _deciding(node.left, run)
    yield from _deciding(node.right, run)


def _holds(node: Node, run: Evaluation) -> bool | None:
    """The node's truth; None where it can't be computed, which settles nothing."""
    try:
        return is_true(node, run)
    except (EvaluationError, Trouble):
        return None


def _is_literal(node: Node) -> bool:
    if isinstance(node, Listing):
        return all(_is_literal(item) for item in node.items)
    return isinstance(node, Const) or (isinstance(node, Unary) and _is_literal(node.of))
