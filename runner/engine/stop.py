"""Being asked to stop: the first signal ends the run in good order, a second one stops waiting for that order.

The handler only notes the signal, cuts the calls in flight and wakes each sleeping thread through a pipe: none of that
takes a lock, so it may come at any moment.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop:
    """Whether, and by which signal, the run is to stop."""

    def __init__(self) -> None:
        self.signal_number: int | None = None
        self.impatient = False
        self._listeners: list[Callable[[], None]] = []
        self._pipes: list[tuple[int, int]] = []
        self._unused: list[int] = []

    @property
    def requested(self) -> bool:
        """Whether a signal came."""
        return self.signal_number is not None

    def on_request(self, listener: Callable[[], None]) -> None:
        """Call this, too, in the signal's handler: at the first signal and at each one after it."""
        self._listeners.append(listener)

    def request(self, signal_number: int) -> None:
        """Stop, for this reason; a second request makes it ``impatient``."""
        if self.requested:
            self.impatient = True
        else:
            self.signal_number = signal_number
        for listener in self._listeners:
            listener()
        for _, write in tuple(self._pipes):
            with contextlib.suppress(BlockingIOError):
                os.write(write, b"\0")

    def pause(self, seconds: float) -> None:
        """Sleep, but not past the next request; now and then it ends early, once, for one that is past."""
        try:
            read = self._unused.pop()
        except IndexError:
            read = self._new_pipe()
        ready, _, _ = select.select([read], [], [], max(seconds, 0.0))
        if ready:
            os.read(read, 1)
        self._unused.append(read)

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Listen to SIGINT, SIGTERM and SIGHUP within the block; main thread only."""
        before = {number: signal.signal(number, self._handle) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def close(self) -> None:
        """Give the pipes back."""
        for read, write in self._pipes:
            os.close(read)
            os.close(write)
        self._pipes.clear()
        self._unused.clear()

    def _new_pipe(self) -> int:
        """The end that a thread sleeps on; one that was asked to stop before is woken at once."""
        read, write = os.pipe()
        os.set_blocking(write, False)
        self._pipes.append((read, write))
        if self.requested:
            os.write(write, b"\0")
        return read

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        self.request(number)
