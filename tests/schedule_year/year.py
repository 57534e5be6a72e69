"""A span of simulated time on a machine with schedules: what goes wrong, and a judgement every week.

As a program: so many days, the seed of all that is drawn, an empty folder to live in; what was found, as JSON.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from runner.cli.chaos.judging import Evidence, Violation, violations
from runner.journal.recorder import events_of
from runner.journal.store import NAME, Journal, Wanted
from runner.record.result import fold
from runner.schedule.cron import moments
from schedule_year.machine import Machine
from schedule_year.timeline import Timeline
from schedule_year.trouble import Trouble, troubles
from schedule_year.venue import Venue

_NEW_YORK = ZoneInfo("America/New_York")
_THURSDAY = 3
_PROJECT = Path(__file__).parent / "project"
_START = datetime(2026, 11, 23, tzinfo=UTC)


@dataclass
class Week:
    """What a judgement found. Bytes of the journal and of the table of ticks, KiB of memory of whoever keeps them."""

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
    weeks: list[Week] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    codes: Counter[int | None] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    orders: int = 0
    _agenda: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _active: list[Trouble] = field(default_factory=list)
    _founded: datetime = field(init=False)

    def live(self) -> None:
        """All of it."""
        chance = random.Random(self.seed)
        state = self.folder / "state"
        state.mkdir(mode=0o700)
        self.venue = Venue(self.folder / "keys", self.start)
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
            self.venue.stop()

    def outcomes(self) -> Counter[str]:
        """Every tick by its outcome; none is missing in the table, and none is too much."""
        counts: Counter[str] = Counter()
        for name, schedule in self.machine.file.schedules.items():
            expected = []
            for moment in moments(schedule.cron, schedule.zone, self.start):
                if moment > self.machine.now:
                    break
                expected.append(moment.astimezone(UTC))
            found = self.machine.ledger.all(self.machine.key(schedule))
            assert [each.at for each in found] == expected, name
            counts.update(each.outcome for each in found)
        return counts

    def _go_on(self) -> None:
        end, machine = self.start + self.span, self.machine
        while machine.now < end:
            comes = min(self._agenda)[0] if self._agenda else end
            machine.timeline.pass_to(min(max(comes, machine.now), machine.next_look(), end))
            while self._agenda and min(self._agenda)[0] <= machine.now:
                first = min(self._agenda)
                self._agenda.remove(first)
                first[2]()
            machine.look()
            if machine.struck is not None and machine.struck.code is not None:
                self._lose_power()
        if not machine.keepers:
            machine.boot()
        machine.look()
        self._judge()

    def _at(self, moment: datetime, act: Callable[[], None]) -> None:
        self._agenda.append((moment, len(self._agenda) + self.met.total() * 100_000, act))

    def _begin(self, trouble: Trouble) -> None:
        self.met[trouble.kind] += 1
        machine, until = self.machine, trouble.until
        match trouble.kind:
            case "outage" | "storm":
                self._active.append(trouble)
                self._rearm()
                self._at(until, lambda: self._over(trouble))
            case "lost":
                self.venue.add(trouble.fault)
            case "off":
                machine.failing = True
                self._off_for = until - trouble.at
            case "killed" if machine.keepers:
                machine.crash()
                machine.boot()
            case "stopped" if machine.keepers:
                machine.shut_down()
                machine.boot()
            case "second" if machine.keepers:
                machine.boot()
                self._at(until, lambda: machine.crash() if len(machine.keepers) > 1 else None)
            case "disk":
                machine.full_until = until

    def _over(self, trouble: Trouble) -> None:
        self._active = [each for each in self._active if each is not trouble]
        self._rearm()

    def _rearm(self) -> None:
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
        self.venue.stop()
        self._founded = self.machine.now
        self.venue.found(self.machine.now)
        self._rearm()

    def _judge(self) -> None:
        """Nothing is wrong with the exchange for once: what is left is settled, and all is compared."""
        machine = self.machine
        self.venue.arm([])
        while machine.timeline.runs or any(not each.idle for each in machine.keepers.values()):
            machine.timeline.pass_to(machine.now + timedelta(seconds=15))
            machine.look()
        code = machine.resume()
        if code not in (0, 1, 3, 5):
            self.violations.append(Violation("not settled", f"{machine.now}: `resume` ended with {code}"))
        self._compare()
        self._rearm()
        state = machine.state
        journal = sum(each.stat().st_size for each in state.glob(f"{NAME}*"))
        ticks = sum(each.stat().st_size for each in state.glob("ticks.db*"))
        self.weeks.append(Week(machine.now, journal, ticks, _memory()))

    def _compare(self) -> None:
        """What the exchange has of its own against what the journal has of all runs since it was founded."""
        left = {order["id"]: order for order in self.venue.orders()}
        self.orders += len(left)
        with closing(Journal(self.machine.state, reading=True)) as journal:
            for run in journal.history(None, Wanted(since=self._founded)):
                entries = journal.entries(run.run_id)
                result = fold(events_of(entries)) if entries else None
                ids = {each.clord_id or each.intended.clord_id for each in result.orders} if result else set()
                own = [order for order in left.values() if order["client_order_id"] in ids]
                for order in own:
                    del left[order["id"]]
                self.codes[run.exit_code] += 1
                self.violations += violations(Evidence(0, 0, run.status, result, own, 0), frozenset())
        for order in left.values():
            self.violations.append(Violation("double order", f"no run of the journal intended {order}"))


def _memory() -> int:
    """KiB of this process that are in memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def main(days: int, seed: int, folder: Path) -> None:
    """Live, and tell."""
    project = folder / "project"
    shutil.copytree(_PROJECT, project)
    (project / "pmx.yaml").chmod(0o600)
    year = Year(project, folder, _START, timedelta(days=days), seed)
    year.live()
    found = {
        "outcomes": year.outcomes(),
        "troubles": year.met.total(),
        "kills": year.machine.kills,
        "orders": year.orders,
        "broken": [f"{each.promise}: {each.seen}" for each in year.violations],
        "weeks": [{**asdict(each), "at": each.at.isoformat()} for each in year.weeks],
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
