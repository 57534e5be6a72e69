"""``--report`` and ``pmx-run report``: the same text live and later, whole or not at all, where it was asked for."""

from __future__ import annotations

import contextlib
import json
import os
import re
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
from runner.reporters import junit, lines

PLAYBOOK = "version: 1\nname: {}\nsteps:\n  - {{id: said, action: log, with: {{message: hello}}}}\n"
EVERY = [word for format in FORMATS for word in ("--report", f"{format}=live.{format}")]


@pytest.fixture(autouse=True)
def folder(elsewhere: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
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
    assert capsys.readouterr().err.count("error: the html report taken can't be written: Is a directory\n") == 2
    assert (folder / "good.json").is_file()


def test_a_mistake_of_our_own_in_a_report(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named with its file and the mistake; the others are written, and the run's exit code is its own."""
    monkeypatch.setattr(junit, "text", lambda _: {"a": 1}["gone"])
    words = ["--report", "junit=bad.xml", "--report", "json=good.json"]
    assert dispatch(["tiny.yaml", "--quiet", "--run-id", "r", *words]) == 0
    assert (folder / "good.json").is_file()
    assert dispatch(["report", "r", *words]) == 3
    first, second = capsys.readouterr().err.splitlines()[:2]
    assert first.startswith(
        "error: the junit report bad.xml can't be written: pmx-run made a mistake of its own: KeyError: 'gone' ("
    )
    assert second == "  = help: please report it with this line"


def test_a_report_on_a_full_disk(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Stdout may lie on one, too."""
    with contextlib.suppress(OSError), Path("/dev/full").open("w") as full:
        monkeypatch.setattr("sys.stdout", full)
        assert dispatch(["tiny.yaml", "--report", "json=-"]) == 0
    assert capsys.readouterr().err == "error: the json report on stdout can't be written: No space left on device\n"


FAILING = PLAYBOOK.format("tiny") + "  - {id: wrong, action: assert, with: {that: [1 == 2]}}\n"


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ([], "report on stdout"),
        (["--log-format", "json"], "JSON log on stdout"),
        (["other.yaml", "--jobs", "2"], "report on stdout"),
    ],
    ids=["terminal", "log", "jobs"],
)
def test_nowhere_to_tell_of_a_run(
    words: list[str], what: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said once on stderr, with where to find all of it; the run has its own end."""
    (folder / "tiny.yaml").write_text(FAILING)
    with contextlib.suppress(OSError), Path("/dev/full").open("w") as full:
        monkeypatch.setattr("sys.stdout", full)
        assert dispatch(["tiny.yaml", *words]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"error: the {what} broke off: No space left on device"
    assert re.fullmatch(r"  = help: the run is not .*: pmx-run report 20\S+ --report markdown=-", lines[1])
    assert len(lines) == (4 if "--jobs" in words else 2)


def test_a_mistake_of_our_own_while_a_run_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The summary of a quiet run is its last word: what is wrong with it is said in its place."""
    (folder / "tiny.yaml").write_text(FAILING)
    monkeypatch.setattr(lines, "summary", lambda _: {"a": 1}["gone"])
    assert dispatch(["tiny.yaml", "--quiet", "--run-id", "r"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: the report on stderr broke off: pmx-run made a mistake of its own: KeyError: 'gone'")
    assert json.loads(report_of("r", capsys))["status"] == "failed"


def report_of(run_id: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert dispatch(["report", run_id, "--report", "json=-"]) == 0
    return capsys.readouterr().out


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
