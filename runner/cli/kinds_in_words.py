"""JSON Schemas in people's words: ``whole number, 1 to 10``, ``list of texts``, ``number or null``."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from runner.value import DURATION_TEXT, Argument, Schema

_TYPES = {
    "string": "text",
    "boolean": "true or false",
    "integer": "whole number",
    "number": "number",
    "null": "null",
    "array": "list",
    "object": "mapping",
}
_PLURALS = {"text": "texts", "number": "numbers", "whole number": "whole numbers", "mapping": "mappings"}
_UNITS = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms"))


def kind_in_words(schema: Schema) -> str:
    """What a value of this schema is."""
    if "enum" in schema:
        return _alternatives([str(word) for word in short_words(schema["enum"])])
    if "anyOf" in schema:
        return _alternatives(list(dict.fromkeys(kind_in_words(each) for each in _but_wire_forms(schema["anyOf"]))))
    if isinstance(schema.get("type"), list):
        return _alternatives([kind_in_words({**schema, "type": each}) for each in schema["type"]])
    if schema.get("type") == "string":
        return _text(schema)
    if schema.get("type") == "integer" and "maximum" in schema:
        return f"whole number, {schema.get('minimum', 0)} to {schema['maximum']}"
    if schema.get("type") == "array" and "items" in schema:
        return f"list of {_plural(kind_in_words(schema['items']))}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"mapping of {_plural(kind_in_words(schema['additionalProperties']))}"
    return _TYPES.get(schema.get("type", ""), "anything")


def short_words(words: list[Any]) -> list[Any]:
    """``buy`` and ``sell`` without the wire's ``SIDE_BUY`` and ``SIDE_SELL``, which may be written, too."""
    return [word for word in words if not any(_is_wire_form(word, other) for other in words)]


def default_as_written(argument: Argument) -> Any:
    """The default as a playbook would say it, None if there is none: ``limit``, ``10s``."""
    default, schema = argument.default, argument.kind.schema
    if "enum" in schema:
        return next((word for word in short_words(schema["enum"]) if argument.kind.read(word) == default), default)
    if schema.get("pattern") == DURATION_TEXT and default is not None:
        size, unit = next((size, unit) for size, unit in _UNITS if default % size == 0)
        return f"{default // size}{unit}"
    return f"{default:f}" if isinstance(default, Decimal) else default


def fields_of(schema: Schema, depth: int = 0) -> Iterator[tuple[int, str, Schema]]:
    """Every field below a result, as a tree: depth, name (``orders[]`` for a list's items), schema."""
    for name, field in _without_null(schema).get("properties", {}).items():
        inner, written = _without_null(field), name
        while inner.get("type") == "array" and "items" in inner:
            inner, written = _without_null(inner["items"]), f"{written}[]"
        yield depth, written, field if written == name else inner
        yield from fields_of(inner, depth + 1)


def _without_null(schema: Schema) -> Schema:
    """What it is where it is there at all."""
    others = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    return others[0] if len(others) == 1 else schema


def _but_wire_forms(schemas: list[Schema]) -> list[Schema]:
    """A number may be written as text, which goes without saying."""
    is_number = any(each.get("type") == "number" for each in schemas)
    return [each for each in schemas if not (is_number and each.get("type") == "string")]


def _text(schema: Schema) -> str:
    if schema.get("pattern") == DURATION_TEXT:
        return "duration"
    return "time" if schema.get("format") == "date-time" else "text"


def _is_wire_form(word: Any, short: Any) -> bool:
    return isinstance(word, str) and word != short and word.endswith(f"_{str(short).upper()}")


def _plural(words: str) -> str:
    return _PLURALS.get(words, words)


def _alternatives(words: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
