"""A machine on which schedules are kept: keepers that live or don't, and runs that are processes of this timeline."""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

from chaos.cells import Full

from runner.cli import resume as resuming
from runner.cli import run as running
from runner.cli.chaos.doom import Doom
from runner.cli.chaos.points import How, Point, What
from runner.cli.config import read_config
from runner.cli.performing import Carriers
from runner.cli.schedule.keeper import Child, Keeper, Ways
from runner.cli.schedule.ledger import Ledger
from runner.cli.schedule.outcomes import News
from runner.cli.schedule.running import ways_of
from runner.cli.schedule.words import key_of, words_of
from runner.errors import PmxError, shown
from runner.schedule.model import Schedule
from runner.venue.call import Answer, Heard, Request
from runner.venue.transport import Transport
from schedule_year.timeline import Run, RunClock, Timeline
from schedule_year.venue import Venue
from schedule_year.witness import Witness

_LOOK = timedelta(seconds=15)


class Hasty(Transport):
    """A call whose answer never comes is given up soon: the machine's own time is all that it would take."""

    def exchange(self, request: Request, left: float, heard: Heard) -> Answer:
        return super().exchange(request, min(left, 0.3), heard)


@dataclass
class Machine:
    """Its project and its state. Of its runs a share is ``doomed``: killed at some write or call of theirs.

    While it is ``failing`` the next run is, and ``struck`` has it. ``off_since`` is when its last keeper ended.
    """

    project: Path
    state: Path
    venue: Venue
    timeline: Timeline
    chance: random.Random
    doomed: float = 0.01
    full_until: datetime | None = None
    failing: bool = False
    struck: Run | None = None
    keepers: dict[str, Keeper] = field(default_factory=dict)
    off_since: datetime | None = None
    _names: int = 0
    _loaded: bool = False

    def __post_init__(self) -> None:
        self.file = read_config(self.project / "pmx.yaml")
        self.witness = Witness(self.file.schedules)
        self.ledger = Ledger(self.state)
        self._modules = self.state.parent / "modules"
        self._options = argparse.Namespace(state_dir=str(self.state), yes=False, quiet=True, config=None)

    @property
    def now(self) -> datetime:
        return self.timeline.now

    def key(self, schedule: Schedule) -> str:
        """A schedule's name in the table."""
        return key_of(self.file, schedule)

    def environ(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PMX_")}
        return {**kept, **self.venue.variables, "PMX_STATE_DIR": str(self.state)}

    def boot(self) -> None:
        """One more keeper, which knows what is in the table and no more."""
        self._names += 1
        name = f"keeper-{self._names}"
        if self.off_since is not None:
            self.witness.empty.append((self.off_since, self.now))
            self.off_since = None
        self.keepers[name] = Keeper(self.file.schedules, self.ledger, self._ways(), name, self.now)

    def crash(self) -> None:
        """A keeper dies; its runs go on."""
        self._lose([self.chance.choice(sorted(self.keepers))])

    def power_off(self) -> None:
        """Everything dies."""
        self._lose(list(self.keepers))
        for run in self.timeline.runs:
            run.kill()
        self.timeline.settle()

    def look(self) -> None:
        """Every keeper looks, and what they begin computes until it waits."""
        for name in self.chance.sample(sorted(self.keepers), len(self.keepers)):
            self.keepers[name].look(self.now)
            self.timeline.settle()

    def next_look(self) -> datetime:
        """When something is to be done, as far as is known."""
        if any(not each.idle for each in self.keepers.values()):
            return self.now + _LOOK
        coming = [at for each in self.keepers.values() for at in each.coming.values()]
        return max(self.now, min(coming, default=self.now + timedelta(days=1)))

    def shut_down(self) -> None:
        """SIGTERM to every keeper: each hands it on, and waits for its runs for 55 seconds at most."""
        self.witness.stopping = True
        for keeper in self.keepers.values():
            keeper.stop()
        for _ in range(55):
            self.timeline.pass_to(self.now + timedelta(seconds=1))
            if not [each for each in self.keepers.values() if each.busy(self.now)]:
                break
        self.witness.stopping = False
        self._lose(list(self.keepers))

    def resume(self) -> int | None:
        """Somebody types ``pmx-run resume``."""

        def act(clock: RunClock) -> int:
            carriers = Carriers(None, Hasty, clock.of)
            words = ["--config", str(self.project / "pmx.yaml"), "--quiet"]
            return self._said(lambda: resuming.run(_options(resuming, words), carriers))

        run = self.timeline.begin(act)
        while run.code is None:
            self.timeline.pass_to(self.now + _LOOK)
        return run.code

    def _lose(self, names: Sequence[str]) -> None:
        for name in names:
            del self.keepers[name]
            self.witness.gone.append(self.now)
        self.off_since = self.off_since or (None if self.keepers else self.now)

    def _ways(self) -> Ways:
        def tell(news: News) -> None:
            self.witness.hear(news, self.now, self._at_work())

        ways = ways_of(self.file, self._options, self.state, tell)
        return replace(ways, start=self._start, alive=lambda owner: owner in self.keepers)

    def _start(self, schedule: Schedule, at: datetime) -> Child:
        words = [*words_of(self.file, schedule, at, self._options)]
        strikes = self.failing and self.struck is None
        carriers = self._doom() if strikes else self._carriers()

        def act(clock: RunClock) -> int:
            return self._said(lambda: running.run(_options(running, words), replace(carriers, clock=clock.of)))

        self._load()
        run = self.timeline.begin(act)
        run.earlier = (schedule.name, at) in self.witness.runs
        self.witness.runs[schedule.name, at] = run
        self.struck = run if strikes else self.struck
        return run

    def _carriers(self) -> Carriers:
        """A sound journal, or one on a full disk, or a process that will die."""
        if self.full_until is not None and self.now < self.full_until:
            first = self.chance.randint(1, 12)
            return Carriers(lambda folder: Full(folder, first), Hasty)
        return self._doom() if self.chance.random() < self.doomed else Carriers(None, Hasty)

    def _doom(self) -> Carriers:
        what: What = self.chance.choice(("write", "call"))
        how: How = self.chance.choice(("before", "after"))
        return Doom(Point(what, self.chance.randint(1, 9), how)).carriers()

    def _load(self) -> None:
        """What the first run had to load, so that those after it need not."""
        if not self._loaded and self._modules.exists():
            self._loaded = True
            for name in self._modules.read_text().split():
                with suppress(ImportError):
                    import_module(name)

    def _said(self, act: Callable[[], int]) -> int:
        """As a process of the command line: what is raised is told, and becomes the exit code."""
        os.environ.clear()
        os.environ.update(self.environ())
        os.chdir(self.project)
        with (self.state.parent / "output.txt").open("a") as output:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
        try:
            return act()
        except PmxError as error:
            print(shown(error), file=sys.stderr)
            return int(error.exit_code)
        finally:
            if not self._loaded:
                self._modules.write_text(" ".join(sorted(each for each in sys.modules if each != "__main__")))
            sys.stdout.flush()
            sys.stderr.flush()

    def _at_work(self) -> set[str]:
        """The schedules of which a run is under way, or waits for its turn."""
        known = [name for each in self.keepers.values() for name in (*each.running, *each.waiting)]
        return {*known, *(name for (name, _), run in self.witness.runs.items() if run.code is None)}


def _options(command: object, words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)  # type: ignore[attr-defined]
    return parser.parse_args(words)
