"""The schemas that editors see are those of the actions that exist; ``--update`` writes them anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from runner.actions import BUILTIN
from runner.actions.published import published
from runner.playbook.schemas import validator

SCHEMAS = Path(__file__).parents[2] / "schemas"
FILES = published(BUILTIN)


@pytest.mark.parametrize("name", FILES)
def test_file(name: str, golden: Callable[[Path, str], None]) -> None:
    """Each published file holds what the declarations say."""
    golden(SCHEMAS / name, FILES[name])


def test_no_file_of_an_action_that_is_gone() -> None:
    """There is no further file in the folder."""
    assert {f"actions/{path.name}" for path in (SCHEMAS / "actions").iterdir()} == {
        name for name in FILES if name.startswith("actions/")
    }


@pytest.mark.parametrize("action", BUILTIN.values(), ids=BUILTIN)
def test_action(action: object) -> None:
    """Arguments and result are schemas of the draft that they name."""
    for schema in (action.arguments_schema, action.result):  # type: ignore[attr-defined]
        jsonschema.Draft202012Validator.check_schema(schema)


REQUIRED = [
    (action.name, name)
    for action in BUILTIN.values()
    for name, argument in action.arguments.items()
    if argument.required
]


@pytest.mark.parametrize(("action", "argument"), REQUIRED, ids=[".".join(each) for each in REQUIRED])
def test_example_of_a_required_argument(action: str, argument: str) -> None:
    """Each argument that can be missing has an example to be shown then, which is one of its values."""
    schema = validator(f"actions/{action}.schema.json#/$defs/arguments").schema["properties"][argument]
    (example,) = schema["examples"]
    assert jsonschema.Draft202012Validator(schema).is_valid(example)


def test_personal_arguments_are_shown_as_inputs() -> None:
    """An example never suggests to write down who somebody is."""
    schema = validator("actions/start_kyc.schema.json#/$defs/arguments").schema["properties"]
    assert schema["ssn"]["examples"] == ["{{ inputs.ssn }}"]
