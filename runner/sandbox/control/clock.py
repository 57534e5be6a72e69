"""A clock that can be set and stopped while the exchange runs."""

from __future__ import annotations

from datetime import datetime, timedelta

from runner.sandbox.exchange.clock import Clock


class MovableClock:
    """The time of another clock, shifted; or one moment, while it is stopped."""

    __slots__ = ("_base", "_shift", "_stopped_at")

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._shift = timedelta(0)
        self._stopped_at: datetime | None = None

    def now(self) -> datetime:
        """The present moment by this clock."""
        return self._base.now() + self._shift if self._stopped_at is None else self._stopped_at

    @property
    def stopped(self) -> bool:
        """Whether time stands still."""
        return self._stopped_at is not None

    def set(self, to: datetime) -> None:
        """Make it this moment now; a stopped clock stays stopped."""
        self._shift = to - self._base.now()
        if self._stopped_at is not None:
            self._stopped_at = to

    def stop(self) -> None:
        """Let time stand still."""
        self._stopped_at = self.now()

    def go(self) -> None:
        """Let time run on from where it stands."""
        self.set(self.now())
        self._stopped_at = None

    def reset(self) -> None:
        """The real time again."""
        self._shift, self._stopped_at = timedelta(0), None
