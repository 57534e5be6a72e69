"""Who was there, and what ran: what is told of a tick is held against it at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from runner.cli.schedule.ledger import RUNNING
from runner.cli.schedule.outcomes import (
    NOBODY,
    STOPPED,
    TOO_LATE,
    UNDER_WAY,
    WITHIN,
    WOULD_BE_WITHIN,
    News,
    ended_with,
)
from runner.schedule.model import Schedule
from schedule_year.timeline import Run

_LOOK = timedelta(seconds=30)
_IN_DOUBT = 4


@dataclass
class Witness:
    """``gone`` are the moments at which keepers ended, ``empty`` the times without any, in their sequence.

    ``runs`` are the last ones of their ticks; all three are forgotten when everything is settled.
    """

    schedules: Mapping[str, Schedule]
    gone: list[datetime] = field(default_factory=list)
    empty: list[tuple[datetime, datetime]] = field(default_factory=list)
    runs: dict[tuple[str, datetime], Run] = field(default_factory=dict)
    stopping: bool = False
    untrue: list[str] = field(default_factory=list)

    def hear(self, news: News, now: datetime, at_work: set[str]) -> None:
        """Note what is not so; ``at_work`` are the schedules of which a run is under way, or waits for its turn."""
        if not self._is_so(news, now, at_work):
            self.untrue.append(f"{now:%Y-%m-%d %H:%M:%S} {news}")

    def forget(self, now: datetime) -> None:
        """What ended before is over."""
        self.gone = [each for each in self.gone if now - each < timedelta(days=7)]
        self.empty = [each for each in self.empty if now - each[1] < timedelta(days=7)]
        self.runs = {key: run for key, run in self.runs.items() if run.code is None}

    def _is_so(self, news: News, now: datetime, at_work: set[str]) -> bool:
        schedule, at = self.schedules[news.schedule], news.at
        late = now - at > schedule.late
        match news.outcome:
            case str(outcome) if outcome == RUNNING:
                return self._may_begin(schedule, at, now)
            case str(outcome) if outcome == WITHIN:
                return schedule.closed(at) is not None
            case str(outcome) if outcome == WOULD_BE_WITHIN:
                return schedule.closed(now) is not None and schedule.closed(at) is None
            case str(outcome) if outcome == UNDER_WAY:
                return schedule.overlap == "skip" and schedule.name in at_work
            case str(outcome) if outcome == NOBODY:
                return self._nobody(at, now) and (late or schedule.catch_up != "all")
            case str(outcome) if outcome == TOO_LATE:
                return late
            case str(outcome) if outcome == STOPPED:
                return self.stopping
        return self._ended(news)

    def _nobody(self, at: datetime, now: datetime) -> bool:
        """Nobody was there, or whoever was did not live to run it."""
        return any(since <= at <= until for since, until in self.empty) or any(at <= each <= now for each in self.gone)

    def _may_begin(self, schedule: Schedule, at: datetime, now: datetime) -> bool:
        """A time of it, not too late, and outside of windows; one that died is taken up however late."""
        known = self.runs.get((schedule.name, at))
        earlier = known is not None and known.earlier
        return earlier or (now - at <= schedule.late + schedule.jitter + _LOOK and schedule.closed(now) is None)

    def _ended(self, news: News) -> bool:
        """As the process did; one that was killed or left a doubt may have been settled by somebody else since."""
        run = self.runs.get((news.schedule, news.at))
        if run is None or run.code is None:
            return False
        return news.outcome == ended_with(run.code) or run.code < 0 or run.code == _IN_DOUBT
