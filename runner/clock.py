"""Time as a dependency: whatever waits or measures asks a ``Clock`` that was handed to it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """The wall clock, a steady one, and waiting."""

    def now(self) -> datetime:
        """Now, aware, in UTC."""
        ...

    def steady(self) -> float:
        """Seconds from an arbitrary start; never goes back."""
        ...

    def wait(self, seconds: float) -> None:
        """Let ``seconds`` pass; returns early when the run is interrupted."""
        ...


class Deadline:
    """A moment on the steady clock by which something has to be done."""

    __slots__ = ("_at", "_clock")

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._at = clock.steady() + seconds

    @property
    def left(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self._at - self._clock.steady())

    @property
    def passed(self) -> bool:
        """Whether the time is up."""
        return self.left <= 0.0

    def extend(self, seconds: float) -> None:
        """Move the moment: what waits on purpose does not use up its step's time."""
        self._at += seconds


class SystemClock:
    """The machine's own time; ``pause`` is what waiting does (a plain sleep unless a run can be interrupted)."""

    def __init__(self, pause: Callable[[float], object] = time.sleep) -> None:
        self._pause = pause

    def now(self) -> datetime:
        """Now, aware, in UTC."""
        return datetime.now(UTC)

    def steady(self) -> float:
        """Seconds since an arbitrary start."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Sleep."""
        self._pause(seconds)
