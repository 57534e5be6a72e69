"""``pmx-run schedule run``: keeps the schedules in the foreground, for those who have no scheduler.

Each run is a process of its own, ``pmx-run run``, so that this one stays small; it is stopped by SIGTERM, hands that on
to the runs and waits until they have cleaned up.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from runner.cli.journaling import book_of
from runner.cli.past import status_of
from runner.cli.schedule.health import serving
from runner.cli.schedule.keeper import Child, Keeper, Ways
from runner.cli.schedule.ledger import RUNNING, Ledger
from runner.cli.schedule.reading import file_of, ready, settings_of
from runner.cli.schedule.tick import project_of, run_id, words_of
from runner.clock import Clock, Deadline, SystemClock
from runner.diagnostic import Diagnostic
from runner.engine.stop import Stop
from runner.errors import Locked, WrongInput
from runner.frozen import frozen
from runner.journal.locks import LockKey, held, is_held
from runner.schedule.model import Schedule
from runner.settings import ConfigFile, state_folder

_LOOK_SECONDS = 1.0
_PATIENCE_SECONDS = 55.0
_SLOTS = 16


def keep(options: argparse.Namespace) -> int:
    """Keep the schedules until a signal comes, and give its exit code; raises ``WrongInput``."""
    file = file_of(options)
    stop = Stop()
    clock = SystemClock(stop.pause)
    ready(file, list(file.schedules.values()), clock.now())
    folder = state_folder(settings_of(file, None, options))
    with ExitStack() as stack:
        stack.callback(stop.close)
        stack.enter_context(stop.installed())
        owner = stack.enter_context(_owner(folder, clock.now()))
        ways = ways_of(file, options, folder)
        keeper = Keeper(file.schedules, Ledger(folder), ways, owner, clock.now())
        if options.health is not None:
            print(f"health at {stack.enter_context(serving(keeper, options.health))}", flush=True)
        print(f"keeps {', '.join(file.schedules)}", flush=True)
        while not stop.requested:
            keeper.look(clock.now())
            clock.wait(_LOOK_SECONDS)
        _end(keeper, clock)
    return 128 + (stop.signal_number or 0)


def _end(keeper: Keeper, clock: Clock) -> None:
    """Let every run clean up; each takes 45 s at most for that."""
    keeper.stop()
    deadline = Deadline(clock, _PATIENCE_SECONDS)
    pause = SystemClock()
    while keeper.busy() and not deadline.passed:
        pause.wait(0.1)
    for name, at in keeper.running.items():
        print(f"{name}  {at:%Y-%m-%d %H:%M} UTC  has not ended; the next `pmx-run schedule run` settles it", flush=True)


@frozen
class _Process:
    """A run as a process of its own."""

    process: subprocess.Popen[bytes]

    def ended(self) -> str | None:
        """Its exit code in words."""
        code = self.process.poll()
        return None if code is None else f"ended with {code}"

    def stop(self) -> None:
        """SIGTERM."""
        self.process.terminate()


def ways_of(file: ConfigFile, options: argparse.Namespace, folder: Path) -> Ways:
    """Runs as processes, and what is known of them by the journals."""

    def start(schedule: Schedule, at: datetime) -> Child:
        words = words_of(
            file, schedule, at, argparse.Namespace(state_dir=options.state_dir, yes=options.yes, quiet=True)
        )
        # a session of its own: Ctrl-C is handed on once, by us
        command = [sys.executable, "-P", "-m", "runner", "run", *words]
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
            status = status_of(book, run)
            return None if status == "killed" else RUNNING if status == "running" else f"ended with {run.exit_code}"

    return Ways(
        key=lambda schedule: f"{project_of(file)}/{schedule.name}",
        start=start,
        found=found,
        alive=lambda owner: is_held(folder, _slot(owner)),
        tell=lambda line: print(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z  {line}", flush=True),
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
    raise WrongInput([Diagnostic(f"{_SLOTS} of `pmx-run schedule run` use {folder} already", help="one is enough")])


def _slot(name: str) -> LockKey:
    return LockKey(name, "", "", "")
