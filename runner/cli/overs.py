"""Runs of which nothing is owed any more: their exchange is gone, or a person has seen to it."""

from __future__ import annotations

from datetime import UTC, datetime

from runner.cli.journaling import Book, held_if_open
from runner.journal.store import Run
from runner.journal.voiding import declare_over
from runner.record.events import Problem

VOID = Problem("void", "its embedded exchange ended with its process; nothing is owed any more")
BY_HAND = Problem("settled_by_hand", "a person has looked and settled it by hand")


def is_void(book: Book, run: Run) -> bool:
    """Whether a run that died had its exchange in itself."""
    return bool(book.journal.pinned(run.run_id).data["embedded"])


def declared_over(book: Book, run: Run, why: Problem) -> str:
    """Record that a run is over, and give the line that says so. Raises ``Locked`` while it is under way."""
    now = datetime.now(UTC)
    with held_if_open(book, run, now) as died:
        if died is None:
            return f"run {run.run_id} of `{run.playbook}` came to its end meanwhile; there is nothing to do"
        declare_over(book.journal, died, why, now)
    return f"run {run.run_id} of `{run.playbook}`: {why.message}"
