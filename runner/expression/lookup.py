"""Reaching into data: fields of mappings, items of lists, dotted paths. Never a Python attribute."""

from __future__ import annotations

from collections.abc import Mapping

from runner.expression.errors import Absent, Trouble, nearest
from runner.expression.values import kind_of, refuse_secret, show

_LISTED = 8


def field(value: object, name: str, source: str) -> object:
    """The key ``name`` of a mapping; ``source`` is how a message calls the value.

    Raises:
        Absent: the mapping has no such key, or the value is null.
        Trouble: the value has no fields at all.
    """
    if isinstance(value, dict | Mapping):
        try:
            return value[name]
        except KeyError:
            raise Absent(f"{source} has no field `{name}`", names_of(value, name)) from None
    refuse_secret(value)
    if value is None:
        raise Absent(f"{source} is null, it has no field `{name}`", "say what to use instead with `| default(…)`")
    raise Trouble(f"{source} is {kind_of(value)}, it has no field `{name}`", _towards_filter(name))


def item(value: object, key: object, source: str) -> object:
    """``value[key]``: a field by its name, or an item of a list or text by its index from 0."""
    if isinstance(key, str):
        return field(value, key, source)
    if type(key) is not int:
        raise Trouble(f"{show(key)} is no key: write a text or an integer")
    if isinstance(value, list | tuple | str):
        try:
            return value[key]
        except IndexError:
            raise Absent(f"{source} has no item {key}", f"it has {len(value)}, counted from 0") from None
    refuse_secret(value)
    if value is None or isinstance(value, Mapping):
        raise Absent(f"{source} is {kind_of(value)}, it has no item {key}", "")
    raise Trouble(f"{source} is {kind_of(value)}, it has no items", "")


def path_of(attribute: object) -> list[str | int]:
    """The steps of ``attribute="a.b.0"`` as the filters take it."""
    if type(attribute) is int:
        return [attribute]
    if not isinstance(attribute, str):
        raise Trouble(f"attribute must be a text, not {show(attribute)}")
    return [int(part) if part.isascii() and part.isdecimal() else part for part in attribute.split(".")]


def follow(value: object, path: list[str | int]) -> object:
    """The value that a path leads to, inside an item of a sequence."""
    for step in path:
        value = field(value, step, "an item") if isinstance(step, str) else item(value, step, "an item")
    return value


def undefined(name: str, scope: Mapping[str, object], functions: Mapping[str, object]) -> Absent:
    """The trouble with a root name that isn't there."""
    if name in functions:
        return Absent(f"`{name}` is a function", f"write `{name}()`")
    return Absent(f"`{name}` is not defined here", nearest(name, scope) or names_of(scope, name))


def names_of(value: Mapping[str, object], wanted: str) -> str:
    """What a mapping has instead of the field that was wanted: its first names, and the nearest."""
    names = [str(name) for name in value][:_LISTED]
    listed = ", ".join(names) + (", …" if len(value) > _LISTED else "")
    guess = nearest(wanted, [str(name) for name in value]) if len(value) <= 1_000 else ""
    return "; ".join(part for part in (f"it has: {listed}" if names else "it has none", guess) if part)


def _towards_filter(name: str) -> str:
    from_python = {"length": "| length", "size": "| length", "upper": "| upper", "lower": "| lower"}
    return f"write `{from_python[name]}`" if name in from_python else ""
