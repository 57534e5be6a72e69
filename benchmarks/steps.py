"""Many steps one after the other, beside a bare loop of as many calls: what a step costs, and what a call costs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks import playbooks
from benchmarks.ground import Ground
from benchmarks.measure import HERE, Contender, Sample, pmx_run, warm
from benchmarks.table import Row

_BESIDE = "requests.Session.get and a JSON decode"


def rows(ground: Ground, turns: int, steps: int) -> Iterator[Row]:
    """By the run's own clock, then by what the whole process takes more than one of a single step."""
    report, printed = ground.folder / "report.json", ground.folder / "loop.txt"
    many, single = playbooks.whoami(ground.folder, steps), playbooks.whoami(ground.folder, 1)
    loop = [sys.executable, str(HERE / "bare_loop.py")]
    own: list[float] = []
    theirs: list[float] = []

    contenders = [
        Contender(pmx_run(str(many), "--report", f"json={report}"), ground.environ),
        Contender([*loop, str(steps)], ground.environ, lambda: _note(report, own), str(printed)),
        Contender(pmx_run(str(single)), ground.environ, lambda: theirs.append(float(printed.read_text()))),
        Contender([*loop, "1"], ground.environ),
    ]
    long_run, long_loop, short_run, short_loop = warm(contenders, turns)
    memory = f"{long_run.mebibytes:.1f} MiB beside {long_loop.mebibytes:.1f}"
    yield _row(f"a step of {steps}, by its own clock", median(own) / steps, median(theirs) / steps, memory)
    yield _row(
        f"a step of {steps}, whole process", _slope(long_run, short_run, steps), _slope(long_loop, short_loop, steps)
    )


def _note(report: Path, own: list[float]) -> None:
    own.append(json.loads(report.read_text())["duration_ms"] / 1000)


def _slope(long: Sample, short: Sample, steps: int) -> float:
    """Seconds that one more costs."""
    return (long.milliseconds - short.milliseconds) / 1000 / (steps - 1)


def _row(measured: str, ours: float, theirs: float, memory: str = "") -> Row:
    return Row(measured, f"{ours * 1000:.3f} ms", f"{theirs * 1000:.3f} ms", _BESIDE, f"{ours / theirs:.2f}", memory)
