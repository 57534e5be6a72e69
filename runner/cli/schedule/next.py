"""``pmx-run schedule next``: the next times in the schedule's zone and in UTC, with what is left out and why."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime

from runner.cli.schedule.reading import file_of, named, ready
from runner.schedule.cron import next_moments
from runner.schedule.daylight import changes, note
from runner.schedule.model import Schedule

_FORM = "%a %Y-%m-%d %H:%M"
_DAYS_SHOWN = 366


def tell_next(options: argparse.Namespace, now: datetime | None = None) -> None:
    """Print them; raises ``WrongInput``."""
    now = now or datetime.now(UTC)
    file = file_of(options)
    chosen = [named(file, options.name)] if options.name else list(file.schedules.values())
    ready(file, chosen, now)
    print("\n\n".join("\n".join(lines_of(each, now, options.most)) for each in chosen))


def lines_of(schedule: Schedule, now: datetime, most: int) -> Iterator[str]:
    """A schedule's head and its next times, ``most`` of them, those that are left out among them."""
    yield f"{schedule.name}  {schedule.cron}  {schedule.timezone}  {schedule.playbook}"
    before: datetime | None = now.astimezone(schedule.zone)
    for moment in next_moments(schedule, now, most):
        told = [f"  {moment.strftime(_FORM)} {moment:%Z}", moment.astimezone(UTC).strftime(f"{_FORM} UTC")]
        closed = schedule.closed(moment)
        told += [f"left out: {closed}"] if closed else []
        said = note(moment, before)
        yield "  ".join([*told, said] if said else told)
        before = moment
    coming = next(changes(schedule.zone, now, _DAYS_SHOWN), None)
    if coming is not None:
        way = "forward" if coming.forward else "back"
        yield f"  clocks of {schedule.timezone} are put {way} on {coming.at.astimezone(schedule.zone):%a %Y-%m-%d}"
