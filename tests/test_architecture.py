"""Which room may import which: read from the source, so that no import can hide in a function or behind a type."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import runner

PACKAGE = Path(runner.__file__).parent
ROOMS = (
    *("frozen", "errors", "source", "escapes", "redact", "clock", "address", "later", "value"),
    *("diagnostic", "schedule", "settings"),
    "expression",
    "record",
    "playbook",
    "venue",
    *("foreseen", "action", "actions"),
    "plan",
    "engine",
    "journal",
    "foresight",
    "reporters",
    "notify",
    "cli",
)
"""From the ground up: each imports only what stands before it. Everybody may ask the package for its version."""

STARTING = ["sandbox.__main__.main"]
"""What the command that starts the sandbox needs of it, and all that anybody may import of it."""

FILES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
OF_ROOMS = [name for name in FILES if not name.startswith(("sandbox/", "__"))]
OF_SANDBOX = [name for name in FILES if name.startswith("sandbox/")]


def room_of(file: str) -> str:
    return file.partition("/")[0].removesuffix(".py")


def tree_of(file: str) -> ast.Module:
    return ast.parse((PACKAGE / file).read_text(encoding="utf-8"))


def imported(file: str) -> Iterator[str]:
    """Every module of the package that a file imports, wherever in it: ``venue.desk``; the package itself is empty."""
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno} imports relatively"
            names = [f"{node.module}.{each.name}" for each in node.names]
        elif isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        else:
            continue
        yield from (name.removeprefix("runner").lstrip(".") for name in names if f"{name}.".startswith("runner."))


def texts(file: str) -> Iterator[str]:
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_every_room_is_in_the_list() -> None:
    """A new room has to find its place in it."""
    assert {room_of(file) for file in OF_ROOMS} <= set(ROOMS)


@pytest.mark.parametrize("file", OF_ROOMS)
def test_a_room_imports_only_rooms_above_it(file: str) -> None:
    """Not upward and not in a circle, not inside a function and not for typing either."""
    own = ROOMS.index(room_of(file))
    allowed = {*ROOMS[: own + 1], "__version__"}
    beyond = [name for name in imported(file) if name.partition(".")[0] not in allowed]
    assert beyond == (STARTING if file == "cli/sandbox.py" else [])


@pytest.mark.parametrize("file", OF_SANDBOX)
def test_the_sandbox_imports_nothing_of_the_runner(file: str) -> None:
    """They share only the contract, so that one mistake can't hide in both."""
    assert [name for name in imported(file) if name.partition(".")[0] not in {"sandbox", "__version__"}] == []


@pytest.mark.parametrize("file", [name for name in OF_ROOMS if room_of(name) != "cli"])
def test_only_the_command_line_starts_the_sandbox(file: str) -> None:
    """No other room knows the name of its program."""
    assert "runner.sandbox" not in list(texts(file))
