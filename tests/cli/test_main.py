"""The command line as a whole: what exists works, what is to come is refused, nothing is silently ignored."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from runner import __version__
from runner.cli.main import COMMANDS, NOT_YET, dispatch
from runner.cli.run import gravest
from runner.errors import ExitCode

PLAYBOOK = "version: 1\nname: tiny\nsteps:\n  - {id: said, action: log, with: {message: hello}}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with one playbook in it, and no settings from outside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "state"))
    (tmp_path / "tiny.yaml").write_text(PLAYBOOK, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("word", sorted(NOT_YET))
def test_a_word_that_is_kept_for_later_is_refused(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is never taken for a playbook's name, not even where a file is called so."""
    Path(word).write_text(PLAYBOOK, encoding="utf-8")
    assert dispatch([word]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"error: `{word}` is not yet supported\n")


def test_a_file_of_such_a_name_is_given_with_a_path(capsys: pytest.CaptureFixture[str]) -> None:
    """`./check` is a playbook, `check` a command."""
    Path("check").write_text(PLAYBOOK, encoding="utf-8")
    assert dispatch(["check", "./check"]) == 0
    assert capsys.readouterr().out == "ok: ./check\n"


def test_version_and_overview(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a word there is an overview that names every command."""
    assert dispatch(["--version"]) == 0
    assert capsys.readouterr().out == f"pmx-run {__version__}\n"
    assert dispatch([]) == 0
    overview = capsys.readouterr().out
    assert all(f"  {name} " in overview for name in COMMANDS)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` ends with 0 and says something."""
    with pytest.raises(SystemExit) as stop:
        raise SystemExit(dispatch([command, "--help"]))
    assert stop.value.code == 0
    assert command in capsys.readouterr().out


def test_an_unknown_playbook_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """A bundled playbook's misspelt name is suggested."""
    assert dispatch(["quickstrat"]) == 2
    assert "did you mean `quickstart`?" in capsys.readouterr().err


def test_one_wrong_playbook_stops_all(capsys: pytest.CaptureFixture[str]) -> None:
    """Of several playbooks none starts if one of them is wrong."""
    Path("wrong.yaml").write_text("version: 1\nname: wrong\nsteps: []\n", encoding="utf-8")
    assert dispatch(["tiny.yaml", "wrong.yaml"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "wrong.yaml" in shown.err


def test_several_playbooks_run_one_after_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    """Each has its own lines, and the reports stand together."""
    Path("other.yaml").write_text(PLAYBOOK.replace("tiny", "other"), encoding="utf-8")
    assert dispatch(["tiny.yaml", "other.yaml", "--report", "json={playbook}.json"]) == 0
    assert capsys.readouterr().out.count("passed: 1 step") == 2
    assert Path("tiny.json").is_file()
    assert Path("other.json").is_file()


@pytest.mark.parametrize("code", [*ExitCode, 129, 130, 143])
def test_the_code_of_several_runs_is_never_better_than_that_of_one(code: int) -> None:
    """Every code there is has its place among the others."""
    assert gravest([0, code, 0]) == code


def test_quiet_says_nothing_when_passed(capsys: pytest.CaptureFixture[str]) -> None:
    """Cron mails whatever is printed."""
    assert dispatch(["tiny.yaml", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_quiet_tells_a_failure_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """What went wrong is there, once, and stdout stays empty."""
    Path("bad.yaml").write_text(
        "version: 1\nname: bad\nsteps:\n  - {id: sums, action: assert, with: {that: [1 + 1 == 3]}}\n", encoding="utf-8"
    )
    assert dispatch(["bad.yaml", "--quiet"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "expected  1 + 1 == 3" in shown.err
    assert "failed: 0 of 1 step" in shown.err


def test_a_name_that_is_not_utf_8_is_shown_in_escapes(tmp_path: Path) -> None:
    """It goes into the journal and into reports, which are UTF-8."""
    name = os.fsdecode(b"odd\xff.yaml")
    Path(name).write_text(PLAYBOOK, encoding="utf-8")
    assert dispatch([name, "--report", "json=odd.json"]) == 0
    assert json.loads(Path("odd.json").read_text(encoding="utf-8"))["playbook"]["path"] == "odd\\udcff.yaml"
