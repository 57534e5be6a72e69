"""``pmx-run schedule tick NAME``: what a scheduler calls at a schedule's times.

The run's id is made of the schedule and its time, so whoever calls twice, or two schedulers on one state directory,
send nothing twice. Called at another time, or within a window, it does nothing and ends with 0.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime

from runner.cli import run as running
from runner.cli.schedule.reading import file_of, named, ready
from runner.cli.schedule.words import words_of
from runner.errors import ExitCode
from runner.schedule.cron import due, next_moments
from runner.schedule.model import Schedule


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
    if schedule.in_sequence:
        from runner.cli.schedule.running import work_off

        code, told = work_off(file, schedule, options)
        return code if told or options.quiet else _nothing_due(schedule, now)
    moment = due(schedule, now)
    if moment is None:
        return _nothing_due(schedule, now)
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


def _nothing_due(schedule: Schedule, now: datetime) -> int:
    coming = next_moments(schedule, now, 1)[0]
    print(f"{schedule.name}: nothing is due; its next time is {coming:%Y-%m-%d %H:%M %Z}")
    return ExitCode.PASSED
