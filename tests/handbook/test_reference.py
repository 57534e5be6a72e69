"""The reference is the program's own, page by page; `make reference` writes it anew."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from handbook.blocks import ROOT
from handbook.reference import actions, commands, exit_codes, expressions, playbook, report, settings
from runner.actions import BUILTIN
from runner.cli.command_words import all_commands
from runner.cli.main import COMMANDS
from runner.errors import ExitCode
from runner.expression import FILTERS, FUNCTIONS, TESTS
from runner.settings.layers import VARIABLES

PAGES: dict[str, ModuleType] = {
    "actions": actions,
    "commands": commands,
    "exit-codes": exit_codes,
    "expressions": expressions,
    "playbook": playbook,
    "report": report,
    "settings": settings,
}


@pytest.mark.parametrize("name", PAGES)
def test_page(name: str, golden: Callable[[Path, str], None]) -> None:
    """What the page says is what the program is."""
    golden(ROOT / f"docs/reference/{name}.md", PAGES[name].text())


def written(name: str) -> str:
    return (ROOT / f"docs/reference/{name}.md").read_text(encoding="utf-8")


def keys_of(schema: Any) -> set[str]:
    """Every key that a schema knows, wherever it stands."""
    if isinstance(schema, list):
        return set().union(*map(keys_of, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    properties = schema.get("properties", {})
    return set(properties if isinstance(properties, dict) else ()).union(*(keys_of(each) for each in schema.values()))


@pytest.mark.parametrize(("name", "schema"), [("playbook", "playbook"), ("settings", "pmx"), ("report", "report")])
def test_every_key(name: str, schema: str) -> None:
    """A key that a schema knows is on the page."""
    whole = json.loads((ROOT / f"schemas/{schema}.schema.json").read_text(encoding="utf-8"))
    if name == "report":
        whole = {key: each for key, each in whole.items() if key != "properties"}
    assert {key for key in keys_of(whole) if f"`{key}`" not in written(name)} <= {"environments", "runs"}


def test_every_action_and_argument() -> None:
    """With each field of its result."""
    page = written("actions")
    for action in BUILTIN.values():
        section = page.split(f"## `{action.name}`\n")[1].split("\n## ")[0]
        assert [name for name in action.arguments if f"`{name}`" not in section] == []


def test_every_command_and_option() -> None:
    """Those of `keys` and of the sandbox, too."""
    page = written("commands")
    for command in all_commands():
        if command.summary != "not yet supported":
            section = page.split(f"## `{command.name}`\n")[1].split("\n## ")[0]
            options = [name for flag in command.flags for name in flag.names if name not in {"-h", "--help"}]
            assert [name for name in options if name not in section] == []
    assert set(COMMANDS) <= {each.name for each in all_commands()}


def test_every_exit_code_variable_filter_function_and_test() -> None:
    """None is missing."""
    assert {*map(int, ExitCode), 129, 130, 143} == set(exit_codes.MEANINGS)
    assert [name for name in VARIABLES.values() if name not in written("settings")] == []
    names = [*FILTERS, *FUNCTIONS, *TESTS]
    assert [name for name in names if f"`{name}" not in written("expressions")] == []
