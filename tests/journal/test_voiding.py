"""Ending a run in the journal alone."""

from __future__ import annotations

from datetime import timedelta

from journal.made import NOW, STARTED, a_run, finished, intended, owed, recorder, step_started
from runner.engine.stop import Stop
from runner.journal.recorder import events_of
from runner.journal.store import Journal
from runner.journal.voiding import declare_over
from runner.record.events import CleanupDone, Problem, RunFinished
from runner.record.result import fold

WHY = Problem("settled_by_hand", "a person has looked – \ud83d")
LATER = NOW + timedelta(seconds=90)


def test_what_was_owed_is_not_owed_any_more(journal: Journal, stop: Stop) -> None:
    """Every debt that was not paid says why, the run has its end, and is open no more."""
    kept = recorder(journal, stop)
    kept.emit(STARTED, step_started("a"), intended("c1", "a"), owed("c1", "a"), owed("", "b"), owed("", "c"))
    kept.emit(CleanupDone("a", "a", "done"), CleanupDone("b", "b", "owed"))
    declare_over(journal, a_run(), WHY, LATER)
    result = fold(events_of(journal.entries("r1")))
    assert [(each.step, each.status, each.message) for each in result.cleanups] == [
        ("a", "done", ""),
        ("b", "not_needed", WHY.message),
        ("c", "not_needed", WHY.message),
    ]
    assert result.finished == RunFinished("errored", 3, LATER, 90_000, {}, None, WHY)
    assert journal.open_runs() == []


def test_one_that_ended_in_doubt(journal: Journal, stop: Stop) -> None:
    """Its later end counts."""
    recorder(journal, stop).emit(STARTED, owed(), finished("in_doubt", 4))
    assert [each.run_id for each in journal.open_runs()] == ["r1"]
    declare_over(journal, a_run(), WHY, LATER)
    found = journal.run("r1")
    assert found is not None
    assert (found.status, found.exit_code, found.open) == ("errored", 3, False)


def test_one_that_never_said_anything(journal: Journal) -> None:
    """Nothing was done, nothing is owed."""
    declare_over(journal, a_run(), WHY, LATER)
    assert journal.open_runs() == []
