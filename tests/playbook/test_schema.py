"""The schema for editors and the code that reads playbooks say the same."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from runner.playbook.model import Input, InputType, Limits, OnFailure, Retry, RetryOn, Severity, Step
from runner.playbook.schemas import schemas_folder
from runner.value import DURATION_TEXT

FOLDER = schemas_folder()
ROOT = "file:///"


def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "playbook.schema.json").read_text(encoding="utf-8"))
    return found


def editor() -> Draft202012Validator:
    """A validator that knows nothing of ours, as an editor has it: it follows the references between the files."""

    def retrieve(uri: str) -> Resource[Any]:
        text = (FOLDER / uri.removeprefix(ROOT)).read_text(encoding="utf-8")
        return DRAFT202012.create_resource(json.loads(text))

    registry: Registry[Any] = Registry(retrieve=retrieve)  # type: ignore[call-arg]
    return Draft202012Validator({"$ref": f"{ROOT}playbook.schema.json"}, registry=registry)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("**/*.json")), ids=lambda path: path.stem)
def test_a_schema_is_one(path: Any) -> None:
    """Each file is a schema of draft 2020-12."""
    Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


def one_step(**keys: Any) -> dict[str, Any]:
    return {"version": 1, "name": "x", "steps": [{"id": "a", "action": "whoami", **keys}]}


RIGHT = [
    one_step(),
    one_step(when=True, expect=["a", {"check": "b"}], cleanup=[{"action": "whoami"}]),
    one_step(action="search_orders", **{"with": {"symbol": "{{ inputs.symbol }}"}}),
    one_step(for_each="inputs.list", concurrency=2, tags=["slow"], **{"as": "one"}),
    one_step(for_each=[1, "{{ inputs.two }}", {"a": []}], concurrency=50),
    one_step(timeout="1h30m", repeat={"until": "a", "every": "{{ inputs.every }}"}),
]
WRONG = [
    {},
    {"version": 1, "name": "x", "steps": []},
    one_step(action="who_am_i"),
    one_step(action="cancel_order"),
    one_step(action="search_orders", **{"with": {"simbol": "ABC"}}),
    one_step(cleanup={"action": "cancel_order", "with": {"order_id": "1"}}),
    one_step(timeout="15"),
    one_step(concurrency=2),
    one_step(**{"as": "one"}),
    one_step(for_each={"a": 1}),
    one_step(for_each=5),
    one_step(for_each=[], concurrency=0),
    one_step(for_each=[], concurrency=51),
    one_step(acton="whoami"),
]


@pytest.mark.parametrize("playbook", RIGHT, ids=str)
def test_an_editor_accepts_a_right_playbook(playbook: Any) -> None:
    """The schema needs nothing of ours to be used."""
    assert editor().is_valid(playbook)


@pytest.mark.parametrize("playbook", WRONG, ids=str)
def test_an_editor_marks_a_wrong_playbook(playbook: Any) -> None:
    """Arguments included: their schema is chosen by the action's name."""
    assert not editor().is_valid(playbook)


def test_every_key_is_explained() -> None:
    """Hovering over a key in an editor says what it is for."""
    definitions = schema()["$defs"]
    silent = [
        f"{name}.{key}"
        for name, definition in {"playbook": schema(), **definitions}.items()
        for key, value in definition.get("properties", {}).items()
        if "description" not in value and "description" not in definitions.get(value.get("$ref", "")[8:], {})
    ]
    assert silent == []


def test_the_model_has_the_keys_of_the_schema() -> None:
    """What may be written is kept."""
    definitions = schema()["$defs"]
    renamed = {"with": "arguments", **dict.fromkeys(("for_each", "as", "concurrency"), "loop")}
    made = {"id_span", "action_span", "span", "name", "name_span", "has_default"}
    for name, model in (("step", Step), ("limits", Limits), ("input", Input), ("retry", Retry)):
        written = {renamed.get(key, key) for key in definitions[name]["properties"]}
        kept = {field.name for field in fields(model)} - made
        assert written == kept


def test_words_and_patterns_are_the_codes() -> None:
    """A word that is added to one of both is missed here."""
    definitions = schema()["$defs"]
    assert definitions["duration"]["pattern"] == DURATION_TEXT
    assert definitions["severity"]["enum"] == list(get_args(Severity))
    assert definitions["on_failure"]["enum"] == list(get_args(OnFailure))
    assert definitions["input"]["properties"]["type"]["enum"] == list(get_args(InputType))
    assert definitions["retry"]["properties"]["on"]["items"]["enum"] == list(get_args(RetryOn))
