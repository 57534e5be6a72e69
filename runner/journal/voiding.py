"""Ending a run in the journal alone: nothing of it is owed, since its exchange is gone or a person saw to it."""

from __future__ import annotations

from datetime import datetime

from runner.engine.ledger import Ledger
from runner.errors import ExitCode
from runner.journal.recorder import events_of
from runner.journal.store import Batch, Entry, Journal, Run
from runner.record.codec import text_of
from runner.record.events import CleanupDone, Event, Problem, RunFinished


def declare_over(journal: Journal, died: Run, why: Problem, now: datetime) -> None:
    """Record that whatever a run owed is settled, and that it ended with an error."""
    entries = journal.entries(died.run_id)
    ledger = Ledger()
    for event in events_of(entries):
        ledger.take(event)
    unpaid = [owed for path, owed in ledger.owed.items() if ledger.paid.get(path, "owed") == "owed"]
    events: list[Event] = [CleanupDone(each.path, each.step, "not_needed", why.message) for each in unpaid]
    milliseconds = round((now - died.started_at).total_seconds() * 1000)
    events.append(RunFinished("errored", ExitCode.ERRORED, now, milliseconds, {}, None, why))
    said = [Entry("event", getattr(each, "path", ""), text_of(each)) for each in events]
    journal.append(Batch(died.run_id, len(entries), said, now, (), ("errored", ExitCode.ERRORED)))
