"""A recorder for the life of the process: what it remembers ends with it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from runner.clock import Clock
from runner.engine.recorder import Audience, Listener, sleep_until, with_owners
from runner.engine.stop import Stop
from runner.record.events import Event

T = TypeVar("T")


class MemoryRecorder:
    """A recorder for the life of the process; ``listeners`` hear each event as it happens."""

    earlier: Sequence[Event] = ()
    broken: Exception | None = None

    def __init__(self, clock: Clock, stop: Stop, listeners: Sequence[Listener] = ()) -> None:
        self.events: list[Event] = []
        self._clock = clock
        self._stop = stop
        self._audience = Audience(listeners)
        self._begun: set[str] = set()
        self._turn = threading.Lock()

    def emit(self, *events: Event) -> None:
        """Keep events and tell the listeners."""
        with self._turn:
            for event in events:
                self.events.append(event)
                self._audience.hear(event)

    def step(self, path: str, act: Callable[[], T], settle: Callable[[], T] | None = None) -> T:
        """Perform the leaf; in one process each is reached once."""
        if settle is not None:
            self._begun |= with_owners(path)
        return act()

    def keep(self) -> None:
        """Memory keeps what it has."""

    def begun(self, path: str) -> bool:
        """Whether this process started one."""
        return path in self._begun

    def sleep_until(self, path: str, at: datetime) -> None:
        """Let time pass; returns early when the run is to stop."""
        sleep_until(self._clock, at)

    def cancelled(self) -> bool:
        """Whether a signal came."""
        return self._stop.requested
