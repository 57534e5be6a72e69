"""``schemas/faults.schema.json``: what an editor is told of a faults file, held to what the exchange reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, fields
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import jsonschema
import pytest

from runner.sandbox.faults.effects import EFFECTS
from runner.sandbox.faults.reading import WrongFaults, read
from sandbox.test_sandbox_docs import rows

SCHEMA = Path(__file__).parents[2] / "schemas" / "faults.schema.json"
CHOICE = {
    "operation": {"type": "string", "description": "Such as `POST /v1/trading/orders`; `*` stands for any text"},
    "participant": {"type": "string", "description": "Only calls that act for this user"},
    "calls": {
        "description": "The numbers of the matching calls that are struck, from 1",
        "anyOf": [
            {"type": "integer", "minimum": 1},
            {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1},
        ],
    },
    "share": {"type": "number", "minimum": 0, "maximum": 1, "description": "Or a share of them"},
    "seed": {"type": "integer", "minimum": 0, "description": "What draws the share"},
}


def schema() -> dict[str, object]:
    """The schema by the effects' own declarations."""
    kinds = [described(kind) for kind in EFFECTS]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Faults of the sandbox exchange",
        "type": "object",
        "properties": {"faults": {"type": "array", "maxItems": 1000, "items": {"oneOf": kinds}}},
        "required": ["faults"],
        "additionalProperties": False,
    }


def described(kind: str) -> dict[str, object]:
    effect: Any = EFFECTS[kind]
    hints = get_type_hints(effect)
    needed = [field.name for field in fields(effect) if field.default is MISSING]
    own = {field.name: typed(hints[field.name]) for field in fields(effect)}
    return {
        "title": kind,
        "description": effect.__doc__,
        "type": "object",
        "properties": {"fault": {"const": kind}, **own, **CHOICE},
        "required": ["fault", *needed],
        "additionalProperties": False,
        "not": {"required": ["calls", "share"]},
    }


def typed(hint: Any) -> dict[str, object]:
    if get_origin(hint) is Literal:
        words = get_args(hint)
        return {"enum": [*words, *(int(word) for word in words if word.isdigit())]}
    if NoneType in get_args(hint):
        return typed(get_args(hint)[0])
    return {"type": {str: "string", int: "integer", float: "number"}[hint]}


def test_the_schema_is_published(golden: Callable[[Path, str], None]) -> None:
    """As the effects declare themselves; ``--update`` writes it anew."""
    golden(SCHEMA, json.dumps(schema(), indent=2) + "\n")


@pytest.mark.parametrize("kind", EFFECTS)
def test_the_schema_agrees_with_the_reader(kind: str) -> None:
    """Both take the page's example; both refuse it with a strange key, without its kind, with a wrong choice."""
    import yaml

    example = yaml.safe_load(next(row[1].strip("`") for row in rows("Faults") if row[0] == f"`{kind}`"))
    published = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert accepted(published, example)
    for change in ({"strange": 1}, {"fault": "fire"}, {"share": 2}, {"calls": 0}, {"seed": "x"}, {"operation": 5}):
        assert not accepted(published, example | change)


def accepted(published: dict[str, object], fault: object) -> bool:
    """Whether both take it; they must be of one mind."""
    document = {"faults": [fault]}
    by_schema = jsonschema.Draft202012Validator(published).is_valid(document)
    try:
        read(document)
    except WrongFaults:
        assert not by_schema
        return False
    assert by_schema
    return True
