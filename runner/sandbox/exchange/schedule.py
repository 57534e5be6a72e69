"""What the exchange still has to do, ordered by the moment it is due.

Nothing runs on timers: the exchange takes what is due before it looks at anything else, so that its course depends
on its clock and on the order of requests alone.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum


class Task(IntEnum):
    """The kinds of work that wait for their moment."""

    ACCEPT = 0
    CANCEL = 1
    REPLACE = 2
    CROSS = 3
    EXPIRE = 4
    ONBOARD = 5


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """One piece of work, ordered by moment and then by arrival.

    ``subject`` is an order's id, or what else the work is on; ``matter`` is what the work needs beside it.
    """

    at: datetime
    arrival: int
    task: Task
    subject: str
    matter: object = field(default=None, compare=False)


class Schedule:
    """A queue of pending work."""

    __slots__ = ("_arrivals", "_heap")

    def __init__(self) -> None:
        self._heap: list[Due] = []
        self._arrivals = 0

    def add(self, at: datetime, task: Task, subject: str, matter: object = None) -> None:
        """Put work off until ``at``."""
        self._arrivals += 1
        heapq.heappush(self._heap, Due(at, self._arrivals, task, subject, matter))

    def take(self, now: datetime) -> Due | None:
        """Remove and return the earliest work that is due, or None."""
        if self._heap and self._heap[0].at <= now:
            return heapq.heappop(self._heap)
        return None
