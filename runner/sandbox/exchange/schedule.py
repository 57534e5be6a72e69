"""What the exchange still has to do, ordered by the moment it is due.

Nothing runs on timers: the exchange takes what is due before it looks at anything else, so that its course depends
on its clock and on the order of requests alone.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum


class Task(IntEnum):
    """The kinds of work that wait for their moment."""

    ACCEPT = 0
    CANCEL = 1


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """One piece of work on one order; plain data, ordered by moment and then by arrival."""

    at: datetime
    arrival: int
    task: Task
    order_id: str


class Schedule:
    """A queue of pending work."""

    __slots__ = ("_arrivals", "_heap")

    def __init__(self) -> None:
        self._heap: list[Due] = []
        self._arrivals = 0

    def add(self, at: datetime, task: Task, order_id: str) -> None:
        """Put work on an order off until ``at``."""
        self._arrivals += 1
        heapq.heappush(self._heap, Due(at, self._arrivals, task, order_id))

    def take(self, now: datetime) -> Due | None:
        """Remove and return the earliest work that is due, or None."""
        if self._heap and self._heap[0].at <= now:
            return heapq.heappop(self._heap)
        return None
