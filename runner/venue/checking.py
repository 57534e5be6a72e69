"""JSON Schema, as far as the venue's contract uses it, compiled to functions that say what is wrong with a value.

A validator for all of JSON Schema takes 80 ms to load and a thousand times as long for one small answer. What is not
known here is an error when a schema is compiled, so that no keyword is silently ignored. An answer is read in either
of the venue's dialects: in camelCase or snake_case, 64-bit integers and decimals as text or number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from runner.venue.keywords import SIMPLE
from runner.venue.problems import Check, Problem, Reading, Schema, missing, short
from runner.venue.wire import snake

_NOTHING: tuple[Problem, ...] = ()
_SILENT = {"$schema", "$defs", "title", "description", "format", "x-source", "x-personal", "x-older-name"}


def compiled(schema: Schema, reading: Reading) -> Check:
    """What finds the problems of a value, most telling first. Raises ``ValueError`` for a keyword that is not known."""
    unknown = schema.keys() - _SILENT - _KEYWORDS.keys() - _TOGETHER
    if unknown:
        raise ValueError(f"a keyword that no check is written for: {', '.join(sorted(unknown))}")
    checks = [_KEYWORDS[keyword](schema, reading) for keyword in _KEYWORDS if keyword in schema]
    if schema.keys() & _TOGETHER:
        checks.append(_object(schema, reading))
    first, rest = (checks[0], checks[1:]) if "type" in schema else (_anything, checks)
    return first if not rest else rest[0] if first is _anything and len(rest) == 1 else _both(first, rest)


def _both(first: Check, rest: Sequence[Check]) -> Check:
    def check(value: Any) -> Sequence[Problem]:
        found = first(value)
        if found:
            return found
        for each in rest:
            more = each(value)
            if more:
                found = (*found, *more)
        return found

    return check


def _anything(_: Any) -> Sequence[Problem]:
    return _NOTHING


def _items(schema: Schema, reading: Reading) -> Check:
    inner = compiled(schema["items"], reading)

    def check(value: Any) -> Sequence[Problem]:
        if not isinstance(value, (list, tuple)):
            return _NOTHING
        return [each.below(f"[{at}]") for at, item in enumerate(value) for each in inner(item)]

    return check


def _reference(schema: Schema, reading: Reading) -> Check:
    """What is referred to is compiled when a value comes to it: most of a contract never meets one."""
    demanding = reading.demanding(_promises(schema))
    inner: list[Check] = []

    def check(value: Any) -> Sequence[Problem]:
        if not inner:
            inner.append(reading.resolve(schema["$ref"], demanding))
        return inner[0](value)

    return check


def _any_of(schema: Schema, reading: Reading) -> Check:
    """What is wrong with a value as the first form, unless it has another one."""
    usual, *others = schema["anyOf"]
    forms = [compiled(usual, reading), *(compiled(each, reading.of(True)) for each in others)]

    def check(value: Any) -> Sequence[Problem]:
        found: list[Sequence[Problem]] = []
        for form in forms:
            problems = form(value)
            if not problems:
                return _NOTHING
            found.append(problems)
        return min(found, key=_broken)

    return check


def _one_of(schema: Schema, reading: Reading) -> Check:
    forms = [compiled(each, reading) for each in schema["oneOf"]]

    def check(value: Any) -> Sequence[Problem]:
        found = [form(value) for form in forms]
        fitting = sum(not _broken(each) for each in found)
        if fitting == 1:
            return _NOTHING
        return found[0] if not fitting else (Problem("", "has more than one of what excludes each other"),)

    return check


def _object(schema: Schema, reading: Reading) -> Check:
    """The keywords of objects together: each key is looked up once."""
    parts = _parts(schema, reading)
    rest = schema.get("additionalProperties", True)
    inner = compiled(rest, reading) if isinstance(rest, dict) else None
    # Only where all fields are listed is another one new: a schema that adds to a `$ref` lists some of them.
    stranger = _stranger(rest, reading) if inner is None and {"type", "properties"} <= schema.keys() else None
    due = [(name, _spellings(schema, name, reading)) for name in schema.get("required", ())]
    together = tuple(schema.get("dependentRequired", {}).items())

    def check(value: Any) -> Sequence[Problem]:
        if not isinstance(value, dict):
            return _NOTHING
        problems = [missing(name, value) for name, spelt in due if not any(each in value for each in spelt)]
        for name, item in value.items():
            part = parts.get(name)
            if part is not None:
                problems += part(item)
            elif inner is not None:
                problems += [each.below(name) for each in inner(item)]
            elif stranger is not None:
                problems.append(stranger(name))
        for name, others in together:
            if _has(value, name):
                problems += [missing(each, value) for each in others if not _has(value, each)]
        return problems

    return check


def _parts(schema: Schema, reading: Reading) -> dict[str, Check]:
    """What checks a field, by each of its spellings; its problems are put below its published name."""
    found: dict[str, Check] = {}
    promises = reading.demanded | _promises(schema)
    for name, part in schema.get("properties", {}).items():
        promised = name in promises
        check = _part(name, compiled(part, reading.of(promised)), may_be_null=reading.tolerant and not promised)
        found |= dict.fromkeys(_spellings(schema, name, reading), check)
    return found


def _part(name: str, inner: Check, *, may_be_null: bool) -> Check:
    def check(value: Any) -> Sequence[Problem]:
        if value is None and may_be_null:
            return _NOTHING
        found = inner(value)
        return [each.below(name) for each in found] if found else _NOTHING

    return check


def _promises(schema: Schema) -> frozenset[str]:
    """The fields that a schema wants: always, or beside others."""
    return frozenset(schema.get("required", ())).union(*schema.get("dependentRequired", {}).values())


def _spellings(schema: Schema, name: str, reading: Reading) -> tuple[str, ...]:
    if not reading.tolerant:
        return (name,)
    older = schema.get("properties", {}).get(name, {}).get("x-older-name", name)
    return tuple(dict.fromkeys((name, snake(name), older)))


def _has(value: Mapping[str, Any], name: str) -> bool:
    return name in value or snake(name) in value


def _stranger(rest: object, reading: Reading) -> Callable[[str], Problem] | None:
    if rest is False:
        return lambda name: Problem(short(name), "is not a field of its contract")
    if reading.tolerant:
        return lambda name: Problem(short(name), "is a field that its contract does not have", promised=False)
    return None


def _broken(problems: Iterable[Problem]) -> bool:
    return any(each.promised for each in problems)


_KEYWORDS: dict[str, Callable[[Schema, Reading], Check]] = {
    **SIMPLE,
    "items": _items,
    "$ref": _reference,
    "anyOf": _any_of,
    "oneOf": _one_of,
}
_TOGETHER = {"properties", "required", "additionalProperties", "dependentRequired"}
