"""The heart of ``pmx-run schedule run``: at each look, what is due is run, and every tick is accounted for.

It knows neither processes nor the time of day: whoever looks says what time it is.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Protocol

from runner.cli.schedule.ledger import RUNNING, Entered, Ledger
from runner.frozen import frozen
from runner.schedule.cron import moments
from runner.schedule.model import Schedule

_DAY = timedelta(days=1)


class Child(Protocol):
    """A run under way."""

    def ended(self) -> str | None:
        """How it ended (``exit code 0``), None while it is under way."""
        ...

    def stop(self) -> None:
        """Ask it to clean up and end."""
        ...


@frozen
class Ways:
    """What the keeper can't do itself. ``key`` is a schedule's name that no other project's has.

    ``start`` begins a tick's run. ``found`` tells how the run of a tick ended that another process began: ``running``
    if it is under way, None if it never began or died. ``alive`` is whether an owner still is. ``tell`` says a line.
    """

    key: Callable[[Schedule], str]
    start: Callable[[Schedule, datetime], Child]
    found: Callable[[Schedule, datetime], str | None]
    alive: Callable[[str], bool]
    tell: Callable[[str], None]


class Keeper:
    """Keeps schedules from ``began`` on, or from where the ledger ends; ``owner`` is its name there."""

    def __init__(
        self, schedules: Mapping[str, Schedule], ledger: Ledger, ways: Ways, owner: str, began: datetime
    ) -> None:
        self._schedules = {ways.key(each): each for each in schedules.values()}
        self._ledger = ledger
        self._ways = ways
        self._owner = owner
        self._seen = {key: ledger.last(key) or began for key in self._schedules}
        self._waiting: dict[str, tuple[datetime, datetime]] = {}
        self._children: dict[str, tuple[Entered, Child]] = {}
        self._pruned: datetime | None = None
        self.looked: datetime | None = None

    @property
    def running(self) -> dict[str, datetime]:
        """The ticks that are under way, by their schedules' names."""
        return {self._schedules[key].name: tick.at for key, (tick, _) in list(self._children.items())}

    @property
    def coming(self) -> dict[str, datetime]:
        """The next tick of each schedule."""
        found = {each.name: next(moments(each.cron, each.zone, self._seen[key])) for key, each in self._items()}
        return {name: each.astimezone(UTC) for name, each in found.items()}

    def look(self, now: datetime) -> None:
        """Account for what ended and for what came due up to ``now`` (aware)."""
        self.looked = now
        self._reap()
        self._take_over(now)
        for key, schedule in self._items():
            self._account(key, schedule, now)
        for key, (at, starts) in list(self._waiting.items()):
            if starts <= now:
                del self._waiting[key]
                self._begin(key, Entered(key, at, self._owner, RUNNING))
        if self._pruned is None or now - self._pruned > _DAY:
            self._ledger.prune(now)
            self._pruned = now

    def stop(self) -> None:
        """Ask every run to clean up and end, and begin none that waits."""
        for key, (at, _) in self._waiting.items():
            self._end(Entered(key, at, self._owner, RUNNING), "missed: the scheduler was stopped")
        self._waiting.clear()
        for _, child in self._children.values():
            child.stop()

    def busy(self) -> bool:
        """Whether a run is under way still."""
        self._reap()
        return bool(self._children)

    def _items(self) -> Iterator[tuple[str, Schedule]]:
        yield from self._schedules.items()

    def _account(self, key: str, schedule: Schedule, now: datetime) -> None:
        """All ticks of a schedule since the last look: the last may run, those before it are missed."""
        coming = moments(schedule.cron, schedule.zone, self._seen[key])
        ticks = [each.astimezone(UTC) for each in takewhile(lambda each: each <= now, coming)]
        if not ticks:
            return
        self._seen[key] = ticks[-1]
        open_ticks = [each for each in ticks if not schedule.closed(each)]
        self._say(key, [each for each in ticks if schedule.closed(each)], "left out: within a window")
        if not open_ticks:
            return
        *missed, last = open_ticks
        verdict = self._verdict(key, schedule, last, now)
        self._say(key, missed, "missed: nobody was there")
        if verdict:
            self._say(key, [last], verdict)
        elif self._ledger.enter(key, [last], self._owner, RUNNING):
            delay = random.uniform(0, schedule.jitter.total_seconds())
            self._waiting[key] = (last, now + timedelta(seconds=delay))

    def _verdict(self, key: str, schedule: Schedule, tick: datetime, now: datetime) -> str:
        """Why a tick is not run; empty if it is."""
        if now - tick > schedule.late:
            return "missed: nobody was there"
        if schedule.closed(now):
            return "missed: it would run within a window"
        if key in self._children or key in self._waiting:
            return "skipped: the run before is still under way"
        return ""

    def _take_over(self, now: datetime) -> None:
        """Ticks that another process claimed, which is no more."""
        for tick in self._ledger.running():
            schedule = self._schedules.get(tick.schedule)
            mine = tick.owner == self._owner and self._known(tick)
            if schedule is None or mine or (tick.owner != self._owner and self._ways.alive(tick.owner)):
                continue
            outcome = self._ways.found(schedule, tick.at)
            if outcome == RUNNING or not self._ledger.take_over(tick, self._owner):
                continue
            claimed = Entered(tick.schedule, tick.at, self._owner, RUNNING)
            verdict = outcome or self._verdict(tick.schedule, schedule, tick.at, now)
            if verdict:
                self._end(claimed, verdict)
            else:
                self._begin(tick.schedule, claimed)

    def _known(self, tick: Entered) -> bool:
        """Whether this very process has it in hand."""
        waiting, child = self._waiting.get(tick.schedule), self._children.get(tick.schedule)
        return (waiting is not None and waiting[0] == tick.at) or (child is not None and child[0].at == tick.at)

    def _begin(self, key: str, tick: Entered) -> None:
        try:
            child = self._ways.start(self._schedules[key], tick.at)
        except OSError as error:
            self._end(tick, f"missed: it can't be started: {error.strerror}")
            return
        self._children[key] = (tick, child)
        self._line(key, tick.at, "begins")

    def _reap(self) -> None:
        for key, (tick, child) in list(self._children.items()):
            ended = child.ended()
            if ended is not None:
                del self._children[key]
                self._end(tick, ended)

    def _end(self, tick: Entered, outcome: str) -> None:
        self._ledger.end(tick, outcome)
        self._line(tick.schedule, tick.at, outcome)

    def _say(self, key: str, ticks: list[datetime], outcome: str) -> None:
        """Enter ticks that aren't run, and say so in one line, however many there are."""
        entered = self._ledger.enter(key, ticks, self._owner, outcome) if ticks else []
        if len(entered) > 1:
            first = f"{entered[0]:%Y-%m-%d %H:%M}"
            self._ways.tell(f"{self._schedules[key].name}  {first} UTC and {len(entered) - 1} after it  {outcome}")
        elif entered:
            self._line(key, entered[0], outcome)

    def _line(self, key: str, at: datetime, what: str) -> None:
        self._ways.tell(f"{self._schedules[key].name}  {at:%Y-%m-%d %H:%M} UTC  {what}")
