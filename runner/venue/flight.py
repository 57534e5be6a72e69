"""Calls in flight, and the one thread that cuts those whose time is up.

A socket's own time-out starts again with every byte, so a server that sends a byte a second would hold a call for ever.
Here a call's whole time counts: when it is over its socket is shut down, which wakes whoever is blocked on it.
"""

from __future__ import annotations

import contextlib
import math
import queue
import socket
import threading
import time

INTERRUPTED = "interrupted"
TIME_UP = "time is up"

_TICK = 10.0
_here = threading.local()


class Flight:
    """One call under way. ``cut_at`` is on ``time.monotonic``; ``write`` gets a grace time when interrupted.

    ``why`` tells that it was cut, and ``due`` what its time's end will mean.
    ``sent`` becomes true just before the request's first byte may leave; ``reused`` tells that its connection had
    served before; ``fresh`` asks for one that has not.
    """

    __slots__ = ("_lock", "_owned", "_socket", "cut_at", "due", "fresh", "reused", "sent", "why", "write")

    def __init__(self, cut_at: float, *, write: bool, fresh: bool = False) -> None:
        self.cut_at = cut_at
        self.write = write
        self.fresh = fresh
        self.sent = False
        self.reused = False
        self.why = ""
        self.due = TIME_UP
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._owned = False

    @property
    def left(self) -> float:
        """Seconds left, at least a thousandth."""
        return max(0.001, self.cut_at - time.monotonic())

    def hold(self, sock: socket.socket | None, *, owned: bool = False) -> None:
        """This is the socket to cut from now on; an owned one is closed when it is let go."""
        with self._lock:
            if self._owned and self._socket is not None:
                self._socket.close()
            self._socket, self._owned = sock, owned
        if self.why:
            self.cut(self.why)

    def cut(self, why: str) -> None:
        """Shut the socket down. Safe in a signal handler: it never waits for a lock.

        Whoever has the lock is either letting the socket go or will look at ``why`` afterwards.
        """
        self.why = why
        if self._lock.acquire(blocking=False):
            try:
                if self._socket is not None:
                    with contextlib.suppress(OSError):
                        self._socket.shutdown(socket.SHUT_RDWR)
            finally:
                self._lock.release()


def current() -> Flight:
    """The flight of this thread's call."""
    flight: Flight = _here.flight
    return flight


class Watchdog:
    """Cuts flights at their time, from one daemon thread that starts with the first of them."""

    def __init__(self) -> None:
        self._flights: dict[int, Flight] = {}
        # Its `put` may be called from a signal handler, unlike a condition's `notify`.
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._wakes_at = math.inf
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._ended = False

    def watch(self, flight: Flight) -> None:
        """Cut this flight when its time is up, and let this thread's connection know it."""
        if self._thread is None:
            self._start()
        self._flights[id(flight)] = flight
        _here.flight = flight
        if flight.cut_at < self._wakes_at:
            self._bell.put(None)

    def forget(self, flight: Flight) -> None:
        """This flight is over."""
        flight.hold(None)
        self._flights.pop(id(flight), None)

    def interrupt(self, grace: float) -> None:
        """Cut reads now and writes after ``grace`` seconds. For signal handlers: it takes no lock."""
        for flight in list(self._flights.values()):
            if flight.write:
                flight.cut_at = min(flight.cut_at, time.monotonic() + grace)
                flight.due = INTERRUPTED
            else:
                flight.cut(INTERRUPTED)
        self._bell.put(None)

    def stop(self) -> None:
        """End the thread."""
        self._ended = True
        self._bell.put(None)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep, name="call watchdog", daemon=True)
                self._thread.start()

    def _keep(self) -> None:
        while not self._ended:
            wait = self._round() - time.monotonic()
            with contextlib.suppress(queue.Empty):
                self._bell.get(timeout=max(0.0, wait))

    def _round(self) -> float:
        """Cut what is due and give the time of the next look.

        While this looks, any new flight rings the bell (its time is below infinity), so none is overlooked. The tick is
        shorter than a usual call's limit, so a usual call rings no bell.
        """
        self._wakes_at = math.inf
        now = time.monotonic()
        flights = list(self._flights.values())
        for flight in flights:
            if flight.cut_at <= now:
                flight.cut(flight.due)
        self._wakes_at = min([now + _TICK, *(each.cut_at for each in flights if each.cut_at > now)])
        return self._wakes_at
