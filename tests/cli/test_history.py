"""``pmx-run history``: past runs in columns or as JSON, and those of which something may be left."""

from __future__ import annotations

import contextlib
import json
from datetime import timedelta
from pathlib import Path

import pytest
from journal.made import ALICE, NOW, PINNED, STARTED, a_run, finished, intended, owed, recorder, seen

from runner.cli.journaling import lock_key
from runner.cli.main import dispatch
from runner.engine.stop import Stop
from runner.journal.locks import held
from runner.journal.recorder import JournalRecorder
from runner.journal.store import Batch, Entry, Journal

ORDER = (
    f"    order venue-c1 (client order id c1), sym, participant {ALICE}, last known state ORDER_STATE_NEW\n"
    f"    order of unknown id (client order id c2), sym, participant {ALICE}, last known state not known\n"
)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory with four runs: passed, ended in doubt, killed, and one under way."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "state"))
    (tmp_path / "state").mkdir(mode=0o700)
    with contextlib.closing(Journal(tmp_path / "state")) as journal, contextlib.closing(Stop()) as stop:
        for number, name in enumerate(["r1", "ended-in-doubt", "r3", "r4"]):
            journal.begin(a_run(name, seconds=number, playbook="long-name" if name == "r4" else "tried"), PINNED)
        journal.append(Batch("r1", 0, [Entry("event", "", "{}")], NOW, (), ("passed", 0)))
        for name, end in (("ended-in-doubt", [finished("in_doubt", 4)]), ("r3", [])):
            kept = recorder(journal, stop)
            kept = JournalRecorder(journal, name, "x", kept._clock, stop, kept._redactor)
            kept.emit(STARTED, intended("c1", "a"), owed("c1", "a"), intended("c2", "b"), intended("c3", "c"))
            kept.emit(seen("c1"), seen("c3", "CANCELED"), owed("", "d"), *end)
    return tmp_path / "state"


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert dispatch(["history", *words]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    return shown.out


def test_newest_first_in_columns(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is left of a run stands below it, with the command to type."""
    with held(state, lock_key(a_run("r4", playbook="long-name")), "r4", NOW):
        assert said(capsys) == (
            "2026-11-22 14:00:03  r4              long-name  preprod  running\n"
            "2026-11-22 14:00:02  r3              tried      preprod  killed\n"
            f"{ORDER}    pmx-run resume r3\n"
            "2026-11-22 14:00:01  ended-in-doubt  tried      preprod  in doubt (4)\n"
            f"{ORDER}    pmx-run resume ended-in-doubt\n"
            "2026-11-22 14:00:00  r1              tried      preprod  passed (0)\n"
        )


def test_in_doubt(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only those that need somebody; what is under way needs nobody."""
    with held(state, lock_key(a_run("r4", playbook="long-name")), "r4", NOW):
        lines = said(capsys, "--in-doubt").splitlines()
        assert [line.split()[2] for line in lines if line[0] != " "] == ["r3", "ended-in-doubt"]
        assert len(said(capsys, "--in-doubt", "--limit", "1").splitlines()) == 4


@pytest.mark.parametrize(
    ("limit", "ids"), [("1", ["r4"]), ("2", ["r4", "r3"]), ("99", ["r4", "r3", "ended-in-doubt", "r1"])]
)
def test_limit_and_json(limit: str, ids: list[str], state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One object a line, newest first, with times and ids as in the report."""
    found = [json.loads(line) for line in said(capsys, "--json", "--limit", limit).splitlines()]
    assert [each["run_id"] for each in found] == ids
    assert found[0] == {
        "run_id": "r4",
        "playbook": "long-name",
        "environment": "preprod",
        "base_url": "https://api.example.test",
        "participant": ALICE,
        "account": "",
        "started_at": (NOW + timedelta(seconds=3)).isoformat(),
        "last_at": (NOW + timedelta(seconds=3)).isoformat(),
        "status": "killed",
        "exit_code": None,
    }


@pytest.mark.parametrize("limit", ["0", "-1", "x", "1.5"])
def test_a_limit_that_is_none(limit: str, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2 with a clear word."""
    with pytest.raises(SystemExit) as stop:
        dispatch(["history", f"--limit={limit}"])
    assert stop.value.code == 2
    assert "argument --limit: give a number of runs, 1 or more" in capsys.readouterr().err


def test_nothing_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A machine on which nothing ran has no history."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "new"))
    assert (said(capsys), said(capsys, "--json"), said(capsys, "--in-doubt")) == ("", "", "")
