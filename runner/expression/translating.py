"""Jinja's syntax tree → ours: an allow-list; whatever it doesn't name is refused, with its place.

Jinja's nodes carry an offset in ``lineno`` (see ``lexing``), of one token of theirs; the span is worked out here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runner.expression import nodes
from runner.expression.catalogue import FILTERS
from runner.expression.errors import ExpressionError, nearest
from runner.expression.functions import FUNCTIONS
from runner.expression.signatures import check_filter, check_function, check_test

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.expression.lexing import Lexeme, Lexemes
    from runner.expression.nodes import Node

_JINJA_NAMES = frozenset({"loop", "self", "super", "namespace", "caller", "varargs", "kwargs"})
_UNARY = {"Not": "not", "Neg": "-", "Pos": "+"}
_BINARY = {"Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**"}
_KEYWORDS = frozenset({"and", "or", "not", "in", "is", "if", "else"})
_LOGIC = {"And": "and", "Or": "or"}


def translate(node: Any, lexemes: Lexemes) -> Node:
    """Our node for one of Jinja's.

    Raises:
        ExpressionError: the language has no such thing; the offset counts into the parsed text.
    """
    return _with_parentheses(_TRANSLATIONS[type(node).__name__](node, lexemes), lexemes)


def _with_parentheses(node: Node, lexemes: Lexemes) -> Node:
    """The same node, its span widened over the parentheses around it, which leave no trace in the tree."""
    opening = lexemes.before(node.offset)
    while not isinstance(node, nodes.Name | nodes.Const) and opening.text == "(":
        closing, before = lexemes.closing(opening.offset), lexemes.before(opening.offset)
        is_call = before.text in (")", "]") or (before.kind == "name" and before.text not in _KEYWORDS)
        if is_call or lexemes.before(closing.offset).end != node.end:
            return node
        node = replace(node, offset=opening.offset, length=closing.end - opening.offset)
        opening = before
    return node


def _const(node: Any, lexemes: Lexemes) -> Node:
    last = lexemes.at(node.lineno)
    while last.kind == "string" and lexemes.after(last.offset).kind == "string":
        last = lexemes.after(last.offset)
    if isinstance(node.value, str) and any("\ud800" <= each <= "\udfff" for each in node.value):
        help = "write the character itself"
        raise ExpressionError("half a surrogate pair is no character", node.lineno, last.end - node.lineno, help)
    return nodes.Const(node.lineno, last.end - node.lineno, node.value)


def _name(node: Any, _: Lexemes) -> Node:
    if node.name in _JINJA_NAMES:
        raise ExpressionError(
            f"`{node.name}` is of Jinja's own, not of this language", node.lineno, len(node.name), "use another name"
        )
    return nodes.Name(node.lineno, len(node.name), node.name)


def _attribute(node: Any, lexemes: Lexemes) -> Node:
    of, name = translate(node.node, lexemes), lexemes.after(node.lineno)
    return nodes.Attribute(of.offset, name.end - of.offset, of, node.attr, name.offset)


def _item(node: Any, lexemes: Lexemes) -> Node:
    of = translate(node.node, lexemes)
    if type(node.arg).__name__ == "Tuple":
        raise ExpressionError("one key or index is wanted", node.lineno, 1, "as in `x[0]`")
    dotted = lexemes.at(node.lineno).text == "."
    end = (lexemes.after(node.lineno) if dotted else lexemes.closing(node.lineno)).end
    if type(node.arg).__name__ != "Slice":
        return nodes.Item(of.offset, end - of.offset, of, translate(node.arg, lexemes))
    bounds = (node.arg.start, node.arg.stop, node.arg.step)
    start, stop, step = (None if bound is None else translate(bound, lexemes) for bound in bounds)
    return nodes.Slice(of.offset, end - of.offset, of, start, stop, step)


def _list(node: Any, lexemes: Lexemes) -> Node:
    items = tuple(translate(item, lexemes) for item in node.items)
    return nodes.Listing(node.lineno, lexemes.closing(node.lineno).end - node.lineno, items)


def _tuple(node: Any, lexemes: Lexemes) -> Node:
    items = tuple(translate(item, lexemes) for item in node.items)
    if not items:
        return nodes.Listing(node.lineno, 1, ())
    return nodes.Listing(items[0].offset, items[-1].end - items[0].offset, items)


def _dict(node: Any, lexemes: Lexemes) -> Node:
    pairs = tuple((translate(pair.key, lexemes), translate(pair.value, lexemes)) for pair in node.items)
    for key, _ in pairs:
        if isinstance(key, nodes.Const) and not isinstance(key.value, str):
            raise ExpressionError("a key must be a text", key.offset, key.length, "put it in quotes")
    return nodes.Mapping(node.lineno, lexemes.closing(node.lineno).end - node.lineno, pairs)


def _unary(node: Any, lexemes: Lexemes) -> Node:
    of = translate(node.node, lexemes)
    start = min(node.lineno, of.offset)
    return nodes.Unary(start, of.end - start, _UNARY[type(node).__name__], of)


def _binary(node: Any, lexemes: Lexemes) -> Node:
    left, right = translate(node.left, lexemes), translate(node.right, lexemes)
    operator = _BINARY[type(node).__name__]
    return nodes.Binary(left.offset, right.end - left.offset, operator, left, right)


def _logic(node: Any, lexemes: Lexemes) -> Node:
    left, right = translate(node.left, lexemes), translate(node.right, lexemes)
    return nodes.Logic(left.offset, right.end - left.offset, _LOGIC[type(node).__name__], left, right)


def _compare(node: Any, lexemes: Lexemes) -> Node:
    first = translate(node.expr, lexemes)
    rest = tuple((operand.op, translate(operand.expr, lexemes)) for operand in node.ops)
    return nodes.Compare(first.offset, rest[-1][1].end - first.offset, first, rest)


def _concat(node: Any, lexemes: Lexemes) -> Node:
    parts = tuple(translate(part, lexemes) for part in node.nodes)
    return nodes.Concat(parts[0].offset, parts[-1].end - parts[0].offset, parts)


def _choice(node: Any, lexemes: Lexemes) -> Node:
    then, condition = translate(node.expr1, lexemes), translate(node.test, lexemes)
    if node.expr2 is None:
        raise ExpressionError(
            "`if` has no `else`", then.offset, condition.end - then.offset, "say what it is otherwise: `else none`"
        )
    otherwise = translate(node.expr2, lexemes)
    return nodes.Choice(then.offset, otherwise.end - then.offset, condition, then, otherwise)


def _call(node: Any, lexemes: Lexemes) -> Node:
    if type(node.node).__name__ != "Name":
        raise _no_method(node, lexemes)
    name, at = node.node.name, node.node.lineno
    arguments, keywords = _arguments(node, lexemes)
    call = nodes.Call(at, lexemes.closing(node.lineno).end - at, name, at, arguments, keywords)
    check_function(call)
    return call


def _no_method(node: Any, lexemes: Lexemes) -> ExpressionError:
    if type(node.node).__name__ != "Getattr":
        return ExpressionError("only a function can be called", node.lineno, 1, f"they are: {', '.join(FUNCTIONS)}")
    name = lexemes.after(node.node.lineno)
    help = f"write `| {name.text}`" if name.text in FILTERS else nearest(name.text, FILTERS)
    return ExpressionError(f"there are no methods: `{name.text}`", name.offset, len(name.text), help)


def _filter(node: Any, lexemes: Lexemes) -> Node:
    of, name = translate(node.node, lexemes), lexemes.at(node.lineno)
    arguments, keywords = _arguments(node, lexemes)
    end = _end_of_arguments(name, lexemes)
    applied = nodes.Filter(of.offset, end - of.offset, node.name, name.offset, arguments, keywords, of)
    check_filter(applied)
    return applied


def _test(node: Any, lexemes: Lexemes) -> Node:
    of, name = translate(node.node, lexemes), lexemes.after(node.lineno)
    if name.text == "not":
        name = lexemes.after(name.offset)
    arguments, keywords = _arguments(node, lexemes)
    end = max([_end_of_arguments(name, lexemes), *(argument.end for argument in arguments)])
    applied = nodes.Test(of.offset, end - of.offset, node.name, name.offset, arguments, keywords, of)
    check_test(applied)
    return applied


def _end_of_arguments(name: Lexeme, lexemes: Lexemes) -> int:
    following = lexemes.after(name.offset)
    return lexemes.closing(following.offset).end if following.text == "(" else name.end


def _arguments(node: Any, lexemes: Lexemes) -> tuple[tuple[Node, ...], tuple[tuple[str, Node], ...]]:
    for spread in (node.dyn_args, node.dyn_kwargs):
        if spread is not None:
            raise ExpressionError("arguments can't be spread with `*`", spread.lineno, 1, "write each argument")
    arguments = tuple(translate(argument, lexemes) for argument in node.args)
    return arguments, tuple((keyword.key, translate(keyword.value, lexemes)) for keyword in node.kwargs)


_TRANSLATIONS: dict[str, Callable[[Any, Lexemes], Node]] = {
    "Const": _const,
    "Name": _name,
    "Getattr": _attribute,
    "Getitem": _item,
    "List": _list,
    "Tuple": _tuple,
    "Dict": _dict,
    "Compare": _compare,
    "Concat": _concat,
    "CondExpr": _choice,
    "Call": _call,
    "Filter": _filter,
    "Test": _test,
    **dict.fromkeys(_UNARY, _unary),
    **dict.fromkeys(_BINARY, _binary),
    **dict.fromkeys(_LOGIC, _logic),
}
