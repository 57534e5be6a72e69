"""`check --format`: the same problems for people, for programs and for the lines of a pull request."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from runner.cli.main import dispatch
from runner.cli.problem_formats import command
from runner.diagnostic import Diagnostic
from runner.playbook.schemas import schemas_folder
from runner.source import Span

GOOD = "version: 1\nname: good\nsteps:\n  - {id: said, action: log, with: {message: hello}}\n"
WRONG = "version: 1\nname: wrong\nsteps:\n  - id: said\n    acton: log\n  - {id: Two, action: whoami}\n"
PICTURES = Path(__file__).parents[1] / "playbook" / "wrong"
SCHEMA = json.loads((schemas_folder() / "problems.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "state"))
    Path("good.yaml").write_text(GOOD, encoding="utf-8")
    Path("wrong.yaml").write_text(WRONG, encoding="utf-8")


def checked(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = dispatch(["check", *words])
    return (code, *capsys.readouterr())


def problems(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    """What `--format json` tells, as its schema has it."""
    code, out, err = checked(capsys, "--format", "json", *words)
    told = json.loads(out)
    jsonschema.Draft202012Validator(SCHEMA).validate(told)
    assert err == ""
    assert code == (2 if told["problems"] else 0)
    found: list[dict[str, Any]] = told["problems"]
    return found


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """One object with every problem and its place; columns count characters from 1, and the end is behind the last."""
    found = problems(capsys, "good.yaml", "wrong.yaml")
    assert found[0] == {
        "path": "wrong.yaml",
        "line": 5,
        "column": 5,
        "end_column": 10,
        "severity": "error",
        "title": "unknown key `acton`",
        "label": "not a key of a step",
        "help": "did you mean `action`?",
    }
    assert [each["line"] for each in found] == [5, 6]


def test_json_of_a_right_playbook_is_an_empty_list(capsys: pytest.CaptureFixture[str]) -> None:
    """A program always has something to read."""
    assert problems(capsys, "good.yaml") == []


def test_json_of_what_has_no_place(capsys: pytest.CaptureFixture[str]) -> None:
    """A playbook that isn't there is a problem like another, without a file."""
    [found] = problems(capsys, "godo.yaml")
    assert found["path"] is found["line"] is found["column"] is found["end_column"] is None
    assert found["title"] == "there is no playbook `godo.yaml`"


@pytest.mark.parametrize("path", sorted(PICTURES.glob("*.yaml"))[::6], ids=lambda path: path.stem)
def test_both_tell_the_same(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is a picture for people is an object for a program: none is lost, and the places are the same."""
    _, _, pictures = checked(capsys, str(path))
    found = problems(capsys, str(path))
    assert [each["title"] for each in found] == re.findall("^(?:error|warning): (.*)$", pictures, re.MULTILINE)
    places = [f"{each['path']}:{each['line']}:{each['column']}" for each in found if each["path"]]
    assert places == re.findall(r"^ *--> (.*)$", pictures, re.MULTILINE)


def test_github(capsys: pytest.CaptureFixture[str]) -> None:
    """A workflow command for each problem, and nothing else."""
    code, out, err = checked(capsys, "--format", "github", "good.yaml", "wrong.yaml")
    assert (code, err) == (2, "")
    assert out.splitlines()[0] == (
        "::error file=wrong.yaml,line=5,col=5,endColumn=10,title=unknown key `acton`"
        "::not a key of a step%0Adid you mean `action`?"
    )
    assert all(line.startswith("::error file=wrong.yaml,line=") for line in out.splitlines())


def test_github_of_a_right_playbook_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing to say, nothing said."""
    assert checked(capsys, "--format", "github", "good.yaml") == (0, "", "")


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (Diagnostic("a, b: 100 %"), "::error title=a%2C b%3A 100 %25::a, b: 100 %25"),
        (Diagnostic("a\n::error::b", "c\r\n::d"), "::error title=a%0A%3A%3Aerror%3A%3Ab::c%0D%0A::d"),
        (Diagnostic("a", help="b", severity="warning"), "::warning title=a::b"),
        (
            Diagnostic("a", span=Span("x,y:z.yaml", 3, 4, 2)),
            "::error file=x%2Cy%3Az.yaml,line=3,col=4,endColumn=6,title=a::a",
        ),
    ],
    ids=["separators", "line ends", "warning", "path"],
)
def test_a_command_is_one_line(problem: Diagnostic, expected: str) -> None:
    """Whatever stands in a playbook, it ends no command and begins none."""
    assert command(problem) == expected
