"""``pmx-run schedule run``: keeps the schedules in the foreground, for those who have no scheduler.

Each run is a process of its own, ``pmx-run run``, so that this one stays small; it is stopped by SIGTERM, hands that on
to the runs and waits until they have cleaned up. A tick of a schedule whose runs may have to wait for each other is
worked off the same way.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from runner.cli.journaling import book_of
from runner.cli.past import status_of
from runner.cli.run import gravest
from runner.cli.schedule.health import serving
from runner.cli.schedule.keeper import Child, Keeper, Ways
from runner.cli.schedule.ledger import RUNNING, Ledger
from runner.cli.schedule.outcomes import DIED, TROUBLE, News, ended_with
from runner.cli.schedule.reading import file_of, ready, settings_of
from runner.cli.schedule.words import key_of, run_id, words_of
from runner.clock import Deadline, SystemClock
from runner.diagnostic import Diagnostic
from runner.engine.stop import Stop
from runner.errors import Locked, WrongInput
from runner.frozen import frozen
from runner.journal.locks import LockKey, held, is_held
from runner.schedule.cron import due
from runner.schedule.model import Schedule
from runner.settings import ConfigFile, state_folder

_LOOK_SECONDS = 1.0
_PATIENCE_SECONDS = 55.0
_SLOTS = 64


def keep(options: argparse.Namespace) -> int:
    """Keep the schedules until a signal comes, and give its exit code; raises ``WrongInput``."""
    file = file_of(options)
    ready(file, list(file.schedules.values()), datetime.now(UTC))

    def tell(news: News) -> None:
        print(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z  {news}", flush=True)

    with ExitStack() as stack:
        quiet = argparse.Namespace(**vars(options), quiet=True)
        kept = stack.enter_context(_keeping(file, file.schedules, quiet, tell, datetime.now(UTC)))
        if options.health is not None:
            print(f"health at {stack.enter_context(serving(kept.keeper, options.health))}", flush=True)
        print(f"keeps {', '.join(file.schedules)}", flush=True)
        kept.keep(lambda: False)
        kept.end()
    return kept.signal_code


def work_off(file: ConfigFile, schedule: Schedule, options: argparse.Namespace) -> tuple[int, list[News]]:
    """Run what is due of one schedule, one after the other, and what comes due meanwhile.

    The gravest exit code, and what became of each tick. What waits for nobody's sake is told on stdout, ticks that are
    left out for other reasons than a window with ``--quiet`` on stderr.
    """
    told: list[News] = []

    def tell(news: News) -> None:
        told.append(news)
        if not options.quiet:
            print(news, flush=True)
        elif news.outcome.startswith(TROUBLE):
            print(news, file=sys.stderr, flush=True)

    now = datetime.now(UTC)
    # one that was never kept before is from its latest time on: it has missed nothing
    began = (due(schedule, now) or now) - timedelta(seconds=1)
    with _keeping(file, {schedule.name: schedule}, options, tell, began) as kept:
        kept.keep(lambda: kept.keeper.idle)
        kept.end()
    return kept.signal_code or gravest([each.code for each in told]), told


@frozen
class _Kept:
    """A keeper on the machine's clock, until a signal comes."""

    keeper: Keeper
    stop: Stop
    clock: SystemClock

    @property
    def signal_code(self) -> int:
        """The exit code by a signal, 0 if none came."""
        number = self.stop.signal_number
        return 128 + number if number else 0

    def keep(self, done: Callable[[], bool]) -> None:
        """Look once a second until it is done, or a signal comes."""
        while not self.stop.requested:
            self.keeper.look(self.clock.now())
            if done():
                return
            self.clock.wait(_LOOK_SECONDS)

    def end(self) -> None:
        """Let every run clean up, which takes 45 s at most; a second signal is handed on, too."""
        deadline, hurried = Deadline(self.clock, _PATIENCE_SECONDS), False
        self.keeper.stop()
        while self.keeper.busy(self.clock.now()) and not deadline.passed:
            if self.stop.impatient and not hurried:
                hurried = True
                self.keeper.stop()
            self.clock.wait(0.1)
        for name, at in self.keeper.running.items():
            print(f"{name}  {at:%Y-%m-%d %H:%M} UTC  has not ended; the next `pmx-run schedule run` settles it")


@contextmanager
def _keeping(
    file: ConfigFile,
    schedules: Mapping[str, Schedule],
    options: argparse.Namespace,
    tell: Callable[[News], None],
    began: datetime,
) -> Iterator[_Kept]:
    """A keeper with a name of its own, hearing signals within the block; what is new to it counts from ``began``."""
    stop = Stop()
    clock = SystemClock(stop.pause)
    folder = state_folder(settings_of(file, None, options))
    with ExitStack() as stack:
        stack.callback(stop.close)
        stack.enter_context(stop.installed())
        owner = stack.enter_context(_owner(folder, clock.now()))
        ways = ways_of(file, options, folder, tell)
        yield _Kept(Keeper(schedules, Ledger(folder), ways, owner, began), stop, clock)


@frozen
class _Process:
    """A run as a process of its own."""

    process: subprocess.Popen[bytes]

    def ended(self) -> int | None:
        """Its exit code."""
        return self.process.poll()

    def stop(self) -> None:
        """SIGTERM."""
        self.process.terminate()


def ways_of(file: ConfigFile, options: argparse.Namespace, folder: Path, tell: Callable[[News], None]) -> Ways:
    """Runs as processes, and what is known of them by the journals."""

    def start(schedule: Schedule, at: datetime) -> Child:
        # a session of its own: Ctrl-C is handed on once, by us
        command = [sys.executable, "-P", "-m", "runner", "run", *words_of(file, schedule, at, options)]
        return _Process(
            subprocess.Popen(  # noqa: S603 - ourselves
                command, stdin=subprocess.DEVNULL, cwd=file.folder, start_new_session=True
            )
        )

    def found(schedule: Schedule, at: datetime) -> str | None:
        with book_of(settings_of(file, schedule.environment, options), reading=True) as book:
            run = book.journal.run(run_id(file, schedule, at))
            if run is None:
                return None
            if run.exit_code is not None:
                return ended_with(run.exit_code)
            return RUNNING if status_of(book, run) == "running" else DIED

    return Ways(
        key=lambda schedule: key_of(file, schedule),
        start=start,
        found=found,
        alive=lambda owner: is_held(folder, _slot(owner)),
        tell=tell,
    )


@contextmanager
def _owner(folder: Path, now: datetime) -> Iterator[str]:
    """A name that no other process has as long as this one lives."""
    with ExitStack() as stack:
        for number in range(1, _SLOTS + 1):
            name = f"schedule-run-{number}"
            try:
                stack.enter_context(held(folder, _slot(name), name, now))
            except Locked:
                continue
            yield name
            return
    raise WrongInput([Diagnostic(f"{_SLOTS} of `pmx-run schedule` use {folder} already", help="one is enough")])


def _slot(name: str) -> LockKey:
    return LockKey(name, "", "", "")
