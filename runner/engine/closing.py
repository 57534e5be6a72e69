"""How long the end of a run may take: 30 seconds a phase, and after a signal 45 seconds for all that follows on it."""

from __future__ import annotations

from runner.clock import Clock, Deadline
from runner.engine.stop import Stop

PHASE_SECONDS = 30.0
"""How long the cleanups may take together, and how long `finally`."""

_SECONDS_AFTER_SIGNAL = 45.0
_SECONDS_BELOW_AFTER_SIGNAL = 15.0


class FixedDeadline(Deadline):
    """A deadline that nothing moves, however long a step means to wait."""

    __slots__ = ()

    def extend(self, seconds: float) -> None:
        """Leave it where it is."""


class Closing:
    """The time that is left to a run's end. It counts from the moment of the first signal, whatever went on then."""

    def __init__(self, clock: Clock, stop: Stop) -> None:
        self._clock = clock
        self._after_signal: Deadline | None = None
        self._below_after_signal: Deadline | None = None
        if stop.requested:
            self._signalled()
        stop.on_request(self._signalled)

    def phase(self) -> Deadline:
        """By when a phase of the end (cleanups, ``finally``) that begins now has to be over."""
        return self._after_signal or Deadline(self._clock, PHASE_SECONDS)

    def phase_below(self) -> Deadline:
        """The same for the ``finally`` of an included playbook: what is owed comes after it, and needs its time too."""
        return self._below_after_signal or Deadline(self._clock, PHASE_SECONDS)

    def at_most(self, seconds: float) -> float:
        """``seconds``, or what is left after a signal if that is less."""
        return seconds if self._after_signal is None else min(seconds, self._after_signal.left)

    def _signalled(self) -> None:
        if self._after_signal is None:
            self._after_signal = Deadline(self._clock, _SECONDS_AFTER_SIGNAL)
            self._below_after_signal = Deadline(self._clock, _SECONDS_BELOW_AFTER_SIGNAL)
