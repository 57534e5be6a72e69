"""``--report`` and ``pmx-run report``: the same text live and later, whole or not at all, where it was asked for."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import threading
from pathlib import Path

import pytest
from journal.made import NOW, PINNED, STARTED, a_run, intended, owed, recorder, seen, step_started

from runner.cli.journaling import lock_key
from runner.cli.main import dispatch
from runner.cli.reports import FORMATS
from runner.engine.stop import Stop
from runner.journal.locks import held
from runner.journal.store import Journal

PLAYBOOK = "version: 1\nname: {}\nsteps:\n  - {{id: said, action: log, with: {{message: hello}}}}\n"
EVERY = [word for format in FORMATS for word in ("--report", f"{format}=live.{format}")]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two playbooks, and no settings from outside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "state"))
    for name in ("tiny", "other"):
        (tmp_path / f"{name}.yaml").write_text(PLAYBOOK.format(name), encoding="utf-8")
    return tmp_path


def texts(folder: Path, stem: str) -> dict[str, str]:
    return {format: (folder / f"{stem}.{format}").read_text(encoding="utf-8") for format in FORMATS}


def test_live_and_later(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run's reports can be had again from the journal, to the last byte."""
    assert dispatch(["tiny.yaml", "--run-id", "r", *EVERY]) == 0
    live = texts(folder, "live")
    assert all("tiny" in text for text in live.values())
    words = [word.replace("live.", "later.") for word in EVERY]
    assert dispatch(["report", "r", *words]) == 0
    assert texts(folder, "later") == live
    assert capsys.readouterr().err == ""


def test_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    """The report alone is there."""
    dispatch(["tiny.yaml", "--run-id", "r", "--quiet"])
    assert capsys.readouterr().out == ""
    assert dispatch(["report", "r", "--report", "markdown=-", "--report", "json=r.json"]) == 0
    assert capsys.readouterr().out.startswith("## ✔ tiny: passed\n")
    assert dispatch(["tiny.yaml", "--report", "junit=-"]) == 0
    assert capsys.readouterr().out.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites')


@pytest.mark.parametrize("format", FORMATS)
def test_several_runs(format: str, folder: Path) -> None:
    """One report of all of them, or one each."""
    words = ["--report", f"{format}=all", "--report", f"{format}=one-{{playbook}}"]
    assert dispatch(["tiny.yaml", "other.yaml", *words, "--quiet"]) == 0
    told = {name: (folder / name).read_text(encoding="utf-8") for name in ("all", "one-tiny", "one-other")}
    assert [(name, "tiny" in text, "other" in text) for name, text in told.items()] == [
        ("all", True, True),
        ("one-tiny", True, False),
        ("one-other", False, True),
    ]


def test_two_runs_of_one_name(folder: Path) -> None:
    """Where a placeholder gives both the same path, both are in it."""
    (folder / "again.yaml").write_text(PLAYBOOK.format("tiny"), encoding="utf-8")
    dispatch(["tiny.yaml", "again.yaml", "--quiet", "--report", "json={playbook}.json"])
    assert len(json.loads((folder / "tiny.json").read_text())["runs"]) == 2


def test_files(folder: Path) -> None:
    """A report is written anew, readable as any file is, and nothing is left beside it."""
    (folder / "r.html").write_text("old")
    before = os.umask(0o022)
    try:
        dispatch(["tiny.yaml", "--quiet", "--report", "html=r.html"])
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / "r.html").stat().st_mode) == 0o644
    assert (folder / "r.html").read_text().startswith("<!doctype html>")
    assert not list(folder.glob("*.part"))


def test_a_pipe(folder: Path) -> None:
    """What is no file stays what it is."""
    dispatch(["tiny.yaml", "--quiet", "--run-id", "r"])
    os.mkfifo(folder / "pipe")
    heard: list[str] = []
    reader = threading.Thread(target=lambda: heard.append((folder / "pipe").read_text()))
    reader.start()
    assert dispatch(["report", "r", "--report", "markdown=pipe"]) == 0
    reader.join()
    assert heard[0].startswith("## ✔ tiny")
    assert stat.S_ISFIFO((folder / "pipe").stat().st_mode)


def test_what_can_not_be_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The others are written; a run keeps its own exit code, ``report`` ends with 3."""
    (folder / "taken").mkdir()
    words = ["--report", "html=taken", "--report", "json=good.json"]
    assert dispatch(["tiny.yaml", "--quiet", "--run-id", "r", *words]) == 0
    assert dispatch(["report", "r", *words]) == 3
    assert capsys.readouterr().err.count("error: the report taken can't be written") == 2
    assert (folder / "good.json").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["none", "--report", "json=-"], "error: there is no run `none`\n  = help: `pmx-run history` lists"),
        (["r"], "error: no report was asked for\n  = help: for one: --report html=report.html"),
        (["r", "--report", "htm=x"], "error: `--report htm=x`: unknown format\n  = help: did you mean `html`?"),
        (["r", "--report", "pdf=x"], "unknown format\n  = help: there is: json, junit, markdown, html"),
        (["r", "--report", "html"], "error: `--report html` names no path"),
        (["r", "--report", "html=no/x"], "error: the report no/x has no folder\n  = help: mkdir -p no"),
        (["r", "--report", "html=-", "--report", "json=-"], "error: two reports can't both go to stdout"),
    ],
)
def test_refused(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2, with what to type instead."""
    assert dispatch(["report", *words]) == 2
    shown = capsys.readouterr()
    assert (shown.out, said in shown.err) == ("", True)


@pytest.mark.parametrize(("under_way", "status"), [(True, "running"), (False, "killed")])
def test_unfinished(under_way: bool, status: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run under way, or dead, is told as far as it came; every report says so, and so does stderr."""
    (folder / "state").mkdir(mode=0o700)
    with contextlib.closing(Journal(folder / "state")) as journal, contextlib.closing(Stop()) as stop:
        journal.begin(a_run(), PINNED)
        recorder(journal, stop).emit(STARTED, step_started(), intended(), owed(), seen())
    with held(folder / "state", lock_key(a_run()), "r1", NOW) if under_way else contextlib.nullcontext():
        assert dispatch(["report", "r1", *EVERY]) == 0
    how = "is still under way" if under_way else "did not come to its end"
    assert capsys.readouterr().err == f"run r1 {how}: reported as far as it came\n"
    told = texts(folder, "live")
    assert json.loads(told["json"])["status"] == status
    assert f'name="status" value="{status}"' in told["junit"]
    assert told["markdown"].startswith(f"## {'…' if under_way else '?'} tried: {status}")
    assert ("Still under way" in told["html"]) == under_way
    for text in (told["html"], told["markdown"]):
        assert ("pmx-run resume r1" in text) == (not under_way)
