"""A program for the simulated year: a moment to begin at, how many days, and a seed. What it counted, as JSON.

It is a process of its own: it forks, and its memory is measured.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from schedule_year.judgement import outcomes
from schedule_year.year import Year

_IN_MEMORY = Path("/dev/shm")
_PROJECT = Path(__file__).parent / "project"
_MONTH = timedelta(days=30)


def main(start: str, days: str, seed: str) -> None:
    # A disk is waited for some fifty times a run; a process that is killed loses nothing without it.
    with tempfile.TemporaryDirectory(dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None) as folder:
        project = Path(folder) / "project"
        shutil.copytree(_PROJECT, project)
        year = Year(project, Path(folder), datetime.fromisoformat(start), timedelta(days=float(days)), int(seed))
        year.live()
        print(json.dumps(counted(year)))


def counted(year: Year) -> dict[str, Any]:
    """Everything a test wants to know."""
    judgement, machine = year.judgement, year.machine
    return {
        "ticks": outcomes(machine, year.start),
        "runs": {str(code): number for code, number in judgement.codes.items()},
        "met": {**year.met, "runs killed": machine.timeline.killed},
        "orders": judgement.orders,
        "performed twice": judgement.twice,
        "violations": Counter(each.promise for each in judgement.violations),
        "seen": [f"{each.promise}: {each.seen}" for each in judgement.violations],
        "untrue": [*machine.witness.untrue, *judgement.untrue],
        "journal": _by_month(year, "journal"),
        "table": _by_month(year, "ticks"),
        "memory": _by_month(year, "memory"),
        "files": sum(1 for each in machine.state.rglob("*") if each.is_file()),
    }


def _by_month(year: Year, name: str) -> list[int]:
    """The largest of each thirty days."""
    found: dict[int, int] = {}
    for each in year.weeks:
        month = (each.at - year.start - timedelta(seconds=1)) // _MONTH
        found[month] = max(found.get(month, 0), getattr(each, name))
    return [found[month] for month in sorted(found)]


if __name__ == "__main__":
    main(*sys.argv[1:])
