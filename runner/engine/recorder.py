"""The seam for durability: everything the engine does once goes through a ``Recorder``.

A recorder performs a leaf of the work once and remembers what came of it: a step as a whole, the rendering of what will
be sent, the sending itself. After a crash, a leaf that has an end gives what was recorded. One that has a start alone
asks ``settle`` where something may have changed at the venue, and acts again where it only read. Ours is the journal's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from runner.clock import Clock
from runner.record.events import Event

T = TypeVar("T")
Listener = Callable[[Event], None]


class Recorder(Protocol):
    """What the engine acts through; safe to share between threads. ``path`` names a leaf for ever: ``order#1/send``."""

    @property
    def earlier(self) -> Sequence[Event]:
        """What a process that died said of this run; empty for a new one."""
        ...

    @property
    def broken(self) -> Exception | None:
        """Why nothing can be recorded any more, so that nothing new may be begun; None while all is well."""
        ...

    def emit(self, *events: Event) -> None:
        """Keep events, all or none of them; those that announce something are durable when this returns.

        Raises ``NotRecorded`` where they can't be.
        """
        ...

    def step(self, path: str, act: Callable[[], T], settle: Callable[[], T] | None = None) -> T:
        """The recorded result of a leaf, or perform it and record.

        With ``settle`` the leaf may change something: its start is durable before ``act``, its end after it, and one
        that was started and not ended is settled, never performed again; raises ``NotRecorded`` if the start can't be
        recorded, and nothing is performed then. A result that holds a secret is not recorded.
        """
        ...

    def keep(self) -> None:
        """Make durable what was only gathered so far: something is about to change, after which no look is the same."""
        ...

    def begun(self, path: str) -> bool:
        """Whether a leaf that may change something was started at or below ``path``, by whichever process."""
        ...

    def sleep_until(self, path: str, at: datetime) -> None:
        """Let time pass; returns early when the run is to stop."""
        ...

    def cancelled(self) -> bool:
        """Whether the run is to stop."""
        ...


class Audience:
    """Those who hear each event as it happens.

    A listener that fails hears no more, and the run goes on: a closed pipe must not leave an order behind. To say what
    went wrong is the listener's own affair; there is nobody here who could.
    """

    def __init__(self, listeners: Sequence[Listener]) -> None:
        self._listeners = list(listeners)

    def hear(self, event: Event) -> None:
        """Tell everybody."""
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:
                self._listeners.remove(listener)


def with_owners(path: str) -> set[str]:
    """The path of a leaf (``caller/place[2]#1/send``), and those of the items and the steps that it belongs to."""
    owners = {path}
    item = path.partition("#")[0]
    while item:
        owners |= {item, item[: item.rindex("[")] if item.endswith("]") else item}
        item = item.rpartition("/")[0]
    return owners


def sleep_until(clock: Clock, at: datetime) -> None:
    """Let time pass until ``at``, or until the clock's wait returns early."""
    left = (at - clock.now()).total_seconds()
    if left > 0:
        clock.wait(left)
