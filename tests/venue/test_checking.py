"""The checker of the contract, held against a JSON Schema validator on random values."""

from __future__ import annotations

import timeit
from random import Random
from typing import Any

import jsonschema_rs
import pytest

from runner.venue.checking import compiled
from runner.venue.contract import answer_problems, definition
from runner.venue.operations import OPERATIONS
from runner.venue.problems import Reading
from runner.venue.wire import snake

from .recorded import recorded, schema
from .test_promises import MAPS

SIDES = [(name, side) for name, operation in OPERATIONS.items() if operation.family for side in ("request", "answer")]
JUNK: list[Any] = [None, True, False, -3, 0, 7, 3000, "", "x", "17", "-1", "1.5", [], {}, [1], {"a": 1}]


def whole(of: Any, file: str) -> Any:
    """A schema with everything that it refers to."""
    if isinstance(of, list):
        return [whole(each, file) for each in of]
    if not isinstance(of, dict):
        return of
    found = {name: whole(each, file) for name, each in of.items() if name not in {"$ref", "format"}}
    if "$ref" not in of:
        return found
    path, _, name = of["$ref"].partition("#")
    return {**found, "allOf": [whole(schema(f"{path or file}#{name}"), path or file)]}


def side_of(name: str, side: str) -> Any:
    file = f"{OPERATIONS[name].family}.schema.json"
    return whole(schema(f"{file}#/$defs/{name}_{side}"), file)


def flat(of: dict[str, Any]) -> dict[str, Any]:
    """A schema's own keywords with those of what it refers to."""
    merged: dict[str, Any] = {"properties": {}}
    for inner in [*(flat(each) for each in (*of.get("allOf", ()), *of.get("anyOf", ())[:1])), of]:
        merged |= inner | {"properties": {**merged["properties"], **inner.get("properties", {})}}
    return merged


def value_of(of: Any, chance: Random) -> Any:
    """Mostly what the schema describes, now and then something else."""
    if chance.random() < 0.02:
        return chance.choice(JUNK)
    of = flat(of)
    kinds = of.get("type", "object" if of["properties"] else "string")
    match kinds if isinstance(kinds, str) else chance.choice(kinds):
        case "object":
            return object_of(of, chance)
        case "array":
            return [value_of(of.get("items", {"type": "string"}), chance) for _ in range(chance.randrange(4))]
        case "string":
            return chance.choice(of.get("enum", ["17", "-5"] if "pattern" in of else ["a text", "17"]))
        case "integer" | "number":
            return chance.randint(1, 12)
        case "boolean":
            return chance.random() < 0.5
    return None


def object_of(of: Any, chance: Random) -> Any:
    required = set(of.get("required", ()))
    names = [name for name in of["properties"] if chance.random() < (0.98 if name in required else 0.3)]
    found = {name: value_of(of["properties"][name], chance) for name in names}
    rest = of.get("additionalProperties", True)
    if chance.random() < 0.1:
        found["another"] = value_of(rest, chance) if isinstance(rest, dict) else 1
    return found


def problems(name: str, side: str, value: Any, *, tolerant: bool) -> list[str]:
    operation = OPERATIONS[name]
    check = definition(f"#/$defs/{name}_{side}", Reading(definition, operation.family, tolerant))
    return [str(each) for each in check(value) if each.promised]


def in_snake_case(value: Any) -> Any:
    """The same with the other spelling of every field."""
    if isinstance(value, dict):
        return {
            snake(name): item if (name,) in MAPS or name == "balances" else in_snake_case(item)
            for name, item in value.items()
        }
    return [in_snake_case(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("name", "side"), SIDES, ids=["-".join(each) for each in SIDES])
def test_as_a_validator_does(name: str, side: str) -> None:
    """What is valid is without a problem, what is not has one; read tolerantly, nothing more is wrong than that."""
    described = side_of(name, side)
    judge = jsonschema_rs.Draft202012Validator(described)
    chance = Random(f"{name} {side}")
    for _ in range(200):
        value = value_of(described, chance)
        found = problems(name, side, value, tolerant=False)
        assert (not found) == judge.is_valid(value), (value, found)
        assert found or not problems(name, side, value, tolerant=True), value


@pytest.mark.parametrize("name", [name for name, side in SIDES if side == "answer" and not name.startswith("kyc")])
def test_either_spelling(name: str) -> None:
    """An answer in snake_case breaks the contract where the same one in camelCase does."""
    described, chance = side_of(name, "answer"), Random(name)
    for _ in range(50):
        value = value_of(described, chance)
        published, other = (problems(name, "answer", each, tolerant=True) for each in (value, in_snake_case(value)))
        assert [each.partition("it has")[0] for each in published] == [each.partition("it has")[0] for each in other]


def test_a_keyword_that_is_not_known() -> None:
    """It is an error at once: it would else be ignored."""
    with pytest.raises(ValueError, match="multipleOf"):
        compiled({"type": "integer", "multipleOf": 5}, Reading(definition, "types", False))


@pytest.mark.parametrize("name", ["whoami", "balance", "insert_order", "cancel_order"])
def test_a_check_is_quick(name: str) -> None:
    """A small answer is checked in far less than a tenth of a millisecond."""
    operation, answer = OPERATIONS[name], recorded(name)
    answer_problems(operation, answer)
    best = min(timeit.repeat(lambda: answer_problems(operation, answer), number=20, repeat=5)) / 20
    assert best < 0.0001
