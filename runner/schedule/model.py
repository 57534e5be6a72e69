"""Schedules as ``pmx.yaml`` states them, and the windows in which nothing runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, time, timedelta
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from runner.frozen import frozen
from runner.source import Span

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
Overlap: TypeAlias = Literal["skip", "queue"]
CatchUp: TypeAlias = Literal["none", "last", "all"]
LATE = timedelta(minutes=5)
"""How late a scheduler may be without anybody calling it a tick that was missed."""
LEAST_WITHIN = timedelta(minutes=1)
"""Schedulers are some seconds late themselves, and Kubernetes drops what is given less than ten."""


@frozen
class Window:
    """A time of the week in which nothing runs, by the clocks of ``timezone``: ``start`` counts, ``end`` doesn't.

    One that does not end after it starts goes over midnight, and belongs to the day on which it starts.
    """

    name: str
    days: tuple[str, ...]
    start: time
    end: time
    timezone: str

    def holds(self, at: datetime) -> bool:
        """Whether an aware moment is in it."""
        local = at.astimezone(ZoneInfo(self.timezone))
        now, today, before = local.time(), DAYS[local.weekday()], DAYS[local.weekday() - 1]
        if self.start < self.end:
            return today in self.days and self.start <= now < self.end
        return (today in self.days and now >= self.start) or (before in self.days and now < self.end)

    def __str__(self) -> str:
        """As people know it: ``maintenance, thu 02:00-08:00 America/New_York``."""
        return f"{self.name}, {' '.join(self.days)} {self.start:%H:%M}-{self.end:%H:%M} {self.timezone}"


MAINTENANCE = Window("maintenance", ("thu",), time(2), time(8), "America/New_York")
"""The venue's weekly maintenance, both of its published times together.

docs.polymarket.us: 6:00 to 8:00 by learn/trading/access-and-limits/trading-hours, 2:00 to 6:00 by the changelog of
2026-07-09.
"""


@frozen
class Schedule:
    """One entry of ``schedules``. ``cron`` has five fields; ``playbook`` is a path from ``folder``, or a bundled name.

    ``overlap`` is what becomes of a tick that comes while the run before is under way. ``catch_up`` tells which missed
    ticks are run after all, and ``within`` how late they may be, None if none is. ``jitter`` is the longest random wait
    before a run. ``calls`` is a bound on the calls of one run. ``places`` holds each key's place, and that of the name
    under an empty key.
    """

    name: str
    playbook: str
    cron: str
    timezone: str = "UTC"
    environment: str | None = None
    inputs: Mapping[str, object] = field(default_factory=dict)
    overlap: Overlap = "skip"
    catch_up: CatchUp = "none"
    within: timedelta | None = None
    windows: tuple[Window, ...] = (MAINTENANCE,)
    jitter: timedelta = timedelta(0)
    calls: int | None = None
    places: Mapping[str, Span] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone; raises ``ZoneInfoNotFoundError`` or ``ValueError`` if there is none of that name."""
        return ZoneInfo(self.timezone)

    @property
    def late(self) -> timedelta:
        """How late a tick may be that is run."""
        return self.within or LATE

    @property
    def in_sequence(self) -> bool:
        """Whether several ticks may have to be run one after the other."""
        return self.overlap == "queue" or self.catch_up == "all"

    def closed(self, at: datetime) -> Window | None:
        """The window that keeps a tick from running, None if none does."""
        return next((window for window in self.windows if window.holds(at)), None)

    def place(self, key: str) -> Span | None:
        """Where ``key`` is written, else the schedule's name."""
        return self.places.get(key) or self.places.get("")

    def __str__(self) -> str:
        """As ``doctor`` shows it: ``30 9 * * * UTC canary-order``."""
        return f"{self.cron} {self.timezone} {self.playbook}"
