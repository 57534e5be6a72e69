"""The filters that aren't about picking: what each takes, and what it makes, in one table."""

from __future__ import annotations

from collections.abc import Mapping

from runner.plan.types import sequences
from runner.plan.types.model import (
    ANY_TEXT,
    BOOLEAN,
    CONTAINER,
    NUMBER,
    TEXT,
    UNKNOWN,
    UNKNOWNS,
    WHOLE,
    Type,
    either,
    list_of,
)
from runner.plan.types.uses import Rule, Use, items_of


def applied(use: Use, of: Type) -> Type:
    """The type of what a filter makes of a value; unknown for one that isn't in the table."""
    rule = RULES.get(use.name)
    return UNKNOWN if rule is None else rule(use, of)


def _simple(kinds: int, made: Type) -> Rule:
    def rule(use: Use, of: Type) -> Type:
        use.needs(of, kinds)
        return made

    return rule


def _number(use: Use, of: Type) -> Type:
    use.needs(of, NUMBER)
    for node, type_ in use.arguments.values():
        use.run.needs(node, type_, NUMBER | TEXT, f"| {use.name}")
    return Type(of.kinds & NUMBER or NUMBER)


def _int(use: Use, of: Type) -> Type:
    default = use.type_of("default")
    if default is not None:
        return either(WHOLE, default)
    use.needs(of, NUMBER | TEXT | BOOLEAN)
    return WHOLE


def _one(use: Use, of: Type) -> Type:
    use.needs(of, CONTAINER)
    return items_of(of) or UNKNOWN


def _same_items(use: Use, of: Type) -> Type:
    use.needs(of, CONTAINER)
    return list_of(items_of(of))


def _reversed(use: Use, of: Type) -> Type:
    use.needs(of, CONTAINER)
    return ANY_TEXT if of.kinds == TEXT else UNKNOWN if of.kinds & TEXT or not of.known else list_of(items_of(of))


RULES: Mapping[str, Rule] = {
    "abs": _number,
    "count": _simple(CONTAINER, WHOLE),
    "dollars": _simple(NUMBER, ANY_TEXT),
    "first": _one,
    "int": _int,
    "join": sequences.join,
    "jsonpath": lambda *_: UNKNOWNS,
    "last": _one,
    "length": _simple(CONTAINER, WHOLE),
    "list": _same_items,
    "max": sequences.ordered,
    "min": sequences.ordered,
    "reverse": _reversed,
    "round": _number,
    "slice": sequences.dealt,
    "sort": sequences.ordered,
    "sum": sequences.total,
    "tick": _number,
    "unique": sequences.unique,
    **dict.fromkeys(("lower", "upper", "string", "replace", "tojson", "trim"), lambda *_: ANY_TEXT),
}
