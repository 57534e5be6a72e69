"""What the journal may forget: runs that ended long ago, of which nothing is owed and no limit of today depends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count, islice

from runner.journal.recorder import events_of
from runner.journal.store import Journal, Run
from runner.record.result import fold
from runner.venue.trade_day import trade_day

_AT_ONCE = 50
"""So many runs a transaction: others who write meanwhile wait for some milliseconds, not for the whole."""


def expired(journal: Journal, now: datetime, days: int, most: int) -> list[Run]:
    """Runs whose last sign of life is more than ``days`` ago, oldest first, at most ``most`` of them.

    What is open or in doubt stays for ever; so does a run with a debt that nobody settled, and one of today's trade
    day, whose orders still count. Those that stay keep none behind them from being found.
    """
    before, today = now - timedelta(days=days), trade_day(now)
    found: list[Run] = []
    for skipped in count(0, most):
        some = journal.ended_before(before, most, skipped)
        found += (each for each in some if trade_day(each.last_at) < today and not _owes(journal, each))
        if len(found) >= most or len(some) < most:
            break
    return found[:most]


def forget(journal: Journal, runs: Sequence[Run], now: datetime, days: int) -> None:
    """Take the runs away, and what orders of days as old could lose; texts that no run has any more, too."""
    for some in _batches(runs):
        journal.forget([each.run_id for each in some])
    journal.forget_leftovers(trade_day(now - timedelta(days=days)).isoformat())


def _owes(journal: Journal, run: Run) -> bool:
    events = events_of(journal.entries(run.run_id))
    return bool(events) and any(each.status in {"owed", "failed"} for each in fold(events).cleanups)


def _batches(runs: Sequence[Run]) -> Iterator[Sequence[Run]]:
    left = iter(runs)
    while some := list(islice(left, _AT_ONCE)):
        yield some
