"""What all runs of a machine share about one venue, kept in the journal."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from runner.journal.locks import opened_lock
from runner.journal.store import Journal, Risk
from runner.venue.trade_day import trade_day


class SharedJournal:
    """The day's orders at ``base_url``, and whether one of ``halt_keys`` is halted."""

    def __init__(self, journal: Journal, folder: Path, base_url: str, halt_keys: Sequence[str]) -> None:
        self._journal = journal
        self._base_url = base_url
        self._halt_keys = halt_keys
        name = hashlib.sha256(base_url.encode()).hexdigest()[:16]
        self._folder = folder
        self._lock = f"orders-{name}.lock"

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Within the block no other run counts or records an order."""
        with opened_lock(self._folder, self._lock) as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def others_today(self, clord_id: str, firm: str, now: datetime) -> tuple[int, Decimal]:
        """Orders of a firm in the venue's trade day besides this one, and the dollars at risk in them."""
        today = Risk(clord_id, self._base_url, firm, trade_day(now).isoformat(), "")
        others = self._journal.others_of_day(today)
        orders = [each for each in others if not each.startswith("+")]
        return len(orders), sum(map(Decimal, others), Decimal(0))

    def halted_since(self) -> datetime | None:
        """Since when new orders are refused here, None if they are not."""
        return self._journal.halted_since(self._halt_keys)
