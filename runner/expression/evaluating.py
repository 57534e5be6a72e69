"""The evaluator: one small function for each node kind, chosen by the kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from runner.expression import nodes
from runner.expression.catalogue import FILTERS
from runner.expression.comparing import COMPARISONS
from runner.expression.copying import plain
from runner.expression.errors import Absent, EvaluationError, Missing, Trouble
from runner.expression.functions import FUNCTIONS
from runner.expression.lookup import field, item, undefined
from runner.expression.operators import computed, cut, signed
from runner.expression.predicates import TESTS
from runner.expression.values import refuse_secret, text, truth
from runner.expression.work import Functions, Work
from runner.expression.writing import text_of

if TYPE_CHECKING:
    from runner.expression.model import Expression
    from runner.expression.nodes import Node


class Evaluation:
    """An expression and the work on it: what each node's function is handed."""

    __slots__ = ("expression", "work")

    def __init__(self, expression: Expression, work: Work) -> None:
        self.expression = expression
        self.work = work

    def value(self, node: Node) -> Any:
        """The node's value.

        Raises:
            EvaluationError: with the place of the part that can't be computed.
        """
        return _EVALUATORS[type(node)](node, self)

    def source(self, node: Node) -> str:
        """What a message calls the node: its text in back quotes, cut to size."""
        written = self.expression.source(node)
        return f"`{written if len(written) <= 60 else written[:59] + '…'}`"


def start(scope: Mapping[str, object], functions: Functions) -> Work:
    """A fresh budget over these values."""
    return Work(scope, functions, FILTERS, TESTS)


def evaluate(expression: Expression, scope: Mapping[str, object], functions: Functions) -> object:
    """The expression's value as plain data; containers are new dicts and lists.

    Raises:
        EvaluationError: it can't be computed; ``offset`` counts into the text that was parsed.
        TypeError: a binary float (or another stranger) is in the scope, which is this program's mistake.
    """
    return evaluate_with(expression, start(scope, functions))


def evaluate_with(expression: Expression, work: Work) -> object:
    """As ``evaluate``, on a budget that several expressions share."""
    tree = expression.tree
    try:
        return plain(Evaluation(expression, work).value(tree), work)
    except Trouble as trouble:
        raise _at(tree.offset, tree.length, tree, trouble) from None
    except RecursionError:
        raise EvaluationError("the values are nested too deeply", tree.offset, tree.length) from None


def _at(offset: int, length: int, node: Node, trouble: Trouble) -> EvaluationError:
    if isinstance(trouble, Absent):
        return Missing(trouble, offset, length, node)
    return EvaluationError(trouble.message, offset, length, trouble.help)


def _const(node: nodes.Const, _: Evaluation) -> object:
    return node.value


def _name(node: nodes.Name, run: Evaluation) -> object:
    try:
        return run.work.scope[node.text]
    except KeyError:
        trouble = undefined(node.text, run.work.scope, FUNCTIONS)
        raise _at(node.offset, node.length, node, trouble) from None


def _attribute(node: nodes.Attribute, run: Evaluation) -> object:
    of = run.value(node.of)
    if type(of) is dict and node.name in of:
        return of[node.name]
    try:
        return field(of, node.name, run.source(node.of))
    except Trouble as trouble:
        raise _at(node.at, len(node.name), node, trouble) from None


def _item(node: nodes.Item, run: Evaluation) -> object:
    of, key = run.value(node.of), run.value(node.key)
    try:
        return item(of, key, run.source(node.of))
    except Trouble as trouble:
        raise _at(node.key.offset, node.key.length, node, trouble) from None


def _slice(node: nodes.Slice, run: Evaluation) -> object:
    of = run.value(node.of)
    bounds = [None if bound is None else run.value(bound) for bound in (node.start, node.stop, node.step)]
    try:
        return cut(of, bounds, run.work)
    except Trouble as trouble:
        raise _at(node.offset, node.length, node, trouble) from None


def _listing(node: nodes.Listing, run: Evaluation) -> object:
    return [run.value(part) for part in node.items]


def _mapping(node: nodes.Mapping, run: Evaluation) -> object:
    return {_key(key, run): run.value(value) for key, value in node.pairs}


def _key(node: Node, run: Evaluation) -> str:
    try:
        return text(run.value(node), "a key")
    except Trouble as trouble:
        raise _at(node.offset, node.length, node, trouble) from None


def _unary(node: nodes.Unary, run: Evaluation) -> object:
    of = run.value(node.of)
    try:
        return not truth(of) if node.operator == "not" else signed(node.operator, of)
    except Trouble as trouble:
        raise _at(node.offset, node.length, node, trouble) from None


def _binary(node: nodes.Binary, run: Evaluation) -> object:
    left, right = run.value(node.left), run.value(node.right)
    try:
        return computed(node.operator, left, right, run.work)
    except Trouble as trouble:
        raise _at(node.offset, node.length, node, trouble) from None


def _compare(node: nodes.Compare, run: Evaluation) -> bool:
    left = run.value(node.first)
    for operator, operand in node.rest:
        right = run.value(operand)
        try:
            if not COMPARISONS[operator](left, right, run.work):
                return False
        except Trouble as trouble:
            raise _at(node.offset, node.length, node, trouble) from None
        left = right
    return True


def is_true(node: Node, run: Evaluation) -> bool:
    """Whether the node's value counts as true."""
    try:
        return truth(run.value(node))
    except Trouble as trouble:
        raise _at(node.offset, node.length, node, trouble) from None


def _logic(node: nodes.Logic, run: Evaluation) -> object:
    left = run.value(node.left)
    try:
        decided = truth(left) is (node.operator == "or")
    except Trouble as trouble:
        raise _at(node.left.offset, node.left.length, node.left, trouble) from None
    return left if decided else run.value(node.right)


def _choice(node: nodes.Choice, run: Evaluation) -> object:
    return run.value(node.then if is_true(node.condition, run) else node.otherwise)


def _concat(node: nodes.Concat, run: Evaluation) -> str:
    values = [run.value(part) for part in node.parts]
    try:
        texts = [text_of(value, run.work) for value in values]
        run.work.spend_text(sum(map(len, texts)))
    except Trouble as trouble:
        raise _at(node.offset, node.length, node, trouble) from None
    return "".join(texts)


def _call(node: nodes.Call, run: Evaluation) -> object:
    return _performed(node, FUNCTIONS[node.name].perform, (), run)


def _filter(node: nodes.Filter, run: Evaluation) -> object:
    if node.name in ("default", "d"):
        return _default(node, run)
    return _performed(node, FILTERS[node.name].perform, (run.value(node.of),), run)


def _test(node: nodes.Test, run: Evaluation) -> bool:
    if node.name in ("defined", "undefined"):
        return _is_defined(node.of, run) is (node.name == "defined")
    return bool(_performed(node, TESTS[node.name].perform, (run.value(node.of),), run))


def _performed(node: nodes.Applied, perform: Callable[..., object], of: tuple[object, ...], run: Evaluation) -> object:
    arguments = [run.value(argument) for argument in node.arguments]
    keywords = {keyword: run.value(value) for keyword, value in node.keywords}
    try:
        for value in (*of, *arguments, *keywords.values()):
            refuse_secret(value)
        return perform(run.work, *of, *arguments, **keywords)
    except Trouble as trouble:
        raise _at(node.at, len(node.name), node, trouble) from None


def _is_defined(node: Node, run: Evaluation) -> bool:
    """Whether the node has a value; only its own last step may be missing, as in Jinja."""
    try:
        run.value(node)
    except Missing as missing:
        if missing.node is not node:
            raise
        return False
    return True


def _default(node: nodes.Filter, run: Evaluation) -> object:
    """The value, or the filter's argument (computed only when needed) for a missing one."""
    given = dict(zip(FILTERS["default"].parameters, node.arguments, strict=False)) | dict(node.keywords)
    try:
        value = run.value(node.of)
    except Missing as missing:
        if missing.node is not node.of:
            raise
    else:
        if "boolean" not in given or not is_true(given["boolean"], run) or is_true(node.of, run):
            return value
    return run.value(given["default_value"]) if "default_value" in given else ""


_EVALUATORS: dict[type[Node], Callable[[Any, Evaluation], object]] = {
    nodes.Const: _const,
    nodes.Name: _name,
    nodes.Attribute: _attribute,
    nodes.Item: _item,
    nodes.Slice: _slice,
    nodes.Listing: _listing,
    nodes.Mapping: _mapping,
    nodes.Unary: _unary,
    nodes.Binary: _binary,
    nodes.Compare: _compare,
    nodes.Logic: _logic,
    nodes.Choice: _choice,
    nodes.Concat: _concat,
    nodes.Call: _call,
    nodes.Filter: _filter,
    nodes.Test: _test,
}
