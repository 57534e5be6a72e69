"""Schedules kept for a long time: every tick has its outcome, and no order is left or doubled, whatever happens.

A program of its own, since its runs are forked from it: a process with threads could not do that.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parents[1]
BOUND = 1.5
"""How much larger than in the first third of a year what is kept may be in the last."""


def lived(days: int, seed: int, folder: Path) -> Any:
    command = [sys.executable, "-m", "schedule_year.year", str(days), str(seed), str(folder)]
    done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, check=False, timeout=7200)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return json.loads(done.stdout)


def check(found: Any) -> None:
    assert found["broken"] == []
    assert not [outcome for outcome in found["outcomes"] if outcome == "running"]
    assert found["outcomes"]["ended with 0"] > 0
    assert found["orders"] > 0


def test_some_days(tmp_path: Path) -> None:
    """Each kind of trouble once in three days."""
    check(lived(3, 1, tmp_path))


@pytest.mark.proof
def test_a_year(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """A whole one, changes of the clocks and fifty-two maintenances included; what is kept stays within bounds."""
    found = lived(365, 2026, tmp_path)
    check(found)
    outcomes = found["outcomes"]
    record_property("ticks", sum(outcomes.values()))
    for name, count in outcomes.items():
        record_property(name, count)
    for name in ("troubles", "kills", "orders"):
        record_property(name, found[name])
    for promise in ("double order", "order left open", "report disagrees", "not settled"):
        record_property(promise, sum(each.startswith(promise) for each in found["broken"]))
    weeks = found["weeks"]
    third = len(weeks) // 3
    for what, unit in (("journal", "bytes of the journal"), ("memory", "KiB of memory")):
        early, late = (max(each[what] for each in some) for some in (weeks[:third], weeks[-third:]))
        record_property(f"{unit}, most in the first third", early)
        record_property(f"{unit}, most in the last third", late)
        assert late < early * BOUND
    record_property("bytes of the table of ticks", weeks[-1]["ticks"])
