"""The days on which clocks change: what they do to a schedule, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from runner.frozen import frozen
from runner.schedule.cron import Fields, walls

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@frozen
class Change:
    """Clocks of a zone are put on or back at ``at`` (UTC); ``start`` and ``end`` are the times on the wall between.

    Those don't exist when clocks are put ``forward``, else they come twice.
    """

    at: datetime
    start: datetime
    end: datetime
    forward: bool


def changes(zone: ZoneInfo, start: datetime, days: int) -> Iterator[Change]:
    """Each change within so many days from ``start`` (aware)."""
    first = start.astimezone(UTC).replace(second=0, microsecond=0)
    for number in range(days):
        begins, ends = first + number * _DAY, first + (number + 1) * _DAY
        if _offset(zone, begins) != _offset(zone, ends):
            yield _change(zone, begins, ends)


def hit(cron: str, fields: Fields, zone: ZoneInfo, start: datetime, days: int) -> tuple[Change, datetime] | None:
    """The first change that leaves a doubt about a time of day, with that time on the wall; None if none does.

    What goes by the clock every hour leaves none.
    """
    if fields.starred(1):
        return None
    for change in changes(zone, start, days):
        wall = next(walls(cron, change.start, change.end), None)
        if wall is not None:
            return change, wall
    return None


def note(moment: datetime, before: datetime | None) -> str:
    """What the clocks do to a tick, empty if nothing; ``before`` is the tick before it, both in the schedule's zone."""
    zone = moment.tzinfo
    naive = moment.replace(tzinfo=None, fold=0)
    first, second = naive.replace(tzinfo=zone), naive.replace(tzinfo=zone, fold=1)
    if first.utcoffset() != second.utcoffset():
        return f"{moment:%H:%M} comes twice on this day; this is the {'second' if moment.fold else 'first'}"
    if before is not None and before.utcoffset() != moment.utcoffset():
        forward = (moment.utcoffset() or _DAY) > (before.utcoffset() or _DAY)
        return f"clocks were put {'forward' if forward else 'back'} since the time before"
    return ""


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def _change(zone: ZoneInfo, begins: datetime, ends: datetime) -> Change:
    old, new = _offset(zone, begins), _offset(zone, ends)
    while ends - begins > _MINUTE:
        middle = begins + (ends - begins) / 2
        middle = middle.replace(second=0, microsecond=0)
        if _offset(zone, middle) == old:
            begins = middle
        else:
            ends = middle
    naive = ends.replace(tzinfo=None)
    start, end = sorted((naive + old, naive + new))
    return Change(ends, start, end, new > old)
