"""The seam for durability: everything the engine does goes through a ``Recorder``.

A recorder performs a leaf of the work once and remembers what came of it. After a crash, one that has a start without a
done asks ``settle`` where something may have changed at the venue, and acts again where it only read. The recorder
here keeps everything in memory: what it remembers ends with the process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from runner.clock import Clock
from runner.engine.stop import Stop
from runner.record.events import Event

T = TypeVar("T")


class Recorder(Protocol):
    """What the engine acts through. ``path`` names a leaf for ever: ``order#1/send``."""

    def emit(self, event: Event) -> None:
        """Keep an event."""
        ...

    def step(self, path: str, act: Callable[[], T], settle: Callable[[], T] | None = None) -> T:
        """The recorded result of a leaf, or perform it and record."""
        ...

    def sleep_until(self, path: str, at: datetime) -> None:
        """Let time pass; returns early when the run is to stop."""
        ...

    def cancelled(self) -> bool:
        """Whether the run is to stop."""
        ...

    @property
    def bug(self) -> Exception | None:
        """A mistake of our own in whatever listens to the events; the run went on without that listener."""
        ...


class MemoryRecorder:
    """A recorder for the life of the process; ``listeners`` hear each event as it happens."""

    def __init__(self, clock: Clock, stop: Stop, listeners: Sequence[Callable[[Event], None]] = ()) -> None:
        self.events: list[Event] = []
        self.bug: Exception | None = None
        self._clock = clock
        self._stop = stop
        self._listeners = list(listeners)

    def emit(self, event: Event) -> None:
        """Keep an event and tell the listeners.

        A listener that fails hears no more, and the run goes on: a closed pipe must not leave an order behind.
        """
        self.events.append(event)
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception as error:
                self._listeners.remove(listener)
                if not isinstance(error, OSError):
                    self.bug = error

    def step(self, path: str, act: Callable[[], T], settle: Callable[[], T] | None = None) -> T:  # noqa: ARG002
        """Perform the leaf; in one process each is reached once."""
        return act()

    def sleep_until(self, path: str, at: datetime) -> None:  # noqa: ARG002
        """Let time pass; returns early when the run is to stop."""
        left = (at - self._clock.now()).total_seconds()
        if left > 0:
            self._clock.wait(left)

    def cancelled(self) -> bool:
        """Whether a signal came."""
        return self._stop.requested
