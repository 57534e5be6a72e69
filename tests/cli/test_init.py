"""`pmx-run init`: from an empty folder to a green run, and never a file lost."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from runner.cli.config import read_config
from runner.cli.main import dispatch

TOLD = """\
made a project in prices:
  pmx.yaml                      settings: limits, environments
  playbooks/first.yaml          a playbook to begin with
  .vscode/settings.json         tells the editor which schema is whose
  .vscode/extensions.json       the editor's extension for YAML
  .gitignore                    keeps keys and secrets out of git
  README.md                     what to type
  schemas/playbook.schema.json  completion and checks while a playbook is written
  schemas/pmx.schema.json       the same for pmx.yaml

next:
  cd prices
  pmx-run playbooks/first.yaml
"""


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder, and a state of its own."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A project, entered."""
    assert dispatch(["init", "prices"]) == 0
    capsys.readouterr()
    monkeypatch.chdir("prices")
    return Path.cwd()


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_it_says_what_it_made_and_what_to_type(capsys: pytest.CaptureFixture[str]) -> None:
    """Every file with its purpose, and the next command."""
    assert dispatch(["init", "prices"]) == 0
    assert capsys.readouterr() == (TOLD, "")
    assert files(Path("prices")) == sorted(re.findall(r"^  (\S+\.\S+|\.gitignore) ", TOLD, re.MULTILINE))


def test_what_it_says_next_works(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first playbook is green, at once, and leaves nothing behind."""
    assert dispatch(["check", "playbooks/first.yaml"]) == 0
    assert dispatch(["playbooks/first.yaml"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert "passed: 4 steps" in shown.out
    assert "cleaned up after order" in shown.out
    assert "canceled" in shown.out.splitlines()[-1]


def test_into_the_current_folder(capsys: pytest.CaptureFixture[str]) -> None:
    """There is nowhere to go then."""
    assert dispatch(["init", "."]) == 0
    assert "cd " not in capsys.readouterr().out
    assert dispatch(["check", "playbooks/first.yaml"]) == 0


def test_an_odd_name_can_be_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    """The command is quoted for the shell."""
    assert dispatch(["init", "deep/my prices"]) == 0
    assert "\n  cd 'deep/my prices'\n" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["pmx.yaml", "playbooks/first.yaml", ".gitignore", "schemas/pmx.schema.json"])
def test_nothing_is_overwritten(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One file that is there already is named, and none is made."""
    mine = Path("prices") / name
    mine.parent.mkdir(parents=True)
    mine.write_text("mine", encoding="utf-8")
    assert dispatch(["init", "prices"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"error: {mine} is there already, and nothing is overwritten\n")
    assert (files(Path("prices")), mine.read_text(encoding="utf-8")) == ([name], "mine")


def test_twice(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All that is there is named."""
    before = {name: (made / name).read_bytes() for name in files(made)}
    assert dispatch(["init", "."]) == 2
    said = capsys.readouterr().err
    assert [name for name in before if name not in said] == []
    assert {name: (made / name).read_bytes() for name in files(made)} == before


def test_a_dangling_link_is_a_file_that_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    """What it leads to would be written otherwise."""
    Path("README.md").symlink_to("elsewhere")
    assert dispatch(["init", "."]) == 2
    assert not Path("elsewhere").exists()


def test_a_file_is_no_folder(capsys: pytest.CaptureFixture[str]) -> None:
    """Nor is anything made below it."""
    Path("prices").write_text("mine", encoding="utf-8")
    assert dispatch(["init", "prices"]) == 2
    assert "error: prices is a file" in capsys.readouterr().err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_can_not_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2 with the system's words."""
    Path("locked").mkdir(mode=0o500)
    assert dispatch(["init", "locked/prices"]) == 2
    assert "can't be made: Permission denied" in capsys.readouterr().err


def test_nobody_else_can_write_the_settings(tmp_path: Path) -> None:
    """Even with a careless umask, since a run refuses what others could have written."""
    before = os.umask(0o000)
    try:
        assert dispatch(["init", "prices"]) == 0
    finally:
        os.umask(before)
    assert not Path("prices/pmx.yaml").stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def test_the_editor_finds_what_it_needs(made: Path) -> None:
    """Every schema that settings and first lines name is there and accepts the file that it is for."""
    settings = json.loads((made / ".vscode/settings.json").read_text(encoding="utf-8"))["yaml.schemas"]
    assert set(settings) == {"./schemas/playbook.schema.json", "./schemas/pmx.schema.json"}
    for name in ("pmx.yaml", "playbooks/first.yaml"):
        text = (made / name).read_text(encoding="utf-8")
        modeline = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
        assert modeline is not None
        schema = ((made / name).parent / modeline[1]).resolve()
        assert f"./{schema.relative_to(made).as_posix()}" in settings
        validate(yaml.safe_load(text), schema)


def validate(value: Any, schema: Path) -> None:
    jsonschema.Draft202012Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(value)


def test_the_placeholders_are_settings_once_filled_in(made: Path) -> None:
    """Without their `# ` they are read, and none but what a run on preprod needs is missing."""
    text = (made / "pmx.yaml").read_text(encoding="utf-8")
    filled = re.sub(r"^    # (\w+: \S+)$", r"    \1", text, flags=re.MULTILINE)
    (made / "pmx.yaml").write_text(filled, encoding="utf-8")
    validate(yaml.safe_load(filled), made / "schemas/pmx.schema.json")
    found = read_config(made / "pmx.yaml").environments["preprod"]
    assert {"client_id", "private_key_path", "participant_id", "account"} == {key for key in found if "." not in key}


def test_keys_stay_out_of_git(made: Path) -> None:
    """What `keys new` makes is ignored."""
    assert "*.pem" in (made / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_the_readme_is_short_and_its_commands_exist(made: Path) -> None:
    """Ten lines."""
    text = (made / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 10
    for command in re.findall(r"`pmx-run (schema \w+|actions(?: \w+)?)", text):
        assert dispatch(command.split()) == 0
