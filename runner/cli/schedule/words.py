"""What a tick's run is called, and the words of the command line that perform it."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from runner.cli.schedule.reading import playbook_word
from runner.schedule.model import Schedule
from runner.settings import ConfigFile


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
    return f"{schedule.name}-{moment.astimezone(UTC):%Y%m%dT%H%MZ}-{_project_of(file)}"


def key_of(file: ConfigFile, schedule: Schedule) -> str:
    """A schedule's name that no other project's has."""
    return f"{_project_of(file)}/{schedule.name}"


def written(value: object) -> str:
    """An input as the command line takes it."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _project_of(file: ConfigFile) -> str:
    """A short name of the folder: two projects on one state directory may have schedules of the same name."""
    return hashlib.sha256(str(file.folder).encode()).hexdigest()[:6]
