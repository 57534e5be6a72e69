"""What the journal forgets is old, over, owed by nobody and counted by no limit of today; all else stays."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

import pytest

from journal.made import BASE, NOW, STARTED, a_run, finished, intended, owed
from runner.journal.pruning import expired, forget
from runner.journal.store import Batch, Entry, Journal, Pinned, Risk
from runner.record.codec import text_of
from runner.record.events import CleanupDone, Event

DAY = 86_400.0


def kept(journal: Journal, name: str, days: float, *events: Event, status: str | None = "passed") -> None:
    """A run that was begun and ended so many days before ``NOW``."""
    run = a_run(name, seconds=-days * DAY)
    journal.begin(run, Pinned(f"{name:0<64}", f"name: {name}\n", {}))
    entries = [Entry("event", "", text_of(each)) for each in (STARTED, *events)]
    ended = None if status is None else (status, 0)
    journal.append(Batch(name, 0, entries, run.started_at, (), ended))


def names(journal: Journal, now: datetime = NOW, days: int = 400, most: int = 100) -> list[str]:
    return [each.run_id for each in expired(journal, now, days, most)]


def count(journal: Journal, table: str) -> int:
    with sqlite3.connect(journal.path) as connection:
        found: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    connection.close()
    return found


@pytest.mark.parametrize(
    ("days", "status", "events", "is_old"),
    [
        (401, "passed", (finished(),), True),
        (401, "failed", (finished("failed", 1),), True),
        (401, "interrupted", (finished(),), True),
        (399, "passed", (finished(),), False),
        (401, None, (), False),
        (401, "in_doubt", (finished("in_doubt", 4),), False),
        (401, "errored", (owed(), finished()), False),
        (401, "errored", (owed(), CleanupDone("order", "order", "failed"), finished()), False),
        (401, "errored", (owed(), CleanupDone("order", "order", "done"), finished()), True),
    ],
    ids=["passed", "failed", "interrupted", "young", "open", "in doubt", "owed", "failed to pay", "paid"],
)
def test_which_are_old(
    days: float, status: str | None, events: tuple[Event, ...], is_old: bool, journal: Journal
) -> None:
    """Old, over, and owed by nobody."""
    kept(journal, "it", days, *events, status=status)
    assert names(journal) == (["it"] if is_old else [])


def test_today_counts(journal: Journal) -> None:
    """A trade day lasts longer than a calendar's: what may count to today's limits stays, whatever is wanted."""
    kept(journal, "it", 0.5, intended("c1"), finished())
    assert names(journal, NOW, days=0) == []
    assert names(journal, NOW + timedelta(days=3), days=1) == ["it"]


def test_what_stays_hides_nothing(journal: Journal) -> None:
    """Runs that owe something are no part of a batch, however many there are."""
    for number in range(5):
        kept(journal, f"owing-{number}", 500 - number, owed(), finished(), status="errored")
    for number in range(3):
        kept(journal, f"paid-{number}", 450 - number, finished())
    assert names(journal, most=2) == ["paid-0", "paid-1"]
    assert names(journal, most=4) == ["paid-0", "paid-1", "paid-2"]


def test_a_run_that_was_taken_up_lately(journal: Journal) -> None:
    """It is the last sign of life that counts."""
    kept(journal, "it", 401, status=None)
    journal.append(Batch("it", 1, [Entry("event", "", text_of(finished()))], NOW, (), ("passed", 0)))
    assert names(journal) == []


def test_forgetting(journal: Journal) -> None:
    """The run goes with its entries, pins, text and risks; the others (one more is the fixture's) stay whole."""
    kept(journal, "old", 500, finished())
    kept(journal, "new", 1, finished())
    day = (NOW - timedelta(days=500)).date().isoformat()
    journal.append(Batch("old", 2, [], NOW - timedelta(days=500), [Risk("c1", BASE, "F", day, "5")]))
    journal.append(Batch("new", 2, [], NOW, [Risk("c2", BASE, "F", NOW.date().isoformat(), "5")]))
    forget(journal, expired(journal, NOW, 400, 10), NOW, 400)
    assert {table: count(journal, table) for table in ("runs", "entries", "pins", "texts", "risks")} == {
        "runs": 2,
        "entries": 2,
        "pins": 2,
        "texts": 2,
        "risks": 1,
    }
    assert len(journal.entries("new")) == 2
    assert journal.pinned("new").text == "name: new\n"


def test_what_was_opened_meanwhile_stays(journal: Journal) -> None:
    """A run that is in doubt by the time it is to be forgotten is left alone."""
    kept(journal, "it", 500, finished())
    found = expired(journal, NOW, 400, 10)
    journal.append(Batch("it", 2, [], NOW, (), ("in_doubt", 4)))
    forget(journal, found, NOW, 400)
    assert len(journal.entries("it")) == 2


def test_many(journal: Journal) -> None:
    """Oldest first, at most so many, however many transactions that takes."""
    for number in range(120):
        kept(journal, f"m{number}", 500 - number / 10, finished())
    assert names(journal, most=2) == ["m0", "m1"]
    forget(journal, expired(journal, NOW, 400, 110), NOW, 400)
    assert count(journal, "runs") == 10 + 1
