"""``pmx-run history``: past runs in columns or as JSON, and those of which something may be left."""

from __future__ import annotations

import contextlib
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from journal.made import ALICE, NOW, PINNED, STARTED, a_run, finished, intended, owed, recorder, seen

from runner.cli import retention
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
    assert "error: `--limit`: give a number of runs, 1 or more" in capsys.readouterr().err


def test_nothing_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A machine on which nothing ran has no history."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "new"))
    assert (said(capsys), said(capsys, "--json"), said(capsys, "--in-doubt")) == ("", "", "")


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (["--playbook", "long-name"], ["r4"]),
        (["--playbook", "none"], []),
        (["--env", "preprod"], ["r4", "r3", "ended-in-doubt", "r1"]),
        (["--env", "prod"], []),
        (["--status", "passed"], ["r1"]),
        (["--status", "in_doubt"], ["ended-in-doubt"]),
        (["--status", "running"], ["r4"]),
        (["--status", "killed"], ["r3"]),
        (["--status", "failed"], []),
        (["--since", "2026-11-22T14:00:02"], ["r4", "r3"]),
        (["--since", "2026-11-22T15:00:02+01:00", "--status", "killed"], ["r3"]),
        (["--since", "2026-11-22", "--limit", "1"], ["r4"]),
        (["--since", "2027-01-01"], []),
        (["--since", "10000d", "--playbook", "tried", "--in-doubt"], ["r3", "ended-in-doubt"]),
        (["--in-doubt", "--status", "killed"], ["r3"]),
        (["--in-doubt", "--status", "passed"], []),
    ],
    ids=" ".join,
)
def test_filters(words: list[str], ids: list[str], state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each narrows the list, all together, in the table and as JSON."""
    with held(state, lock_key(a_run("r4", playbook="long-name")), "r4", NOW):
        assert [json.loads(line)["run_id"] for line in said(capsys, "--json", *words).splitlines()] == ids
        lines = said(capsys, *words).splitlines()
    assert [line.split()[2] for line in lines if line[0] != " "] == ids


@pytest.mark.parametrize(
    "words", [["--since", "soon"], ["--since", "7"], ["--status", "fine"], ["forget"]], ids=" ".join
)
def test_a_filter_that_is_none(words: list[str], state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2."""
    with pytest.raises(SystemExit) as stop:
        dispatch(["history", *words])
    assert stop.value.code == 2
    assert "error: `" in capsys.readouterr().err


def old_runs(state: Path, days: int) -> None:
    """Two runs that ended so many days before today, one of them in doubt."""
    before = (datetime.now(UTC) - NOW).total_seconds() - days * 86_400
    with contextlib.closing(Journal(state)) as journal:
        for name, end in (("old", ("passed", 0)), ("old-in-doubt", ("in_doubt", 4))):
            run = a_run(name, seconds=before)
            journal.begin(run, PINNED)
            journal.append(Batch(name, 0, [], run.started_at, (), end))


def left(state: Path) -> set[str]:
    with contextlib.closing(Journal(state)) as journal:
        return {each.run_id for each in journal.history(None)}


def test_prune(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Says what it would forget, forgets it, and then there is nothing more; what is in doubt stays."""
    old_runs(state, 401)
    everything = left(state)
    rehearsal = said(capsys, "prune", "--dry-run")
    assert rehearsal.endswith("1 run older than 400 days would be forgotten\n")
    assert rehearsal.splitlines()[0].split()[2:] == ["old", "tried", "preprod", "passed", "(0)"]
    assert left(state) == everything
    assert [json.loads(line)["run_id"] for line in said(capsys, "prune", "--json").splitlines()] == ["old"]
    assert left(state) == everything - {"old"}
    assert said(capsys, "prune") == "no run is older than 400 days\n"


def test_prune_goes_by_retention(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The setting says how old."""
    old_runs(state, 10)
    settings = state.parent / "pmx.yaml"
    settings.write_text("retention: 9\n")
    settings.chmod(0o600)
    assert said(capsys, "prune").endswith("1 run older than 9 days forgotten\n")


@pytest.mark.parametrize("words", [["prune", "--limit", "3"], ["prune", "--env", "prod"], ["--dry-run"]], ids=" ".join)
def test_options_that_do_not_go_together(words: list[str], state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is forgotten by a command that meant something else."""
    assert dispatch(["history", *words]) == 2
    assert "error: " in capsys.readouterr().err


def test_a_run_forgets_once_a_day(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its end takes away what is old, and for a day nobody looks again."""
    playbook = state.parent / "tiny.yaml"
    playbook.write_text("version: 1\nname: tiny\nsteps:\n  - {id: said, action: log, with: {message: hello}}\n")
    old_runs(state, 500)
    assert dispatch(["tiny.yaml", "--quiet", "--run-id", "first"]) == 0
    assert {"old", "old-in-doubt", "first", "r1"} - left(state) == {"old"}
    with contextlib.closing(Journal(state)) as journal:
        run = a_run("older", seconds=-500 * 86_400)
        journal.begin(run, PINNED)
        journal.append(Batch("older", 0, [], run.started_at, (), ("passed", 0)))
    assert dispatch(["tiny.yaml", "--quiet"]) == 0
    assert "older" in left(state)
    yesterday = (datetime.now(UTC) - timedelta(days=1, seconds=1)).timestamp()
    os.utime(state / "pruned", (yesterday, yesterday))
    assert dispatch(["tiny.yaml", "--quiet"]) == 0
    assert "older" not in left(state)
    assert capsys.readouterr().err == ""


def test_a_run_forgets_the_rest_of_the_day_before(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than one run's end has time for: the next one goes on, though it is the same day."""
    monkeypatch.setattr(retention, "_MOST_AT_ONCE", 2)
    playbook = state.parent / "tiny.yaml"
    playbook.write_text("version: 1\nname: tiny\nsteps:\n  - {id: said, action: log, with: {message: hello}}\n")
    old = [f"old-{number}" for number in range(5)]
    with contextlib.closing(Journal(state)) as journal:
        for name in old:
            run = a_run(name, seconds=-500 * 86_400)
            journal.begin(run, PINNED)
            journal.append(Batch(name, 0, [], run.started_at, (), ("passed", 0)))
    for expected in (old[2:], old[4:], []):
        assert dispatch(["tiny.yaml", "--quiet"]) == 0
        assert [each for each in old if each in left(state)] == expected
