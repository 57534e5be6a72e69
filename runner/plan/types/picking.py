"""``map``, ``select``, ``reject`` and their ``attr`` forms: the items that are left, and what is known of them then."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from runner.expression import FILTERS
from runner.expression.nodes import Const, Filter, Node
from runner.plan.types.asking import check_test
from runner.plan.types.facts import constants_of
from runner.plan.types.findings import item_absent
from runner.plan.types.model import ABSENT, CONTAINER, UNKNOWN, UNKNOWNS, Type, either, field_of, list_of, with_field
from runner.plan.types.predicates import TRUE, where
from runner.plan.types.reaching import follow
from runner.plan.types.rules import applied
from runner.plan.types.uses import Given, Use, items_of

if TYPE_CHECKING:
    from runner.plan.types.inference import Inference

Arguments: TypeAlias = Sequence[tuple[Node, Type]]


def _map(run: Inference, node: Filter, of: Type, given: Given) -> Type:
    """One attribute of each item, or a filter applied to each."""
    run.needs(node.of, of, CONTAINER, "| map")
    items = items_of(of)
    if items is None:
        return list_of(None)
    if given.positional:
        return list_of(_mapped(run, items, given))
    path = given.keywords["attribute"][0]
    if not isinstance(path, Const) or not isinstance(path.value, str):
        return UNKNOWNS
    found = follow(run, path, items, path.value)
    if "default" in given.keywords:
        return list_of(either(found.without(ABSENT), given.keywords["default"][1]))
    if found.kinds & ABSENT:
        run.findings.append(item_absent(path, path.value, found))
    return list_of(found.without(ABSENT))


def _mapped(run: Inference, items: Type, given: Given) -> Type:
    inner = given.positional[0][0]
    name = str(inner.value) if isinstance(inner, Const) else ""
    operation = FILTERS.get(name)
    if operation is None or name in PICKING or not items.known:
        return UNKNOWN
    arguments = given.named(operation.parameters, 1)
    if name in ("default", "d"):
        return either(items, arguments["default_value"][1]) if "default_value" in arguments else items
    return applied(Use(run, inner, name, arguments), items)


def _test_of(arguments: Arguments) -> tuple[str, Arguments]:
    """The name of the test among a filter's arguments, and what that is given."""
    named = arguments[0][0] if arguments else None
    return str(named.value) if isinstance(named, Const) else TRUE, arguments[1:]


def _left(type_: Type, test: str, others: Arguments, holds: bool) -> Type:
    constants = constants_of(others[0][0]) if others else None
    return where(type_, test, [other for _, other in others], holds, constants)


def _select(run: Inference, node: Filter, of: Type, given: Given) -> Type:
    """The items that pass a test, or fail it; a test tells something of those that are left."""
    run.needs(node.of, of, CONTAINER, f"| {node.name}")
    items = items_of(of)
    if items is None:
        return list_of(None)
    test, others = _test_of(given.positional)
    check_test(run, (node.of, items), test, others)
    return list_of(_left(items, test, others, node.name == "select"))


def _select_attribute(run: Inference, node: Filter, of: Type, given: Given) -> Type:
    run.needs(node.of, of, CONTAINER, f"| {node.name}")
    items, path = items_of(of), node.arguments[0]
    if items is None or not isinstance(path, Const) or not isinstance(path.value, str):
        return list_of(items)
    test, others = _test_of(given.positional[1:])
    holds, found = node.name == "selectattr", follow(run, path, items, path.value)
    if test in ("defined", "undefined"):
        left = found.without(ABSENT) if holds is (test == "defined") else found
    else:
        if found.kinds & ABSENT:
            run.findings.append(item_absent(path, path.value, found))
        check_test(run, (path, found.without(ABSENT)), test, others)
        left = _left(found.without(ABSENT), test, others, holds)
    return list_of(_with_path(items, path.value.split("."), left))


def _with_path(of: Type, path: Sequence[str], left: Type) -> Type:
    if not path:
        return left
    if not of.known or of.fields is None or path[0] not in of.fields:
        return of
    return with_field(of, path[0], _with_path(field_of(of, path[0]), path[1:], left))


PICKING: Mapping[str, Callable[[Inference, Filter, Type, Given], Type]] = {
    "map": _map,
    "select": _select,
    "reject": _select,
    "selectattr": _select_attribute,
    "rejectattr": _select_attribute,
}
