"""The type of an expression, node by node: one small rule for each kind of node, chosen by the kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any

from runner.expression import nodes
from runner.plan.types.asking import tested
from runner.plan.types.comparing import compared
from runner.plan.types.computing import computed
from runner.plan.types.filters import called, filtered
from runner.plan.types.model import (
    ABSENT,
    ANY_TEXT,
    BOOLEAN,
    DURATION,
    FLAG,
    INTEGER,
    LIST,
    MAPPING,
    MISSING,
    NULL,
    NUMBER,
    TEXT,
    UNKNOWN,
    Type,
    either,
    list_of,
)
from runner.plan.types.reaching import field, item
from runner.plan.types.schemas import of_value

if TYPE_CHECKING:
    from runner.expression.nodes import Node
    from runner.plan.types.inference import Inference


def _const(node: nodes.Const, _: Inference) -> Type:
    return of_value(node.value)


def _name(node: nodes.Name, run: Inference) -> Type:
    run.names.add(node.text)
    if node.text == "inputs":
        run.inputs.add(None)
    return run.told(node) or run.roots(node.text)


def _attribute(node: nodes.Attribute, run: Inference) -> Type:
    told = run.told(node)
    if told is not None:
        return told
    return field(run, node, _container(node.of, node.name, run), node.name, node.at, len(node.name))


def _item(node: nodes.Item, run: Inference) -> Type:
    told, key = run.told(node), node.key
    if told is not None:
        return told
    if isinstance(key, nodes.Const) and isinstance(key.value, str):
        return field(run, node, _container(node.of, key.value, run), key.value, key.offset, key.length)
    of, index = run.type_of(node.of), run.type_of(key)
    return item(run, node, of, index)


def _container(of: Node, name: str, run: Inference) -> Type:
    """The type that a field is looked up in; a field of ``inputs`` is noted."""
    if isinstance(of, nodes.Name) and of.text == "inputs":
        run.names.add("inputs")
        run.inputs.add(name)
        return run.roots("inputs")
    return run.type_of(of)


def _slice(node: nodes.Slice, run: Inference) -> Type:
    of = run.type_of(node.of)
    run.needs(node.of, of, TEXT | LIST, "[:]")
    for bound in (node.start, node.stop, node.step):
        if bound is not None:
            run.needs(bound, run.type_of(bound), INTEGER | NULL, "[:]", "a bound is an integer")
    if not of.kinds & (TEXT | LIST):
        return UNKNOWN
    return of.only(TEXT | LIST) if of.words is None else Type(TEXT)


def _listing(node: nodes.Listing, run: Inference) -> Type:
    items = [run.type_of(each) for each in node.items]
    return list_of(reduce(either, items) if items else None)


def _mapping(node: nodes.Mapping, run: Inference) -> Type:
    fields: dict[str, Type] = {}
    others: Type | None = None
    for key, value in node.pairs:
        found = run.type_of(value)
        if isinstance(key, nodes.Const):
            fields[str(key.value)] = found
        else:
            run.needs(key, run.type_of(key), TEXT, "{}", "a key is a text")
            others = UNKNOWN
    return Type(MAPPING, fields=fields, others=others)


def _unary(node: nodes.Unary, run: Inference) -> Type:
    of = run.type_of(node.of)
    if node.operator == "not":
        run.refuse_secret(node.of, of)
        return FLAG
    run.needs(node.of, of, NUMBER | DURATION, node.operator)
    return of.only(NUMBER | DURATION).without(NULL)


def _binary(node: nodes.Binary, run: Inference) -> Type:
    return computed(run, node, run.type_of(node.left), run.type_of(node.right))


def _compare(node: nodes.Compare, run: Inference) -> Type:
    left_node, left = node.first, run.type_of(node.first)
    for operator, right_node in node.rest:
        right = run.type_of(right_node)
        compared(run, operator, (left_node, left), (right_node, right))
        left_node, left = right_node, right
    return FLAG


def _logic(node: nodes.Logic, run: Inference) -> Type:
    left = run.type_of(node.left)
    run.refuse_secret(node.left, left)
    right = run.assuming(node.left, node.operator == "and", node.right)
    if left.kinds == BOOLEAN and right.kinds == BOOLEAN:
        return FLAG
    if node.operator == "and":
        return either(left, right)
    # one that steps in for a null is taken to be there: its author has seen to that
    return either(left.without(MISSING), right.without(NULL) if left.kinds & NULL else right)


def _choice(node: nodes.Choice, run: Inference) -> Type:
    run.refuse_secret(node.condition, run.type_of(node.condition))
    then = run.assuming(node.condition, True, node.then)
    return either(then, run.assuming(node.condition, False, node.otherwise))


def _concat(node: nodes.Concat, run: Inference) -> Type:
    for part in node.parts:
        run.refuse_secret(part, run.type_of(part))
    return ANY_TEXT


def _call(node: nodes.Call, run: Inference) -> Type:
    before = len(run.findings)
    arguments = [run.type_of(each) for each in (*node.arguments, *(value for _, value in node.keywords))]
    if node.name == "any":
        run.findings[before:] = [each for each in run.findings[before:] if each.sure]
    run.names.add(f"{node.name}()")
    return called(run, node, arguments)


def _filter(node: nodes.Filter, run: Inference) -> Type:
    if node.name in ("default", "d"):
        return _default(node, run)
    return filtered(run, node, run.type_of(node.of))


def _default(node: nodes.Filter, run: Inference) -> Type:
    """What is there, or the argument; null gives way to it only where ``boolean`` says so."""
    of = _asked(node.of, run)
    given = dict(zip(("default_value", "boolean"), node.arguments, strict=False)) | dict(node.keywords)
    types = {name: run.type_of(each) for name, each in given.items()}
    flag = given.get("boolean")
    boolean = isinstance(flag, nodes.Const) and bool(flag.value)
    if boolean:
        run.refuse_secret(node.of, of)
    there = of.without(MISSING if boolean or (flag is not None and not isinstance(flag, nodes.Const)) else ABSENT)
    default = types.get("default_value", of_value(""))
    return default if boolean and of.kinds and not of.kinds & ~MISSING else either(there, default)


def _asked(node: Node, run: Inference) -> Type:
    """The type of a node that may be absent here."""
    before, run.forgiven = run.forgiven, node
    try:
        return run.type_of(node)
    finally:
        run.forgiven = before


def _test(node: nodes.Test, run: Inference) -> Type:
    if node.name in ("defined", "undefined"):
        _asked(node.of, run)
        return FLAG
    return tested(run, node, run.type_of(node.of))


RULES: Mapping[type[Node], Callable[[Any, Inference], Type]] = {
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
