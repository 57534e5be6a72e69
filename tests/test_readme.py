"""The README's playbook, commands and pictures are what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runner.cli.main import COMMANDS, dispatch
from runner.errors import ExitCode

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str, containing: str) -> str:
    """The one code block of a language that contains a text."""
    found: list[str] = [
        text for text in re.findall(rf"```{language}(?: [^\n]*)?\n(.*?)```", README, re.DOTALL) if containing in text
    ]
    assert len(found) == 1
    return found[0]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a newcomer's, with the README's playbook in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "state"))
    (tmp_path / "first-order.yaml").write_text(block("yaml", "name: first-order"), encoding="utf-8")
    return tmp_path


def test_the_playbook_and_its_commands_work(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The commands below the playbook check it, run it and write its report; its order is cleaned up."""
    commands = [line.split()[1:] for line in block("sh", "pmx-run check").splitlines()]
    assert [dispatch(words) for words in commands] == [0, 0]
    assert (folder / "report.json").is_file()
    assert "cleaned up after order" in capsys.readouterr().out


def test_the_error_is_what_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The picture of a mistake is the program's own, for the playbook above with that mistake."""
    playbook = folder / "first-order.yaml"
    text = playbook.read_text(encoding="utf-8")
    playbook.write_text(text.replace("action: place_order", "acton: place_order"), encoding="utf-8")
    assert dispatch(["check", "first-order.yaml"]) == 2
    assert block("text", "acton") in capsys.readouterr().err


def test_the_reason_is_what_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The parts of a check that does not hold are those that the program shows, for the check that the text names."""
    [check] = re.findall(r"^`(result\.[^`]+)`, this would", README, re.MULTILINE)
    playbook = folder / "first-order.yaml"
    text = playbook.read_text(encoding="utf-8")
    playbook.write_text(text.replace('result.order.state == "ORDER_STATE_NEW"', check), encoding="utf-8")
    assert dispatch(["first-order.yaml"]) == 1
    assert block("text", "because") in capsys.readouterr().out


PARTS = """
version: 1
name: NAME
steps:
  - {id: health, action: check_health, tags: [smoke]}
  - {id: balance, action: check_balance, tags: [slow]}
  - {id: said, action: log, with: {message: said}}
"""


def test_parts_of_a_playbook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each of the commands performs the steps that it says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "state"))
    for name in ("daily", "weekly"):
        (tmp_path / f"{name}.yaml").write_text(PARTS.replace("NAME", name), encoding="utf-8")
    found = []
    for line in block("sh", "--skip-tags").splitlines():
        assert dispatch(line.partition("#")[0].split()[1:]) == 0
        found.append(re.findall(r"^  (\w+) .*✔", capsys.readouterr().out, re.MULTILINE))
    assert found == [["health"], ["health", "said"], ["balance", "said"], ["health", "balance", "said"] * 2]


def test_the_plan_is_what_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the quickstart may call and what it puts at risk, as the program tells it."""
    assert dispatch(["plan", "quickstart"]) == 0
    assert block("text", "money at risk") in capsys.readouterr().out


def test_every_command_is_in_the_table() -> None:
    """And nothing else is."""
    rows = re.findall(r"^\| `pmx-run ([^|]*(?:\\\|[^|]*)*) \|", README, re.MULTILINE)
    named = {word for row in rows for word in re.findall(r"[a-z]+", row)}
    assert set(COMMANDS) - {"run"} <= named


def test_the_first_commands_are_targets() -> None:
    """The two commands that come first are targets of the Makefile, and the ones that CI runs."""
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    first = README.split("<!-- first commands -->")[1].split("```")[1]
    commands = [line.split("#")[0].split() for line in first.splitlines()[1:]]
    assert commands == [["make", "quickstart"], ["make", "test"]]
    assert {"quickstart", "test"} <= set(targets)


def test_the_table_of_exit_codes_is_complete() -> None:
    """Every exit code that a run of today can end with is in the table."""
    listed = {int(code) for row in re.findall(r"^\| ([\d, ]+) \|", README, re.MULTILINE) for code in row.split(",")}
    assert set(ExitCode) <= listed
    assert {130, 143} <= listed
