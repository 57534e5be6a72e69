"""JSON Schema → type: of an action's result, of its arguments, of a playbook's input.

Whatever a schema says that isn't understood here leaves the type unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import reduce
from typing import Any

from runner.plan.types.model import (
    ABSENT,
    BOOLEAN,
    DECIMAL,
    INTEGER,
    LIST,
    MAPPING,
    NULL,
    NUMBER,
    PERHAPS,
    SEALED,
    TEXT,
    TIME,
    UNKNOWN,
    Type,
    either,
)
from runner.playbook.model import Input
from runner.value import Schema

_KINDS = {
    "string": TEXT,
    "integer": INTEGER,
    "number": NUMBER,
    "boolean": BOOLEAN,
    "null": NULL,
    "array": LIST,
    "object": MAPPING,
}
_INPUTS = {
    "string": TEXT,
    "integer": INTEGER,
    "decimal": DECIMAL,
    "boolean": BOOLEAN,
    "list": LIST,
    "object": MAPPING,
}


def of_schema(schema: Schema, origin: str = "", *, prose: bool = False) -> Type:
    """The type that a schema describes; its texts are ``prose`` where the schema gives the field a name of its own."""
    if "anyOf" in schema:
        return _of_choices(schema["anyOf"], origin, prose)
    if "enum" in schema:
        return _of_values(schema["enum"], origin)
    kinds = _kinds(schema)
    return Type(
        kinds,
        items=of_schema(schema.get("items", {}), origin, prose=prose) if kinds & LIST else None,
        fields=_fields(schema, origin) if kinds & MAPPING else None,
        others=_others(schema, origin) if kinds & MAPPING else None,
        prose=prose and bool(kinds & TEXT),
        origin=origin if kinds else "",
    )


def of_value(value: object) -> Type:
    """The type of a constant."""
    match value:
        case bool():
            return Type(BOOLEAN)
        case int():
            return Type(INTEGER)
        case Decimal():
            return Type(DECIMAL)
        case str():
            return Type(TEXT, words=frozenset((value,)))
        case None:
            return Type(NULL)
    return UNKNOWN


def of_input(wanted: Input) -> Type:
    """The type that an input's declaration gives it; a field that its default has not may be absent."""
    if wanted.secret:
        return SEALED
    kind = _INPUTS[wanted.type]
    texts = [each for each in wanted.enum if isinstance(each, str)]
    named = list(wanted.default) if kind == MAPPING and isinstance(wanted.default, Mapping) else []
    other = replace(PERHAPS, origin=f"the default of input `{wanted.name}`") if named else UNKNOWN
    return Type(
        kind,
        items=UNKNOWN if kind == LIST else None,
        fields=dict.fromkeys(named, UNKNOWN) if kind == MAPPING else None,
        others=other if kind == MAPPING else None,
        words=frozenset(texts) if kind == TEXT and texts else None,
        origin=f"input `{wanted.name}`",
    )


def is_open(schema: Schema) -> bool:
    """Whether the schema says of an object that it may have fields it doesn't name."""
    return schema.get("additionalProperties", True) is not False


def _kinds(schema: Schema) -> int:
    stated = schema.get("type", ())
    names = (stated,) if isinstance(stated, str) else stated
    kinds = reduce(int.__or__, (_KINDS[name] for name in names), 0)
    return kinds ^ (TEXT | TIME) if schema.get("format") == "date-time" and kinds & TEXT else kinds


def _of_choices(choices: list[Schema], origin: str, prose: bool) -> Type:
    """One of several; "one of these words, or any text" is a list of words that may grow at the venue."""
    known = next((each["enum"] for each in choices if "enum" in each), None)
    if known is not None and any(each == {"type": "string"} for each in choices):
        return Type(TEXT, words=frozenset((*known, "")), prose=True, origin=origin)
    return reduce(either, (of_schema(each, origin, prose=prose) for each in choices))


def _of_values(values: list[Any], origin: str) -> Type:
    found = reduce(either, map(of_value, values))
    return Type(found.kinds, words=found.words, prose=True, origin=origin)


def _fields(schema: Schema, origin: str) -> Mapping[str, Type]:
    required = schema.get("required", ())
    found = {name: of_schema(each, origin, prose=True) for name, each in schema.get("properties", {}).items()}
    return {name: each if name in required else _optional(each) for name, each in found.items()}


def _optional(field: Type) -> Type:
    return either(field, Type(ABSENT, prose=True, origin=field.origin)) if field.known else field


def _others(schema: Schema, origin: str) -> Type | None:
    if not is_open(schema):
        return None
    stated = schema.get("additionalProperties", True)
    return of_schema(stated, origin) if isinstance(stated, dict) else UNKNOWN
