"""Cron expressions: which moments they name in a time zone.

On the days when clocks change they mean what they mean to Debian's cron: a job at a fixed time runs once, at the first
of two such times and right after a gap; one with ``*`` in its minutes or hours goes by the clock. The library is
cronsim, the one that knows this.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from runner.frozen import frozen

if TYPE_CHECKING:
    from cronsim import CronSim

    from runner.schedule.model import Schedule

_EPOCH = datetime(2024, 1, 1)
_BEFORE = timedelta(hours=3)


class WrongCron(Exception):
    """An expression that names no moment; the text says why."""


@frozen
class Fields:
    """The five fields as numbers; None for one that starts with ``*``, whose text ``written`` has.

    ``days_and`` is whether day of month and weekday must both hold; if both are restricted, one is enough.
    """

    written: tuple[str, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    days_and: bool

    @property
    def fixed(self) -> bool:
        """Whether it names times of the day, rather than going by the clock."""
        return not (self.written[0].startswith("*") or self.written[1].startswith("*"))

    def starred(self, index: int) -> bool:
        """Whether the field at ``index`` starts with ``*``."""
        return self.written[index].startswith("*")


def moments(cron: str, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """Each moment after ``after`` (aware) that the expression names, in ``zone``; none comes twice.

    Raises ``WrongCron`` for what is no expression.
    """
    last = after.astimezone(UTC)
    start = (last - _BEFORE).astimezone(zone)
    by_the_clock = any(each.startswith("*") for each in cron.split()[:2])
    for found in _by_the_clock(cron, zone, start) if by_the_clock else _simulator(cron, start):
        if found.astimezone(UTC) > last:
            last = found.astimezone(UTC)
            yield last.astimezone(zone)


def _by_the_clock(cron: str, zone: ZoneInfo, start: datetime) -> Iterator[datetime]:
    """Every moment at which clocks show one of the times: each of two, and none that doesn't exist.

    Not the library's own way with zones, which goes wrong where midnight is left out (Havana, Beirut, Cairo).
    """
    coming: list[datetime] = []
    for wall in _simulator(cron, start.replace(tzinfo=None, second=0, microsecond=0)):
        real = sorted({at for fold in (0, 1) if (at := _at(wall, zone, fold)) is not None})
        while real and coming and coming[0] < real[0]:
            yield heappop(coming)
        for each in real:
            heappush(coming, each)
    while coming:
        yield heappop(coming)


def _at(wall: datetime, zone: ZoneInfo, fold: int) -> datetime | None:
    """The moment (UTC) at which clocks show a time, None if they never do."""
    at = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    return at if at.astimezone(zone).replace(tzinfo=None) == wall else None


def walls(cron: str, start: datetime, end: datetime) -> Iterator[datetime]:
    """The times on the wall from ``start`` up to ``end`` (both without a zone) that the expression names."""
    for found in _simulator(cron, start - timedelta(minutes=1)):
        if found >= end:
            return
        yield found


def next_moments(schedule: Schedule, after: datetime, most: int) -> list[datetime]:
    """The next moments of a schedule, ``most`` at most."""
    return list(islice(moments(schedule.cron, schedule.zone, after), most))


def due(schedule: Schedule, now: datetime) -> datetime | None:
    """The latest tick that may run now, None if the last one was too long ago."""
    latest = None
    for found in moments(schedule.cron, schedule.zone, now - schedule.late - timedelta(seconds=1)):
        if found > now:
            break
        latest = found
    return latest


def fields(cron: str) -> Fields:
    """The fields as numbers; raises ``WrongCron``, too for those that only this library knows (``L``, ``#``)."""
    simulator = _simulator(cron, _EPOCH)
    weekdays = simulator.weekdays
    if min(simulator.days) < 0 or any(isinstance(each, tuple) for each in weekdays):
        raise WrongCron("`L`, `W` and `#` are known to pmx-run and not to other schedulers")
    numbers = sorted({int(each) % 7 for each in weekdays if not isinstance(each, tuple)})
    others = (simulator.minutes, simulator.hours, simulator.days, simulator.months)
    minutes, hours, days, months = (tuple(sorted(each)) for each in others)
    return Fields(tuple(cron.split()), minutes, hours, days, months, tuple(numbers), simulator.day_and)


def check_cron(cron: str) -> None:
    """Raise ``WrongCron`` if the expression never comes to a moment."""
    if next(_simulator(cron, _EPOCH), None) is None:
        raise WrongCron("there is no such day in any year")


def _simulator(cron: str, at: datetime) -> CronSim:
    from cronsim import CronSim, CronSimError

    try:
        return CronSim(cron, at)
    except CronSimError as error:
        raise WrongCron(str(error)) from None
