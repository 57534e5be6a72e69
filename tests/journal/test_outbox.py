"""What somebody has yet to be told of: kept once, claimed by one, tried later and later, given up in the end."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from journal.made import NOW, PINNED, a_run
from runner.journal import store
from runner.journal.outbox import Owed
from runner.journal.store import Batch, Journal
from runner.journal.tables import VERSIONS

ONE = Owed("id-1", "r1", "failure", "{}", "{}", NOW, NOW + timedelta(days=3), NOW)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    return tmp_path


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    with contextlib.closing(Journal(folder)) as opened:
        yield opened


def test_one_id_is_owed_once(journal: Journal) -> None:
    """Nor again once it has arrived."""
    journal.outbox.owe([ONE])
    journal.outbox.owe([replace(ONE, message="other")])
    assert journal.outbox.owed() == [ONE]
    journal.outbox.settle([ONE], [], NOW)
    journal.outbox.owe([ONE])
    assert journal.outbox.owed() == []


def test_one_process_claims_it(journal: Journal, folder: Path) -> None:
    """For half a minute, in case it dies over it."""
    journal.outbox.owe([ONE])
    with contextlib.closing(Journal(folder)) as other:
        assert journal.outbox.claim(NOW, 9) == [ONE]
        assert other.outbox.claim(NOW, 9, early=True) == []
        assert other.outbox.claim(NOW + timedelta(seconds=31), 9) == [ONE]


def test_it_is_tried_later_and_later(journal: Journal) -> None:
    """Half a minute, a minute, … at most an hour."""
    journal.outbox.owe([ONE])
    waits, now = [], NOW
    for _ in range(9):
        (claimed,) = journal.outbox.claim(now, 9)
        journal.outbox.settle([], [(claimed, "no")], now)
        (owed,) = journal.outbox.owed()
        waits.append((owed.next_at - now).total_seconds())
        assert journal.outbox.claim(owed.next_at - timedelta(seconds=1), 9) == []
        now = owed.next_at
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert journal.outbox.owed()[0].error == "no"


def test_the_latest_come_first(journal: Journal) -> None:
    """So that a backlog does not hold up what has just happened."""
    journal.outbox.owe([replace(ONE, id=f"id-{n}", owed_at=NOW + timedelta(seconds=n)) for n in range(5)])
    assert [each.id for each in journal.outbox.claim(NOW, 2)] == ["id-4", "id-3"]
    assert [each.id for each in journal.outbox.claim(NOW, 9, but={"id-0"})] == ["id-2", "id-1"]


def test_it_is_given_up_once(journal: Journal) -> None:
    """Not before its time."""
    journal.outbox.owe([ONE])
    assert journal.outbox.give_up(ONE.until - timedelta(seconds=1)) == []
    assert journal.outbox.give_up(ONE.until) == [ONE]
    assert journal.outbox.give_up(ONE.until) == []
    assert journal.outbox.owed() == []


def test_a_journal_of_the_first_version_is_brought_up_to_date(folder: Path) -> None:
    """Its runs are as they were, and it takes what is owed."""
    path = folder / store.NAME
    with contextlib.closing(sqlite3.connect(path)) as old:
        old.executescript(VERSIONS[0] + "PRAGMA user_version = 1;")
        row = ("r0", "tried", "preprod", "b", "p", "", NOW.isoformat(), NOW.isoformat(), "passed", 0)
        old.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        old.commit()
    path.chmod(0o600)
    for _ in range(2):
        with contextlib.closing(Journal(folder)) as opened:
            opened.outbox.owe([ONE])
            assert [run.run_id for run in opened.history(9)] == ["r0"]
            assert opened.outbox.owed() == [ONE]


def test_how_the_run_before_ended(journal: Journal) -> None:
    """Of the same playbook and environment; one that was interrupted says nothing."""
    ends = [("r1", "tried", "failed"), ("r2", "other", "passed"), ("r3", "tried", "interrupted"), ("r4", "tried", None)]
    for seconds, (run_id, name, status) in enumerate(ends):
        journal.begin(a_run(run_id, seconds=seconds, playbook=name), PINNED)
        if status:
            journal.append(Batch(run_id, 0, [], NOW, (), (status, 1)))
    assert journal.outcome_before(a_run("r4", seconds=3)) == "failed"
    assert journal.outcome_before(a_run("r1")) is None
