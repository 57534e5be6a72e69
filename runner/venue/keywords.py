"""Keywords of JSON Schema that look at a value alone: its type, its words, its form, its bounds."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from runner.venue.problems import Check, Problem, Reading, Schema, quoted
from runner.venue.wire import kind_of

_FORMS = {"int64": "an integer", "decimal": "a decimal number"}
_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, Decimal)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, (list, tuple)),
    "null": lambda value: value is None,
}
_OTHER_FORM: dict[str, Callable[[Any], bool]] = {
    "int64": _TYPES["integer"],
    "decimal": _TYPES["number"],
    "number": lambda value: (
        isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,30}(\.[0-9]{1,30})?", value) is not None
    ),
}
"""A number may be a text, and what is one by its form a number: by the schema's type or format."""

_DUE = {
    "string": "a text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}


def _type(schema: Schema, reading: Reading) -> Check:
    names = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    form = schema.get("format", "")
    tests = [_TYPES[name] for name in names]
    if reading.tolerant:
        tests += [_OTHER_FORM[each] for each in (form, *names) if each in _OTHER_FORM]
    due, promised = _FORMS.get(form, _DUE[names[0]]), reading.promised

    def check(value: Any) -> Sequence[Problem]:
        for test in tests:
            if test(value):
                return ()
        return (Problem("", f"is {kind_of(value)}, {due} was promised", promised),)

    return check


def _words(schema: Schema, reading: Reading) -> Check:
    """An answer may hold a word never seen before."""
    words, promised = tuple(schema["enum"]), not reading.tolerant

    def check(value: Any) -> Sequence[Problem]:
        if value in words:
            return ()
        return (Problem("", f"is {quoted(value)}, a word that its contract does not have", promised),)

    return check


def _pattern(schema: Schema, reading: Reading) -> Check:
    matches = re.compile(schema["pattern"]).search
    due, promised = _FORMS.get(schema.get("format", ""), "another text"), reading.promised

    def check(value: Any) -> Sequence[Problem]:
        if not isinstance(value, str) or matches(value):
            return ()
        return (Problem("", f"is the text {quoted(value)}, {due} was promised", promised),)

    return check


def _bound(keyword: str, measure: Callable[[Any], Any], wrong: Callable[[Any, Any], bool], words: str) -> Any:
    """A keyword that bounds a number, a length or a count; ``measure`` gives None where it does not apply."""

    def make(schema: Schema, reading: Reading) -> Check:
        bound, promised = schema[keyword], reading.promised

        def check(value: Any) -> Sequence[Problem]:
            measured = measure(value)
            if measured is None or not wrong(measured, bound):
                return ()
            return (Problem("", words.format(bound=bound), promised),)

        return check

    return make


def _number(value: Any) -> Any:
    return value if _TYPES["number"](value) else None


def _length(value: Any) -> int | None:
    return len(value) if isinstance(value, str) else None


def _count(value: Any) -> int | None:
    return len(value) if isinstance(value, (list, tuple)) else None


SIMPLE: dict[str, Callable[[Schema, Reading], Check]] = {
    "type": _type,
    "enum": _words,
    "pattern": _pattern,
    "minLength": _bound("minLength", _length, int.__lt__, "is shorter than {bound}"),
    "maxLength": _bound("maxLength", _length, int.__gt__, "is longer than {bound}"),
    "minimum": _bound("minimum", _number, lambda value, bound: value < bound, "is less than {bound}"),
    "maximum": _bound("maximum", _number, lambda value, bound: value > bound, "is more than {bound}"),
    "minItems": _bound("minItems", _count, int.__lt__, "has fewer than {bound}"),
    "maxItems": _bound("maxItems", _count, int.__gt__, "has more than {bound}"),
}
"""What makes the check of each keyword."""
