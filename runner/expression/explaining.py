"""Why a check is false: the parts that decided it, each with its value, as a tree.

::

    ✔ result.order.state == "ORDER_STATE_NEW"
    ✘ order_id in result.orders | map(attribute="id")
      order_id is "42X84BCDNDBN"
      result.orders | map(attribute="id") is ["42X84BCDNDBM"]
        result.orders is [{id: "42X84BCDNDBM", clord_id: "ecb1…", … 15 more}]
      nearest of 1 item: "42X84BCDNDBM"

What is no comparison stands there with its value, and below it the values it was made of; of ``and`` and ``or`` each
operand that was looked at has a mark, and those that decided are explained in their turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from runner.expression.contrasting import contrast, distance
from runner.expression.errors import EvaluationError, Trouble
from runner.expression.evaluating import Evaluation, is_true, start
from runner.expression.nodes import Choice, Compare, Const, Filter, Logic, Node, Test, Unary
from runner.expression.parts import is_literal, operands, parts
from runner.expression.previewing import Redact, preview
from runner.expression.values import show

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.expression.model import Expression
    from runner.expression.work import Functions

_Lines: TypeAlias = "Iterator[tuple[int, str]]"

_MOST_LINES = 16
_LONGEST_LINE = 200
_LONGEST_SOURCE = 72
_MARKS = {True: "✔", False: "✘", None: "?"}
_COMPARING = {
    **dict.fromkeys(("==", "eq", "equalto"), "eq"),
    **dict.fromkeys(("!=", "ne"), "ne"),
    **dict.fromkeys(("<", "<=", ">", ">=", "lt", "le", "gt", "ge", "lessthan", "greaterthan"), "lt"),
    "in": "in",
}
"""Tests that compare, by the name of the operator that compares so."""


def explain(
    expression: Expression, scope: Mapping[str, object], functions: Functions, redact: Redact = lambda text: text
) -> str:
    """Lines with the parts that matter, as in ``result.order.state is "ORDER_STATE_REJECTED"``; indented below, theirs.

    At most 16 lines of 200 characters; empty for an expression of literals. Never raises for the expression's sake: a
    part that can't be computed says why. Secrets are ``****``; ``redact`` masks every text before it is cut.
    """
    lines = list(_why(expression.tree, _Looking(expression, scope, functions, redact), 0))
    if len(lines) > _MOST_LINES:
        lines[_MOST_LINES - 1 :] = [(0, f"… and {len(lines) - _MOST_LINES + 1} lines more")]
    return "\n".join("  " * depth + _cut(redact(text), _LONGEST_LINE) for depth, text in lines)


class _Looking(Evaluation):
    """An evaluation that computes each part once: bounded work, and ``uuid()`` says the same in every line."""

    __slots__ = ("_known", "redact")

    def __init__(
        self, expression: Expression, scope: Mapping[str, object], functions: Functions, redact: Redact
    ) -> None:
        super().__init__(expression, start(scope, functions))
        self.redact = redact
        self._known: dict[int, tuple[Node, Any, EvaluationError | None]] = {}

    def value(self, node: Node) -> Any:
        """The node's value; what was raised once is raised again."""
        if id(node) not in self._known:
            # the node is kept along with it: another one may get the id of a node that is gone
            self._known[id(node)] = (node, *self._computed(node))
        _, value, error = self._known[id(node)]
        if error is not None:
            raise error
        return value

    def _computed(self, node: Node) -> tuple[Any, EvaluationError | None]:
        try:
            return super().value(node), None
        except EvaluationError as error:
            return None, error
        except RecursionError:
            return None, EvaluationError("the values are nested too deeply", node.offset, node.length)

    def error(self, node: Node) -> EvaluationError | None:
        """Why the node has no value."""
        try:
            self.value(node)
        except EvaluationError as error:
            return error
        return None

    def holds(self, node: Node) -> bool | None:
        """The node's truth; None where it can't be computed."""
        try:
            return is_true(node, self)
        except (EvaluationError, Trouble):
            return None

    def safe(self, message: str) -> str:
        """An error's message with no text in it that was cut before it was masked."""
        for _, value, _ in self._known.values():
            if isinstance(value, str) and show(value) in message:
                message = message.replace(show(value), preview(value, self.redact))
        return message

    def written(self, node: Node) -> str:
        """The node's text, on one line and cut to size."""
        text = self.redact(" ".join(self.expression.source(node).split()))
        half = _LONGEST_SOURCE // 2
        return text if len(text) <= _LONGEST_SOURCE else f"{text[:half]}…{text[1 - half :]}"


def _why(node: Node, run: _Looking, depth: int) -> _Lines:
    """What gave the node its truth."""
    match node:
        case Unary(operator="not", of=of):
            yield from _why(of, run, depth)
        case Logic():
            yield from _logic(node, run, depth)
        case Choice(condition=condition, then=then, otherwise=otherwise):
            yield from _why(condition, run, depth)
            chosen = run.holds(condition)
            if chosen is not None:
                yield from _why(then if chosen else otherwise, run, depth)
        case Compare():
            yield from _comparison(node, run, depth)
        case Test():
            yield from _test(node, run, depth)
        case _ if not is_literal(node):
            yield from _described(node, run, depth)


def _logic(node: Logic, run: _Looking, depth: int) -> _Lines:
    """Each operand that was looked at; those that agree with the whole decided it."""
    whole = run.holds(node)
    for operand in operands(node):
        holds = run.holds(operand)
        yield depth, f"{_MARKS[holds]} {run.written(operand)}"
        if holds is whole:
            yield from _why(operand, run, depth + 1)
        if holds is None or holds is (node.operator == "or"):
            return


def _comparison(node: Compare, run: _Looking, depth: int) -> _Lines:
    """The operands, and how those of the pair that settled it differ."""
    yield from _all_described((node.first, *(operand for _, operand in node.rest)), run, depth)
    left = node.first
    for operator, right in node.rest:
        held = run.holds(Compare(left.offset, right.end - left.offset, left, ((operator, right),)))
        if held is None:
            break
        if not held or len(node.rest) == 1:
            yield from _contrasted(operator, left, right, run, depth, held=held)
            return
        left = right
    yield from _trouble(node, run, depth)


def _test(node: Test, run: _Looking, depth: int) -> _Lines:
    yield from _all_described((node.of, *node.arguments), run, depth)
    operator, held = _COMPARING.get(node.name), run.holds(node)
    if held is None:
        yield from _trouble(node, run, depth)
    elif operator and node.arguments:
        yield from _contrasted(operator, node.of, node.arguments[0], run, depth, held=held)


def _contrasted(operator: str, left: Node, right: Node, run: _Looking, depth: int, *, held: bool) -> _Lines:
    one, other = run.value(left), run.value(right)
    for said in contrast(operator, one, other, run.redact, held=held):
        yield depth, said
    if operator in ("lt", "lteq", "gt", "gteq") and not held and not is_literal(left) and not is_literal(right):
        off = distance(one, other)
        if off:
            yield depth, f"{run.written(left)} is {off} {run.written(right)}"


def _trouble(node: Node, run: _Looking, depth: int) -> _Lines:
    """Why the node itself could not be computed though its parts could."""
    error = run.error(node)
    if error is not None and not any(run.error(each) is error for each in parts(node, run.holds)):
        yield from _said(error, run, depth)


def _all_described(nodes: tuple[Node, ...], run: _Looking, depth: int) -> _Lines:
    """Each that is no literal, once."""
    for node in {run.expression.source(node): node for node in nodes if not is_literal(node)}.values():
        yield from _described(node, run, depth)


def _described(node: Node, run: _Looking, depth: int) -> _Lines:
    """The node with its value, or why it has none, and below it what it was computed from."""
    error = run.error(node)
    inner = parts(node, run.holds)
    if error is None:
        yield depth, f"{run.written(node)} is {preview(run.value(node), run.redact)}"
    elif any(run.error(each) is error for each in inner):
        depth -= 1
    else:
        yield from _said(error, run, depth)
    yield from _all_described(inner, run, depth + 1)
    yield from _attributes(node, run, depth + 1)


def _attributes(node: Node, run: _Looking, depth: int) -> _Lines:
    """Below ``selectattr("state", …)``: what the items have as their ``state``."""
    match node:
        case Filter(name="selectattr" | "rejectattr", of=of, arguments=(Const(value=str() as attribute), *_)):
            try:
                each = run.work.filters["map"].perform(run.work, run.value(of), attribute=attribute, default=None)
            except (EvaluationError, Trouble):
                return
            if each:
                yield depth, f"`{attribute}` of each is {preview(each, run.redact)}"


def _said(error: EvaluationError, run: _Looking, depth: int) -> _Lines:
    yield depth, run.safe(error.message)
    for line in filter(None, error.help.split("; ")):
        yield depth + 1, line


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
