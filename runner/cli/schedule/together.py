"""Two schedules in one minute: when they meet, and which rate limits they may exceed together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from runner.cli.schedule.planning import Job
from runner.foresight.pacing import Load
from runner.frozen import frozen
from runner.schedule.cron import moments
from runner.schedule.model import Schedule

_LOOKED_AT = 200
_MINUTE = timedelta(minutes=1)


@frozen
class Overdrawn:
    """A rate limit with the calls of two runs at most; None where nobody can tell."""

    operations: tuple[str, ...]
    allowed: float
    calls: tuple[int | None, int | None]

    @property
    def words(self) -> str:
        """``search_orders: 70 + 70 calls at most, 12 a minute``."""
        one, other = ("any number of" if each is None else str(each) for each in self.calls)
        return f"{', '.join(self.operations)}: {one} + {other} calls at most, {self.allowed:g} in a minute"


def overdrawn(one: Job, other: Job) -> Iterator[Overdrawn]:
    """Each limit that both take from, and that they may exceed within a minute."""
    if one.sharing != other.sharing or one.settings.embedded:
        return
    of_other = {each.operations[0]: each for each in other.loads}
    for load in one.loads:
        second = of_other.get(load.operations[0])
        if second is not None:
            allowed, both = _in_a_minute(load), (load.calls.most, second.calls.most)
            if None in both or sum(each or 0 for each in both) > allowed:
                yield Overdrawn(load.operations, allowed, both)


def meeting(one: Schedule, other: Schedule, now: datetime) -> datetime | None:
    """The first minute in which both run (UTC), looked for among the next times of the one that runs less often."""
    first, second = (list(_coming(each, now)) for each in (one, other))
    if not first or not second:
        return None
    rare, often = (one, other) if first[-1] > second[-1] else (other, one)
    for moment in first if rare is one else second:
        found = next(moments(often.cron, often.zone, moment - _MINUTE), None)
        if found is not None and found.astimezone(UTC) == moment and not often.closed(found):
            return moment
    return None


def _coming(schedule: Schedule, now: datetime) -> Iterator[datetime]:
    for moment in islice(moments(schedule.cron, schedule.zone, now), _LOOKED_AT):
        if not schedule.closed(moment):
            yield moment.astimezone(UTC)


def _in_a_minute(load: Load) -> float:
    """What a full bucket lets through within a minute: a limit by the minute one minute's calls, as is published."""
    bucket = load.bucket
    return max(bucket.capacity, bucket.calls * 60 / bucket.seconds)
