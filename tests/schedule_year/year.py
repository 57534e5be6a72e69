"""A span of simulated time on a machine with schedules: what goes wrong, and a judgement every week."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from runner.cli.chaos.judging import Violation
from runner.journal.store import NAME
from schedule_year.judgement import Judgement
from schedule_year.machine import Machine
from schedule_year.timeline import Timeline
from schedule_year.trouble import Trouble, troubles
from schedule_year.venue import Venue

_NEW_YORK = ZoneInfo("America/New_York")
_THURSDAY = 3
_LOOK = timedelta(seconds=15)
_SETTLED = (0, 1, 3, 5)


@dataclass
class Week:
    """What a judgement measured: bytes of the journal and of the table of ticks, KiB of memory of this process."""

    at: datetime
    journal: int
    ticks: int
    memory: int


@dataclass
class Year:
    """From ``start`` on; all that is drawn is drawn from ``seed``."""

    project: Path
    folder: Path
    start: datetime
    span: timedelta
    seed: int
    judgement: Judgement = field(default_factory=Judgement)
    weeks: list[Week] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    _agenda: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)
    _active: list[Trouble] = field(default_factory=list)
    _in_mid_run: list[Callable[[], None]] = field(default_factory=list)
    _off_for: timedelta = timedelta(0)

    def live(self) -> None:
        """All of it."""
        chance = random.Random(self.seed)
        state = self.folder / "state"
        state.mkdir(mode=0o700)
        self.venue = Venue(self.folder / "exchange", self.start)
        try:
            timeline = Timeline(self.start, self.venue.set_clock)
            self.machine = Machine(self.project, state, self.venue, timeline, chance)
            self._founded = self.start
            for each in troubles(self.start, self.span, chance):
                self._at(each.at, lambda each=each: self._begin(each))  # type: ignore[misc]
            self._plan_judgements()
            self.machine.boot()
            self._go_on()
        finally:
            self.venue.down()

    def _go_on(self) -> None:
        end, machine = self.start + self.span, self.machine
        while machine.now < end:
            comes = self._agenda[0][0] if self._agenda else end
            machine.timeline.pass_to(min(max(comes, machine.now), machine.next_look(), end))
            while self._agenda and self._agenda[0][0] <= machine.now:
                heappop(self._agenda)[2]()
            machine.look()
            if machine.struck is not None and machine.struck.code is not None:
                self._lose_power()
            elif machine.timeline.runs and self._in_mid_run and machine.keepers:
                self._in_mid_run.pop()()
        if not machine.keepers:
            machine.boot()
        machine.look()
        self._judge()

    def _at(self, moment: datetime, act: Callable[[], None]) -> None:
        heappush(self._agenda, (moment, next(self._numbers), act))

    def _begin(self, trouble: Trouble) -> None:
        self.met[trouble.kind] += 1
        machine, until = self.machine, trouble.until
        match trouble.kind:
            case "outage" | "storm" | "refused":
                self._active.append(trouble)
                self._rearm()
                self._at(until, lambda: self._over(trouble))
            case "lost":
                self.venue.add(trouble.fault)
            case "off":
                machine.failing, self._off_for = True, until - trouble.at
            case "killed":
                self._soon(machine.crash)
            case "stopped":
                self._soon(machine.shut_down)
            case "second" if machine.keepers:
                machine.boot()
                self._at(until, lambda: machine.crash() if len(machine.keepers) > 1 else None)
            case "disk":
                machine.full_until = until

    def _soon(self, act: Callable[[], None]) -> None:
        """Now, or when a run is under way the next time; what keeps the schedules is begun again."""

        def done() -> None:
            act()
            self.machine.boot()

        if self.machine.chance.random() < 0.7 or not self.machine.keepers:
            self._in_mid_run.append(done)
        else:
            done()

    def _over(self, trouble: Trouble) -> None:
        self._active = [each for each in self._active if each is not trouble]
        self._rearm()

    def _rearm(self) -> None:
        """The exchange as bad as it is to be now."""
        if any(each.kind == "refused" for each in self._active):
            self.venue.down()
            return
        self.venue.up(self.machine.now)
        self.venue.arm([each.fault for each in self._active])

    def _lose_power(self) -> None:
        machine = self.machine
        machine.failing, machine.struck = False, None
        machine.power_off()
        self._at(machine.now + self._off_for, lambda: machine.boot() if not machine.keepers else None)

    def _plan_judgements(self) -> None:
        """Within each weekly maintenance, before the exchange itself closes."""
        day = self.start.date()
        while day <= (self.start + self.span).date():
            if day.weekday() == _THURSDAY:
                at = datetime.combine(day, time(3), _NEW_YORK).astimezone(UTC)
                if self.start < at < self.start + self.span - timedelta(hours=1):
                    self._at(at, self._week)
            day += timedelta(days=1)

    def _week(self) -> None:
        self._judge()
        self._founded = self.machine.now
        self.venue.found(self.machine.now)
        self._rearm()

    def _judge(self) -> None:
        """Nothing is wrong with the exchange for once: what is left is settled, and all is compared."""
        machine = self.machine
        self.venue.up(machine.now)
        self.venue.arm([])
        while machine.timeline.runs or any(not each.idle for each in machine.keepers.values()):
            machine.timeline.pass_to(machine.now + _LOOK)
            machine.look()
        code = machine.resume()
        if code not in _SETTLED:
            self.judgement.violations.append(Violation("not settled", f"{machine.now}: `resume` ended with {code}"))
        self.judgement.compare(machine, self.venue.orders(), self._founded)
        if machine.keepers:
            machine.witness.forget(machine.now)
        self._rearm()
        self._measure()

    def _measure(self) -> None:
        state = self.machine.state
        journal = sum(each.stat().st_size for each in state.glob(f"{NAME}*"))
        ticks = sum(each.stat().st_size for each in state.glob("ticks.db*"))
        self.weeks.append(Week(self.machine.now, journal, ticks, _memory()))


def _memory() -> int:
    """KiB of this process that are in memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
