"""The heart of ``pmx-run schedule run``: at each look, what is due is run, and every tick is accounted for.

It knows neither processes nor the time of day: whoever looks says what time it is.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Protocol

from runner.cli.schedule.ledger import RUNNING, Entered, Ledger
from runner.cli.schedule.outcomes import (
    DIED,
    NOBODY,
    NOT_STARTED,
    STOPPED,
    TOO_LATE,
    UNDER_WAY,
    WITHIN,
    WOULD_BE_WITHIN,
    News,
    ended_with,
)
from runner.errors import ExitCode
from runner.frozen import frozen
from runner.schedule.cron import moments
from runner.schedule.model import LATE, Schedule

_DAY = timedelta(days=1)
_TRIED_AGAIN = timedelta(seconds=30)
_TRIES = 3


class Child(Protocol):
    """A run under way."""

    def ended(self) -> int | None:
        """Its exit code, None while it is under way; minus a signal's number if that killed it."""
        ...

    def stop(self) -> None:
        """Ask it to clean up and end; asked twice, to make haste."""
        ...


@frozen
class Ways:
    """What the keeper can't do itself. ``key`` is a schedule's name that no other project's has.

    ``start`` begins a tick's run, or takes it up if it died. ``found`` tells how the run of a tick ended that another
    process began: ``running`` if it is under way, ``died`` if it came to no end, None if it never began. ``alive`` is
    whether an owner still is.
    """

    key: Callable[[Schedule], str]
    start: Callable[[Schedule, datetime], Child]
    found: Callable[[Schedule, datetime], str | None]
    alive: Callable[[str], bool]
    tell: Callable[[News], None]


@frozen
class _Claim:
    """A tick that is ours to run, from ``starts`` on; ``died`` if its run did before, so that it is to be settled."""

    tick: Entered
    starts: datetime
    died: bool = False
    tries: int = 0


class Keeper:
    """Keeps schedules from ``began`` on, or from where the ledger ends; ``owner`` is its name there."""

    def __init__(
        self, schedules: Mapping[str, Schedule], ledger: Ledger, ways: Ways, owner: str, began: datetime
    ) -> None:
        self._schedules = {ways.key(each): each for each in schedules.values()}
        self._ledger = ledger
        self._ways = ways
        self._owner = owner
        self._coming = {key: self._after(key, ledger.known_to(key, began)) for key in self._schedules}
        self._claims: dict[str, list[_Claim]] = {key: [] for key in self._schedules}
        self._children: dict[str, tuple[_Claim, Child]] = {}
        self._pruned: datetime | None = None
        self._stopped = False
        self.looked: datetime | None = None

    @property
    def running(self) -> dict[str, datetime]:
        """The ticks that are under way, by their schedules' names."""
        return {self._schedules[key].name: claim.tick.at for key, (claim, _) in list(self._children.items())}

    @property
    def waiting(self) -> dict[str, list[datetime]]:
        """The ticks that wait for their turn, or for a random delay, by their schedules' names."""
        found = {self._schedules[key].name: [each.tick.at for each in some] for key, some in self._claims.items()}
        return {name: some for name, some in found.items() if some}

    @property
    def coming(self) -> dict[str, datetime]:
        """The next tick of each schedule."""
        return {self._schedules[key].name: at for key, at in self._coming.items()}

    @property
    def idle(self) -> bool:
        """Whether nothing is under way, and nothing waits."""
        return not self._children and not any(self._claims.values())

    def look(self, now: datetime) -> None:
        """Account for what ended and for what came due up to ``now`` (aware)."""
        self.looked = now
        self._reap(now)
        under_way = self._under_way(now)
        for key, schedule in self._schedules.items():
            self._account(key, schedule, now, busy=bool(under_way[key]))
            self._begin_next(key, schedule, now, under_way[key])
        if self._pruned is None or now - self._pruned > _DAY:
            self._ledger.prune(now)
            self._pruned = now

    def stop(self) -> None:
        """Ask every run to clean up and end, and begin none that waits; asked again, the runs make haste."""
        self._stopped = True
        for claims in self._claims.values():
            for each in claims:
                if not each.died:
                    self._end(each.tick, STOPPED)
            claims.clear()
        for _, child in self._children.values():
            child.stop()

    def busy(self, now: datetime) -> bool:
        """Whether a run is under way still."""
        self._reap(now)
        return bool(self._children)

    def _after(self, key: str, moment: datetime) -> datetime:
        schedule = self._schedules[key]
        return next(moments(schedule.cron, schedule.zone, moment)).astimezone(UTC)

    def _account(self, key: str, schedule: Schedule, now: datetime, *, busy: bool) -> None:
        """All ticks of a schedule since the last look: those that are run are claimed, the others said."""
        if now < self._coming[key]:
            return
        following = moments(schedule.cron, schedule.zone, self._coming[key])
        ticks = [self._coming[key], *(each.astimezone(UTC) for each in takewhile(lambda each: each <= now, following))]
        self._coming[key] = self._after(key, ticks[-1])
        open_ticks = [each for each in ticks if not schedule.closed(each)]
        chosen = open_ticks if schedule.catch_up == "all" else open_ticks[-1:]
        outcomes: dict[str, list[datetime]] = defaultdict(list)
        outcomes[WITHIN] = [each for each in ticks if schedule.closed(each)]
        outcomes[NOBODY] = open_ticks[: len(open_ticks) - len(chosen)]
        for each in chosen:
            outcomes[self._verdict(schedule, each, now, busy=busy)].append(each)
        for outcome, some in outcomes.items():
            entered = self._ledger.enter(key, some, self._owner, outcome or RUNNING) if some else []
            if outcome:
                self._say(key, entered, outcome)
            else:
                self._claims[key] += (self._claim(key, each, now) for each in entered)

    def _verdict(self, schedule: Schedule, tick: datetime, now: datetime, *, busy: bool) -> str:
        """Why a tick is not run; empty if it is. What is caught up waits for its turn, whatever ``overlap`` says."""
        if now - tick > schedule.late:
            return NOBODY
        if schedule.closed(now):
            return WOULD_BE_WITHIN
        caught_up = schedule.catch_up == "all" and now - tick > LATE
        return UNDER_WAY if busy and schedule.overlap == "skip" and not caught_up else ""

    def _claim(self, key: str, tick: datetime, now: datetime) -> _Claim:
        delay = random.uniform(0, self._schedules[key].jitter.total_seconds())
        return _Claim(Entered(key, tick, self._owner, RUNNING), now + timedelta(seconds=delay))

    def _under_way(self, now: datetime) -> dict[str, list[Entered]]:
        """The ticks that came to no end yet, by schedule; those of processes that are no more are ours from now on."""
        found: dict[str, list[Entered]] = defaultdict(list)
        for tick in self._ledger.running():
            if tick.schedule in self._schedules and (self._alive(tick) or self._take_over(tick, now)):
                found[tick.schedule].append(tick)
        return found

    def _alive(self, tick: Entered) -> bool:
        """Whether somebody has it in hand: this very process, or another one that lives."""
        if tick.owner != self._owner:
            return self._ways.alive(tick.owner)
        child = self._children.get(tick.schedule)
        in_hand = [*self._claims[tick.schedule], *([child[0]] if child else [])]
        return any(each.tick.at == tick.at for each in in_hand)

    def _take_over(self, tick: Entered, now: datetime) -> bool:
        """Claim what a process that died had claimed; whether it is under way, or will be."""
        outcome = self._ways.found(self._schedules[tick.schedule], tick.at)
        if outcome == RUNNING or not self._ledger.take_over(tick, self._owner):
            return True
        claim = replace(self._claim(tick.schedule, tick.at, now), died=outcome == DIED)
        outcome = outcome or self._verdict(self._schedules[tick.schedule], tick.at, now, busy=False)
        if outcome and not claim.died:
            self._end(claim.tick, outcome)
            return False
        self._claims[tick.schedule].append(claim)
        return True

    def _begin_next(self, key: str, schedule: Schedule, now: datetime, under_way: list[Entered]) -> None:
        """Begin the first of the ticks that wait, unless one before it is under way."""
        claims = sorted(self._claims[key], key=lambda each: each.tick.at)
        while claims and key not in self._children and claims[0].starts <= now:
            first = claims.pop(0)
            closed, late = schedule.closed(now), now - first.tick.at > schedule.late + schedule.jitter
            if any(each.at < first.tick.at for each in under_way) or (first.died and closed):
                return
            self._claims[key].remove(first)
            if late and not first.died:
                self._end(first.tick, TOO_LATE)
            elif closed:
                self._end(first.tick, WOULD_BE_WITHIN)
            else:
                self._begin(key, first)

    def _begin(self, key: str, claim: _Claim) -> None:
        try:
            child = self._ways.start(self._schedules[key], claim.tick.at)
        except OSError as error:
            self._end(claim.tick, f"{NOT_STARTED}: {error.strerror}")
            return
        self._children[key] = (claim, child)
        if not claim.tries:
            self._tell(claim.tick, RUNNING)

    def _reap(self, now: datetime) -> None:
        for key, (claim, child) in list(self._children.items()):
            code = child.ended()
            if code is None:
                continue
            del self._children[key]
            # another run of the playbook, which is none of ours, is waited for, too
            locked = code == ExitCode.LOCKED and self._schedules[key].overlap == "queue"
            killed = code < 0 and claim.tries < _TRIES
            if (locked or killed) and not self._stopped:
                again = _Claim(claim.tick, now + _TRIED_AGAIN, claim.died or killed, claim.tries + 1)
                self._claims[key].append(again)
            else:
                self._end(claim.tick, ended_with(code))

    def _end(self, tick: Entered, outcome: str) -> None:
        self._ledger.end(tick, outcome)
        self._tell(tick, outcome)

    def _tell(self, tick: Entered, outcome: str) -> None:
        self._ways.tell(News(self._schedules[tick.schedule].name, tick.at, outcome))

    def _say(self, key: str, ticks: list[datetime], outcome: str) -> None:
        """Tell of ticks that aren't run, all at once, however many there are."""
        if ticks:
            self._ways.tell(News(self._schedules[key].name, ticks[0], outcome, len(ticks) - 1))
