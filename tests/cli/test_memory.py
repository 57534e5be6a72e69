"""What is remembered between processes: it saves time and decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from runner.cli.memory import Memory
from runner.cli.playbooks import checked
from runner.errors import WrongInput
from runner.source import Source

GOOD = Source("a.yaml", "version: 1\nname: good\nsteps:\n  - {id: a, action: set, with: {x: '{{ 1 + 1 }}'}}\n")
WRONG = Source("a.yaml", "version: 1\nname: wrong\nsteps:\n  - {id: a, action: set, with: {x: '{{ nothing }}'}}\n")


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "playbooks").glob("*"))


def test_a_playbook_without_a_mistake_is_remembered(tmp_path: Path) -> None:
    """The next one reads it back, equal, and under its own path."""
    first = checked(GOOD, (), Memory(tmp_path, GOOD.text))
    memory = Memory(tmp_path, GOOD.text)
    assert memory.valid
    assert memory.playbook(GOOD) == first
    assert checked(GOOD, (), Memory(tmp_path, GOOD.text)) == first


def test_a_wrong_one_is_not(tmp_path: Path) -> None:
    """It is looked at again each time."""
    for _ in range(2):
        with pytest.raises(WrongInput, match="unknown name `nothing`"):
            checked(WRONG, (), Memory(tmp_path, WRONG.text))
    assert kept(tmp_path) == []


def test_another_text_is_another_playbook(tmp_path: Path) -> None:
    """One character is enough."""
    checked(GOOD, (), Memory(tmp_path, GOOD.text))
    assert not Memory(tmp_path, GOOD.text + " ").valid


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "[]",
        lambda text: text.replace('"Step"', '"Stop"'),
        lambda text: '{"valid": true, "texts": {}}',
        lambda text: '{"valid": 1, "texts": 2}',
    ],
    ids=["empty", "half", "no object", "another kind", "no playbook", "other types"],
)
def test_a_damaged_file_costs_time_and_nothing_else(damage: Callable[[str], str], tmp_path: Path) -> None:
    """The playbook is read as if never seen."""
    first = checked(GOOD, (), Memory(tmp_path, GOOD.text))
    [file] = kept(tmp_path)
    file.write_text(damage(file.read_text()))
    assert checked(GOOD, (), Memory(tmp_path, GOOD.text)) == first


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    """A playbook may be confidential."""
    checked(GOOD, (), Memory(tmp_path, GOOD.text))
    [file] = kept(tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_nothing_is_kept_where_nothing_may_be(tmp_path: Path) -> None:
    """Without a folder it is the memory of this process alone."""
    memory = Memory(None, GOOD.text)
    assert checked(GOOD, (), memory).name == "good"
    assert not Memory(None, GOOD.text).valid
