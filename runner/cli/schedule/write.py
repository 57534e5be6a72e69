"""``pmx-run schedule write``: the schedules as files for cron, systemd or Kubernetes. No secret is in them.

What they call is ``pmx-run schedule tick NAME``, so all else stays in ``pmx.yaml`` and need not be written again.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from runner.cli.schedule.check import problems_of
from runner.cli.schedule.reading import at, file_of, settings_of
from runner.diagnostic import Diagnostic
from runner.errors import WrongInput
from runner.schedule.cron import WrongCron
from runner.schedule.crontab import Call, crontab
from runner.schedule.daylight import changes
from runner.schedule.kubernetes import PROJECT, STATE, manifests, text_of
from runner.schedule.model import Schedule
from runner.schedule.systemd import units
from runner.settings import ConfigFile, production, state_folder

_TWO_YEARS = 731


def write(options: argparse.Namespace, now: datetime | None = None) -> None:
    """Print the files, or write them to ``--output``; raises ``WrongInput`` with all that can't be written."""
    now = now or datetime.now(UTC)
    file = file_of(options)
    schedules = list(file.schedules.values())
    problems = problems_of(file, options, now)
    if problems:
        raise WrongInput(problems)
    if options.form == "crontab":
        _check_crontab(file, schedules, options, now)
    files = {name: text for each in _texts(file, schedules, options) for name, text in each.items()}
    if options.output is None:
        print("\n".join(text if len(files) == 1 else f"# {name}\n{text}" for name, text in files.items()), end="")
        return
    options.output.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (options.output / name).write_text(text, encoding="utf-8")
        print(options.output / name)


def _texts(file: ConfigFile, schedules: list[Schedule], options: argparse.Namespace) -> Iterator[dict[str, str]]:
    """Each file's text by its name; raises ``WrongInput``."""
    problems: list[Diagnostic] = []
    calls: list[Call] = []
    for schedule in schedules:
        call = _call(file, schedule, options)
        try:
            _written([call], options)
            calls.append(call)
        except WrongCron as wrong:
            help = "write the times out, such as `1,8,15` instead of `*/7`"
            problems.append(at(file, schedule, "cron", f"{options.form} can't run this", str(wrong), help))
    if problems:
        raise WrongInput(problems)
    yield _written(calls, options)


def _written(calls: list[Call], options: argparse.Namespace) -> dict[str, str]:
    if options.form == "crontab":
        return {"crontab": crontab(calls, cron_tz=options.cron_tz)}
    if options.form == "systemd":
        return {name: text for call in calls for name, text in units(call, getpass.getuser()).items()}
    if options.image is None:
        help = "one with pmx-run in it and the folder of pmx.yaml at /project, owned by user 10001"
        raise WrongInput([Diagnostic("Kubernetes needs an image: --image IMAGE", help=help)])
    return {"cronjobs.yaml": text_of(manifests(calls, options.image))}


def _call(file: ConfigFile, schedule: Schedule, options: argparse.Namespace) -> Call:
    settings = settings_of(file, schedule.environment, options)
    words = ["schedule", "tick", schedule.name, "--quiet", *(["--yes"] if production(settings) else [])]
    if options.form == "kubernetes":
        name = Path(file.source.path).name
        keyed = "" if settings.embedded else settings.environment.value
        return Call(schedule, (*words, "--config", f"{PROJECT}/{name}"), Path(PROJECT), Path(STATE), keyed)
    state = state_folder(settings).absolute()
    # -P: nothing in the project's folder is taken for a module of ours
    python = [sys.executable, "-P", "-m", "runner"]
    whole = (*python, *words, "--config", str(Path(file.source.path).absolute()), "--state-dir", str(state))
    if any(ord(each) < 32 for word in (*whole, str(file.folder)) for each in word):
        raise WrongInput([Diagnostic("a path with a control character can't be written", help="rename the folder")])
    return Call(schedule, whole, file.folder, state)


def _check_crontab(file: ConfigFile, schedules: list[Schedule], options: argparse.Namespace, now: datetime) -> None:
    """What a crontab can't say: another time zone than the machine's (unless it knows CRON_TZ), and catching up."""
    name = options.zone or machine_zone()
    machine = _zone(name)
    problems: list[Diagnostic] = []
    for each in schedules:
        if each.within:
            help = "systemd's timers do: pmx-run schedule write systemd"
            problems.append(at(file, each, "catch_up", "cron does not catch up on what was missed", "", help))
        if not options.cron_tz and not _same(machine, each.zone, now):
            title = f"`{each.name}` goes by the clocks of {each.timezone}, and cron here by those of {name}"
            help = (
                "where cron is cronie: --cron-tz; else systemd's timers know time zones: pmx-run schedule write systemd"
            )
            problems.append(at(file, each, "timezone", title, "", help))
    if problems:
        raise WrongInput(problems)


def machine_zone() -> str:
    """The name of this machine's time zone: ``TZ``, else where ``/etc/localtime`` leads, else UTC."""
    stated = os.environ.get("TZ", "").removeprefix(":")
    if stated:
        return stated
    _, found, name = os.path.realpath("/etc/localtime").partition("/zoneinfo/")
    return name if found else "UTC"


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise WrongInput(
            [Diagnostic(f"there is no time zone `{name}`", help="name the machine's: --zone ZONE")]
        ) from None


def _same(one: ZoneInfo, other: ZoneInfo, now: datetime) -> bool:
    """Whether two zones' clocks show the same from now on, as far as is known."""
    if now.astimezone(one).utcoffset() != now.astimezone(other).utcoffset():
        return False
    return list(changes(one, now, _TWO_YEARS)) == list(changes(other, now, _TWO_YEARS))
