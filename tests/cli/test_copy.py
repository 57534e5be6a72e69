"""`pmx-run copy`: a bundled playbook, with what it includes, as files of one's own; and never a file lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runner.cli import bundled, copy
from runner.cli.main import dispatch

TOLD = """\
copied:
  mine/preflight.yaml
  mine/schemas/playbook.schema.json

next:
  pmx-run mine/preflight.yaml
"""
OUTER = """\
# yaml-language-server: $schema=../schemas/playbook.schema.json
version: 1
name: outer
description: Includes two others.
steps:
  - {id: one, action: run_playbook, with: {path: inner.yaml}}
  - {id: two, action: run_playbook, with: {path: parts/deep.yaml}}
"""
INNER = "# yaml-language-server: $schema=../schemas/playbook.schema.json\ndescription: Inside.\nsteps:\n"
LOOKS = "  - {id: look, action: whoami}\n"
SENDS = "  - {id: send, action: place_order, cleanup: {action: cancel_order}}\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and a state of its own."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "state"))
    return folder


@pytest.fixture
def others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Bundled playbooks that include each other."""
    folder = tmp_path / "bundled"
    (folder / "parts").mkdir(parents=True)
    (folder / "outer.yaml").write_text(OUTER)
    (folder / "inner.yaml").write_text(INNER + LOOKS)
    (folder / "parts" / "deep.yaml").write_text(INNER + SENDS)
    for module in (bundled, copy):
        monkeypatch.setattr(module, "playbooks_folder", lambda: folder)
    return folder


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def first_line(path: str) -> str:
    return Path(path).read_text(encoding="utf-8").partition("\n")[0].rpartition("=")[2]


def test_it_says_what_it_made_and_what_to_type(capsys: pytest.CaptureFixture[str]) -> None:
    """The playbook, the schema that its first line names, and the next command; the copy is without a mistake."""
    assert dispatch(["copy", "preflight", "mine"]) == 0
    assert capsys.readouterr() == (TOLD, "")
    assert first_line("mine/preflight.yaml") == "schemas/playbook.schema.json"
    json.loads(Path("mine/schemas/playbook.schema.json").read_text())
    assert dispatch(["check", "mine/preflight.yaml"]) == 0


@pytest.mark.parametrize(
    ("words", "made", "schema"),
    [
        ([], "preflight.yaml", "schemas/playbook.schema.json"),
        (["own.yaml"], "own.yaml", "schemas/playbook.schema.json"),
        (["a/b/own.yml"], "a/b/own.yml", "schemas/playbook.schema.json"),
    ],
    ids=["here", "a file", "a file further down"],
)
def test_targets(words: list[str], made: str, schema: str) -> None:
    """A folder takes it under its own name, anything that ends like a playbook is the new file."""
    assert dispatch(["copy", "preflight", *words]) == 0
    assert first_line(made) == schema
    assert (Path(made).parent / schema).is_file()


def test_in_a_project() -> None:
    """The project's own schema is named, and no second one made."""
    assert dispatch(["init", "project"]) == 0
    before = files(Path("project"))
    assert dispatch(["copy", "canary-order", "project/playbooks"]) == 0
    assert sorted([*before, "playbooks/canary-order.yaml"]) == files(Path("project"))
    assert first_line("project/playbooks/canary-order.yaml") == "../schemas/playbook.schema.json"


def test_nothing_is_overwritten(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is there stays as it is, and nothing else is made."""
    (here / "preflight.yaml").write_text("mine")
    assert dispatch(["copy", "preflight"]) == 2
    assert "preflight.yaml is there already, and nothing is overwritten" in capsys.readouterr().err
    assert files(here) == ["preflight.yaml"]
    assert (here / "preflight.yaml").read_text() == "mine"


def test_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    """The nearest name is offered."""
    assert dispatch(["copy", "prefligt"]) == 2
    assert "did you mean `preflight`?" in capsys.readouterr().err


@pytest.mark.usefixtures("others")
def test_included_ones_come_along(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Beside it as they were; one that is there already with this very text is no obstacle."""
    assert dispatch(["copy", "inner", "own"]) == 0
    assert dispatch(["copy", "outer", "own"]) == 0
    assert "copied:\n  own/outer.yaml\n  own/parts/deep.yaml\n\n" in capsys.readouterr().out
    made = ["inner.yaml", "outer.yaml", "parts/deep.yaml", "schemas/playbook.schema.json"]
    assert files(here / "own") == made
    assert first_line("own/parts/deep.yaml") == "../schemas/playbook.schema.json"


@pytest.mark.usefixtures("others")
def test_an_included_one_in_the_way(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Another text under its name is never overwritten, and nothing at all is made then."""
    (here / "inner.yaml").write_text("mine")
    assert dispatch(["copy", "outer"]) == 2
    assert "inner.yaml is there already" in capsys.readouterr().err
    assert files(here) == ["inner.yaml"]


@pytest.mark.usefixtures("others")
def test_what_an_included_one_does_counts(capsys: pytest.CaptureFixture[str]) -> None:
    """A playbook that includes one that sends orders sends orders."""
    assert dispatch(["list", "--json"]) == 0
    found = {each["name"]: each for each in json.loads(capsys.readouterr().out)["playbooks"]}
    assert found["outer"]["sends_orders"]
    assert found["outer"]["includes"] == ["inner.yaml", "parts/deep.yaml"]
    assert found["inner"]["acts"] == []
