"""The venue's rate limits, kept by all processes of this machine together.

Each method of the venue has a bucket of its own for each firm (docs.polymarket.us: trader-guide/rate-limits), so there
is one here for each base URL, firm and operation, in the state directory. Operations without a limit cost nothing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from runner.engine.pacing import Turn
from runner.journal.bucket import LONGEST_SHUT, Level, Waiter, read, written
from runner.journal.shared_files import SharedFiles
from runner.venue.operations import Bucket, Operation

T = TypeVar("T")
_TICKET_BYTES = 6


class SharedBuckets:
    """The buckets of one firm at one exchange; the engine's ``Pace``.

    ``folder`` is None for an exchange that only this process knows. ``rates`` are those that the settings state, by
    operation, None for no limit; for all others the venue's own hold.
    """

    def __init__(
        self, folder: Path | None, base_url: str, firm: str, rates: Mapping[str, Bucket | None] | None = None
    ) -> None:
        self._files = SharedFiles(folder)
        self._whose = hashlib.sha256(f"{base_url}\n{firm}".encode()).hexdigest()[:16]
        self._rates = rates or {}

    def take(self, operation: Operation, now: float, *, urgent: bool, longest: float) -> Turn | None:
        """A turn for one call; None where no limit is stated. Nothing is taken if the wait is beyond ``longest``."""
        bucket = self._stated(operation)
        if bucket is None:
            return None
        waiter = Waiter(os.urandom(_TICKET_BYTES).hex(), urgent)

        def join(level: Level) -> float:
            wait = level.join(bucket, waiter)
            if wait > longest:
                level.leave(waiter.ticket)
            return wait

        return Turn(operation, str(bucket), self._change(operation, bucket, now, join), waiter.ticket)

    def left(self, turn: Turn, now: float) -> float:
        """The seconds until the turn comes."""
        bucket = self._stated(turn.operation)
        if bucket is None:
            return 0.0
        return self._change(turn.operation, bucket, now, lambda level: level.wait(bucket, turn.ticket))

    def give_back(self, turn: Turn, now: float) -> None:
        """The call will not be made: others move up, or get its token."""
        bucket = self._stated(turn.operation)
        if bucket is None:
            return

        def leave(level: Level) -> None:
            if not level.leave(turn.ticket):
                level.tokens = min(bucket.capacity, level.tokens + 1)

        self._change(turn.operation, bucket, now, leave)

    def limited(self, operation: Operation, now: float, seconds: float | None) -> None:
        """The venue answered 429: the bucket is empty, and shut for ``seconds``, ten minutes of them at most."""
        bucket = self._stated(operation)
        if bucket is None:
            return

        def shut(level: Level) -> None:
            level.tokens = 0.0
            level.shut = max(level.shut, now + min(seconds or 0.0, LONGEST_SHUT))

        self._change(operation, bucket, now, shut)

    def _stated(self, operation: Operation) -> Bucket | None:
        return self._rates.get(operation.name, operation.bucket)

    def _change(self, operation: Operation, bucket: Bucket, now: float, act: Callable[[Level], T]) -> T:
        def change(text: str) -> tuple[str, T]:
            level = read(text, bucket, now)
            level.advance(bucket, now)
            result = act(level)
            level.advance(bucket, now)
            return written(level), result

        return self._files.change(f"{operation.counted_as}-{self._whose}", change)
