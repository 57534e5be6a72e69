"""The schemas that editors see are those of the actions that exist; ``--update`` writes them anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from runner.actions import BUILTIN
from runner.actions.published import published

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
