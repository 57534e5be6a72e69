"""``pmx-run schedule tick NAME``: what a scheduler calls at a schedule's times.

The run's id is made of the schedule and its time, so whoever calls twice, or two schedulers on one state directory,
send nothing twice. Called at another time, or within a window, it does nothing and ends with 0.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from runner.cli import run as running
from runner.cli.schedule.reading import file_of, named, playbook_word, ready
from runner.errors import ExitCode
from runner.schedule.cron import due, next_moments
from runner.schedule.model import Schedule
from runner.settings import ConfigFile


def tick(
    options: argparse.Namespace,
    now: datetime | None = None,
    perform: Callable[[argparse.Namespace], int] = running.run,
    pause: Callable[[float], object] = time.sleep,
) -> int:
    """Run the schedule's playbook if it is due, and give the run's exit code; raises what the run raises."""
    now = now or datetime.now(UTC)
    file = file_of(options)
    schedule = named(file, options.name)
    ready(file, [schedule], now)
    moment = due(schedule, now)
    if moment is None:
        coming = next_moments(schedule, now, 1)[0]
        print(f"{schedule.name}: nothing is due; its next time is {coming:%Y-%m-%d %H:%M %Z}")
        return ExitCode.PASSED
    closed = schedule.closed(moment) or schedule.closed(now)
    if closed is not None:
        if not options.quiet:
            print(f"{schedule.name}: {moment:%Y-%m-%d %H:%M %Z} is left out: {closed}")
        return ExitCode.PASSED
    if schedule.jitter:
        pause(random.uniform(0, schedule.jitter.total_seconds()))
    parser = argparse.ArgumentParser()
    running.add_arguments(parser)
    return perform(parser.parse_args([*words_of(file, schedule, moment, options)]))


def words_of(file: ConfigFile, schedule: Schedule, moment: datetime, options: argparse.Namespace) -> Iterator[str]:
    """The words of ``pmx-run run`` for one tick."""
    yield from ("--config", str(Path(file.source.path).absolute()), "--run-id", run_id(file, schedule, moment))
    yield from (() if schedule.environment is None else ("--env", schedule.environment))
    yield from (() if options.state_dir is None else ("--state-dir", options.state_dir))
    yield from (f"--input={name}={written(value)}" for name, value in schedule.inputs.items())
    yield from (f"--{name}" for name in ("yes", "quiet") if getattr(options, name))
    yield from ("--", playbook_word(file, schedule))


def run_id(file: ConfigFile, schedule: Schedule, moment: datetime) -> str:
    """The same for one tick of one file's schedule, whoever fires it: ``morning-20261123T1430Z-1f03a9``."""
    return f"{schedule.name}-{moment.astimezone(UTC):%Y%m%dT%H%MZ}-{project_of(file)}"


def project_of(file: ConfigFile) -> str:
    """A short name of the folder: two projects on one state directory may have schedules of the same name."""
    return hashlib.sha256(str(file.folder).encode()).hexdigest()[:6]


def written(value: object) -> str:
    """An input as the command line takes it."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value if isinstance(value, str) else json.dumps(value, default=str)
