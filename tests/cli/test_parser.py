"""Help and mistakes of the command line: examples at the end of each help, and one voice for what is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runner.cli.command_examples import EXAMPLES
from runner.cli.command_words import all_commands
from runner.cli.main import dispatch

COMMANDS = [*(each.name for each in all_commands() if each.summary != "not yet supported"), "sandbox status"]
WRONG = {
    "unknown option": ("check --fromat json x.yaml", "`--fromat` is not understood", "did you mean `--format`?"),
    "wrong choice": ("check --format yaml x.yaml", "`--format`: `yaml` is none of text, json, github", ""),
    "wrong word": ("keys finger", "`finger` is none of new, fingerprint, rotate", "did you mean `fingerprint`?"),
    "missing word": ("check", "PLAYBOOK is missing", ""),
    "missing value": ("check --format", "`--format` needs a value", ""),
    "wrong number": ("sandbox --port x", "`--port`: takes a whole number, not `x`", ""),
    "of the exchange": ("sandbox --dialekt seed", "`--dialekt seed` is not understood", "did you mean `--dialect`?"),
    "a command's slip": ("chekc", "there is no playbook `chekc`", "did you mean `check`?"),
    "a bundled one's slip": ("quickstrat", "there is no playbook `quickstrat`", "did you mean `quickstart`?"),
    "a folder": (".", "`.` is a folder, not a playbook", "no *.yaml file is in it"),
    "a path's slip": ("first.yaml", "there is no playbook `first.yaml`", "did you mean `playbooks/first.yaml`?"),
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with a playbook in a folder of its own, seen at 80 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "state"))
    Path("playbooks").mkdir()
    Path("playbooks/first.yaml").touch()


def ended(line: str) -> int:
    """The exit code of a command line, however it ends."""
    try:
        return dispatch(line.split())
    except SystemExit as stop:
        return int(stop.code or 0)


@pytest.mark.parametrize("command", COMMANDS)
def test_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every help fits 80 columns and ends with examples that are the command's own."""
    assert ended(f"{command} --help") == 0
    told = capsys.readouterr().out
    assert max(map(len, told.splitlines())) <= 80
    assert told.endswith("examples:\n" + "".join(f"  {line}\n" for line in EXAMPLES[command]))
    assert any(line.startswith(f"pmx-run {command.removeprefix('run')}".rstrip()) for line in EXAMPLES[command])


def test_no_example_of_what_is_gone() -> None:
    """Every command with an example exists."""
    assert set(EXAMPLES) == set(COMMANDS)


def test_the_overview_fits(capsys: pytest.CaptureFixture[str]) -> None:
    """Within 80 columns, too."""
    assert ended("") == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


@pytest.mark.parametrize("what", WRONG)
def test_mistakes(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong, what was meant, where to read on; exit 2, and nothing on stdout."""
    line, title, meant = WRONG[what]
    assert ended(line) == 2
    said = capsys.readouterr()
    assert said.out == ""
    first, *rest = said.err.splitlines()
    assert first == f"error: {title}"
    assert rest
    assert all(re.match(r"  = help: \S", each) for each in rest)
    assert meant in said.err


def test_a_key_is_looked_at_before_anything_else(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is not there, or that others can read, is a wrong setting: exit 2, no step begins."""
    for name, value in {"CLIENT_ID": "c", "PARTICIPANT_ID": "firms/f/users/u", "PRIVATE_KEY_PATH": "key.pem"}.items():
        monkeypatch.setenv(f"PMX_{name}", value)
    assert ended("quickstart --env preprod") == 2
    assert capsys.readouterr().err.startswith("error: the private key key.pem can't be read: No such file")
    Path("key.pem").touch(mode=0o644)
    Path("key.pem").chmod(0o644)
    assert ended("quickstart --env preprod") == 2
    assert capsys.readouterr() == (
        "",
        "error: the private key key.pem can be read by others\n  = help: chmod 600 key.pem\n",
    )
