"""The schedules of the nearest ``pmx.yaml``, and what is wrong with their times."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from runner.cli.config import config_for
from runner.diagnostic import Diagnostic, nearest, problem
from runner.errors import WrongInput
from runner.schedule.cron import WrongCron, check_cron, moments
from runner.schedule.model import LEAST_WITHIN, Schedule
from runner.settings import ConfigFile, Options, Settings, gather
from runner.settings.layers import VARIABLES

_LOOKED_AT = 400


def file_of(options: argparse.Namespace) -> ConfigFile:
    """The file with the schedules; raises ``WrongInput`` if there is none, or no schedule in it."""
    found = config_for(Path(), options.config)
    if found is None:
        raise WrongInput(
            [Diagnostic("there is no pmx.yaml here", help="schedules stand in it; name one: --config FILE")]
        )
    if not found.schedules:
        help = 'such as `schedules: {morning: {playbook: preflight, cron: "0 9 * * mon-fri"}}`'
        raise WrongInput([Diagnostic(f"{found.source.path} has no `schedules`", help=help)])
    return found


def named(file: ConfigFile, name: str) -> Schedule:
    """One schedule; raises ``WrongInput`` if there is none of that name."""
    found = file.schedules.get(name)
    if found is None:
        help = nearest(name, file.schedules) or f"there is: {', '.join(file.schedules)}"
        raise WrongInput([Diagnostic(f"no schedule `{name}` in {file.source.path}", help=help)])
    return found


def settings_of(file: ConfigFile, environment: str | None, options: argparse.Namespace) -> Settings:
    """The settings of runs in a schedule's environment, as far as they are known here.

    A scheduler does not know which environment this shell happens to name.
    """
    environ = {name: value for name, value in os.environ.items() if name != VARIABLES["environment"]}
    return gather(file, environ, Options(environment, None, None, options.state_dir))[0]


def playbook_word(file: ConfigFile, schedule: Schedule) -> str:
    """The playbook as the command line takes it: a file by its whole path, else a bundled one's name."""
    path = file.folder / schedule.playbook
    return str(path) if path.is_file() or path.suffix else schedule.playbook


def at(file: ConfigFile, schedule: Schedule, key: str, title: str, label: str = "", help: str = "") -> Diagnostic:
    """A problem at a key of a schedule."""
    span = schedule.place(key)
    return Diagnostic(title, label, help=help) if span is None else problem(file.source, span, title, label, help)


def wrong_times(file: ConfigFile, schedule: Schedule, now: datetime) -> Iterator[Diagnostic]:
    """What makes it impossible to tell when a schedule runs."""
    zones = [("timezone", schedule.timezone), *((each.name, each.timezone) for each in schedule.windows)]
    unknown = [(key, name) for key, name in dict.fromkeys(zones) if not _known(name)]
    for key, name in unknown:
        yield at(file, schedule, key, f"there is no time zone `{name}`", "", "a name such as America/New_York, or UTC")
    if schedule.late < LEAST_WITHIN:
        help = "schedulers are some seconds late themselves: a minute is the least"
        yield at(file, schedule, "within", "`within` is too short", "", help)
    try:
        check_cron(schedule.cron)
    except WrongCron as wrong:
        yield at(file, schedule, "cron", "wrong cron expression", str(wrong), "minute hour day month weekday")
        return
    if unknown:
        return
    coming = islice(moments(schedule.cron, schedule.zone, now), _LOOKED_AT)
    if all(schedule.closed(each) for each in coming):
        help = "it lies within `blackout` or the exchange's weekly maintenance: pmx-run schedule next"
        yield at(file, schedule, "cron", f"schedule `{schedule.name}` never runs", "", help)


def ready(file: ConfigFile, schedules: list[Schedule], now: datetime) -> None:
    """Raise ``WrongInput`` with all that is wrong with the times of these schedules."""
    problems = [each for schedule in schedules for each in wrong_times(file, schedule, now)]
    if problems:
        raise WrongInput(problems)


def _known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
