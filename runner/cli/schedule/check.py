"""``pmx-run schedule check``: what can't work in the schedules, each at its place."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import combinations, islice, pairwise

from runner.cli.schedule.planning import Job, job_of
from runner.cli.schedule.reading import at, file_of, wrong_times
from runner.cli.schedule.together import meeting, overdrawn
from runner.diagnostic import Diagnostic, in_sequence, nearest
from runner.errors import ExitCode, GuardRefused, WrongInput
from runner.schedule.cron import WrongCron, fields, moments
from runner.schedule.daylight import hit
from runner.schedule.model import Schedule
from runner.settings import ConfigFile
from runner.settings.layers import BUILT_IN_ENVIRONMENTS

_TWO_YEARS = 731
_LOOKED_AT = 400
_STATED = ("orders", "exposure")


def check(options: argparse.Namespace, now: datetime | None = None) -> int:
    """Say ``ok`` of each schedule if nothing is wrong with any; raises ``WrongInput`` with all that is."""
    file = file_of(options)
    problems = problems_of(file, options, now or datetime.now(UTC))
    if problems:
        raise WrongInput(problems)
    for schedule in file.schedules.values():
        print(f"ok: {schedule.name}  {schedule}")
    return ExitCode.PASSED


def problems_of(file: ConfigFile, options: argparse.Namespace, now: datetime) -> list[Diagnostic]:
    """All that is wrong with the schedules of a file."""
    problems: list[Diagnostic] = []
    jobs: list[Job] = []
    for schedule in file.schedules.values():
        wrong = [*wrong_times(file, schedule, now), *_unknown_environment(file, schedule)]
        problems += wrong or _doubtful_times(file, schedule, now)
        try:
            job = job_of(file, schedule, options)
        except WrongInput as found:
            problems += _of_playbook(file, schedule, found)
            continue
        except GuardRefused as refused:
            problems.append(at(file, schedule, "playbook", str(refused)))
            continue
        problems += [*_of_job(file, job), *([] if wrong else _too_long(file, job, now))]
        jobs += [] if wrong else [job]
    for one, other in combinations(jobs, 2):
        problems += _of_two(file, one, other, now)
    return in_sequence(problems)


def _unknown_environment(file: ConfigFile, schedule: Schedule) -> Iterator[Diagnostic]:
    name, known = schedule.environment, {*BUILT_IN_ENVIRONMENTS, *file.environments}
    if name is not None and name not in known:
        help = nearest(name, sorted(known)) or f"there is: {', '.join(sorted(known))}"
        yield at(file, schedule, "environment", f"there is no environment `{name}`", "", help)


def _doubtful_times(file: ConfigFile, schedule: Schedule, now: datetime) -> Iterator[Diagnostic]:
    """A time of day that doesn't exist, or comes twice, when clocks are changed."""
    try:
        found = hit(schedule.cron, fields(schedule.cron), schedule.zone, now, _TWO_YEARS)
    except WrongCron:
        return
    if found is not None:
        change, wall = found
        what = "does not exist" if change.forward else "comes twice"
        title = f"{wall:%H:%M} {what} on {wall:%Y-%m-%d} in {schedule.timezone}"
        help = f"choose a time before {change.start:%H:%M} or from {change.end:%H:%M} on, or state it in UTC"
        yield at(file, schedule, "cron", title, f"schedulers differ on what `{schedule.name}` does then", help)


def _of_playbook(file: ConfigFile, schedule: Schedule, wrong: WrongInput) -> Iterator[Diagnostic]:
    """Mistakes in the playbook keep their place; those of the command line get the schedule's."""
    for each in wrong.diagnostics:
        if isinstance(each, Diagnostic):
            key = "playbook" if each.title.startswith("no playbook") else "inputs"
            title = each.title.replace(" (-i)", "")
            help = re.sub(r"give -i (\w+)=…", r"state `inputs: {\1: …}` here", each.help)
            yield each if each.span is not None else at(file, schedule, key, title, "", help)


def _of_job(file: ConfigFile, job: Job) -> Iterator[Diagnostic]:
    schedule = job.schedule
    missing = [name for name in _STATED if job.plan.bounds.number(name) is None]
    if job.trades and missing:
        title = f"`{job.plan.playbook.name}` can send orders and does not state `limits.{missing[0]}`"
        help = "what runs while nobody looks states `limits.orders` and `limits.exposure`, in the playbook or here"
        yield at(file, schedule, "playbook", title, "", help)
    if schedule.calls is not None and (job.calls is None or job.calls > schedule.calls):
        many = "nobody can tell how many calls" if job.calls is None else f"{job.calls} calls at most"
        help = f"pmx-run plan {schedule.playbook} tells where they come from"
        yield at(file, schedule, "calls", f"a run of `{schedule.name}` may make more calls", many, help)


def _too_long(file: ConfigFile, job: Job, now: datetime) -> Iterator[Diagnostic]:
    """A run that can't be over when the next one is due; where they queue, those before it count together."""
    schedule = job.schedule
    coming = islice(moments(schedule.cron, schedule.zone, now), _LOOKED_AT)
    times = (each.astimezone(UTC) for each in coming if not schedule.closed(each))
    gaps = [(later - each).total_seconds() for each, later in pairwise(times)] or [math.inf]
    gap = sum(gaps) / len(gaps) if schedule.overlap == "queue" else min(gaps)
    if job.seconds >= gap:
        title = f"a run of `{schedule.name}` waits for {job.seconds:g} s, and its times are {gap:g} s apart"
        label = "a time finds the run before it still under way"
        yield at(file, schedule, "cron", title, label, "let it run less often, or wait for less")


def _of_two(file: ConfigFile, one: Job, other: Job, now: datetime) -> Iterator[Diagnostic]:
    """Two that run in the same minute, and may make more calls then than the exchange allows in one."""
    found = list(overdrawn(one, other))
    moment = meeting(one.schedule, other.schedule, now) if found else None
    if moment is not None:
        title = f"`{one.schedule.name}` and `{other.schedule.name}` run in the same minute"
        title += f" ({moment:%Y-%m-%d %H:%M} UTC) and may exceed a rate limit together"
        label = "; ".join(each.words for each in found)
        help = "let one run some minutes later, such as `2-59/5` beside `*/5`; pmx-run plan tells the calls of each"
        yield at(file, other.schedule, "cron", title, label, help)
