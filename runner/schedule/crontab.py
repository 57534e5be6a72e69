"""A crontab for schedules."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from runner.frozen import frozen
from runner.schedule.cron import Fields, fields
from runner.schedule.model import Schedule


@frozen
class Call:
    """What a scheduler calls for a schedule: the words, and the folder in which it does.

    Its runs write to ``state``, and need the private key of ``environment``; that is empty if they need none.
    """

    schedule: Schedule
    words: tuple[str, ...]
    folder: Path
    state: Path
    environment: str = ""


def crontab(calls: Sequence[Call], *, cron_tz: bool) -> str:
    """The whole file. Times are the machine's, or with ``cron_tz`` each schedule's own.

    Raises ``WrongCron`` for what cron doesn't know.
    """
    head = [
        "# Written by `pmx-run schedule write crontab`; install it with: crontab FILE",
        "# No secret is in it: runs find theirs by pmx.yaml. When all is well nothing is printed, so nothing mailed.",
    ]
    return "\n".join([*head, *(line for call in calls for line in _lines(call, cron_tz))]) + "\n"


def five(cron: str) -> str:
    """The expression as every cron reads it: numbers in lists, fields that start with ``*`` as they are."""
    return " ".join(_fields(fields(cron)))


def _lines(call: Call, cron_tz: bool) -> Iterator[str]:
    schedule = call.schedule
    yield f"\n# {schedule.name}: {schedule.cron} ({schedule.timezone})"
    if cron_tz:
        yield f"CRON_TZ={schedule.timezone}"
    command = f"cd {shlex.quote(str(call.folder))} && {shlex.join(call.words)}"
    # to cron an unescaped percent sign is the end of the line
    yield f"{five(schedule.cron)} {command}".replace("%", r"\%")


def _fields(found: Fields) -> Iterator[str]:
    numbers = (found.minutes, found.hours, found.days, found.months, found.weekdays)
    for index, each in enumerate(numbers):
        yield found.written[index] if found.starred(index) else ",".join(map(str, each))
