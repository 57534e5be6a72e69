"""How long runs are kept: ``retention`` days. A run's end applies it, once a day, and never fails for it."""

from __future__ import annotations

import contextlib
import os
from datetime import datetime, timedelta

from runner.cli.journaling import Book
from runner.errors import PmxError

_MARKER = "pruned"
_DAY = timedelta(days=1).total_seconds()
_MOST_AT_ONCE = 200
"""More than a run's end has time for waits for the next run's, or for `pmx-run history prune`."""


def prune_once_a_day(book: Book, now: datetime) -> None:
    """Forget what is older than the settings want it kept, unless this was done within the last day."""
    marker = book.folder / _MARKER
    with contextlib.suppress(OSError):
        if 0 <= now.timestamp() - marker.stat().st_mtime < _DAY:
            return
    with contextlib.suppress(OSError, PmxError):
        from runner.journal.pruning import expired, forget

        days = book.settings.retention.value
        runs = expired(book.journal, now, days, _MOST_AT_ONCE)
        if len(runs) < _MOST_AT_ONCE:
            marker.touch(mode=0o600)
            os.utime(marker, (now.timestamp(), now.timestamp()))
        if runs:
            forget(book.journal, runs, now, days)
