"""Schedules kept for a long time, on a clock that is moved: real runs, and an exchange and a machine in trouble.

Every tick comes to one outcome, which is true; no order is doubled, none is left; what is kept stays within bounds.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

PROMISES = ("double order", "order left open", "report disagrees", "not settled")
CODES = {"0", "1", "3", "4", "5", "143"}
"""Exit codes that a run may come to in all that trouble: never 2, whoever wrote the playbooks knew how."""

ENDS = {0: "passed", 1: "failed", 3: "errored", 4: "in doubt for a while", 5: "refused", 143: "stopped"}
TROUBLES = {
    "outage": "outages",
    "refused": "times without an exchange",
    "storm": "429 storms",
    "lost": "calls that go wrong",
    "off": "times without a machine",
    "killed": "keepers killed",
    "stopped": "keepers stopped",
    "second": "times with two keepers",
    "disk": "full disks",
    "runs killed": "runs killed",
}


def lived(start: str, days: float, seed: int) -> Any:
    """What a simulated time counted; a program of its own, since it forks."""
    command = [sys.executable, "-m", "schedule_year", f"{start}T00:00:00+00:00", str(days), str(seed)]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def check(found: Any) -> None:
    assert found["seen"] == []
    assert found["untrue"] == []
    assert found["performed twice"] == 0
    assert "running" not in found["ticks"]
    assert set(found["runs"]) <= CODES
    assert found["orders"] > 0


def test_some_days() -> None:
    """Each kind of trouble, and a weekly maintenance."""
    check(lived("2027-03-24", 2, 1))


@pytest.mark.proof
def test_a_year(record_property: Callable[[str, object], None]) -> None:
    """With both changes of the clocks in New York and Berlin."""
    found = lived("2026-11-23", 365, 4)
    check(found)
    assert {"0", "1", "3"} <= set(found["runs"])
    for name, count in (*by_kind(found["ticks"]).items(), *((TROUBLES[kind], n) for kind, n in found["met"].items())):
        record_property(name, count)
    record_property("orders", found["orders"])
    record_property("runs performed twice", found["performed twice"])
    record_property("outcomes that are not true", len(found["untrue"]))
    for promise in PROMISES:
        record_property(promise, found["violations"].get(promise, 0))
    bounded("bytes of the journal", found["journal"], (3, 6), 1.25, record_property)
    bounded("bytes of the table of ticks", found["table"], (3, 6), 4.0, record_property)
    bounded("KiB of memory", found["memory"], (2, 4), 1.1, record_property)
    record_property("files in the state directory", found["files"])


def by_kind(ticks: Mapping[str, int]) -> Mapping[str, int]:
    """How many ticks came to which end, in a word each."""
    counts = {"ticks": sum(ticks.values()), "ran": sum(n for each, n in ticks.items() if each.startswith("ended with"))}
    counts |= {f"ran and {word}": ticks.get(f"ended with {code}", 0) for code, word in ENDS.items()}
    for word in ("skipped", "missed", "left out"):
        counts[word] = sum(n for each, n in ticks.items() if each.startswith(f"{word}:"))
    return counts


def bounded(
    name: str,
    months: Sequence[int],
    early: tuple[int, int],
    growth: float,
    record_property: Callable[[str, object], None],
) -> None:
    """The most in the last months, beside that of some early ones. Runs are kept for a month, ticks for 400 days."""
    before, late = max(months[early[0] - 1 : early[1]]), max(months[8:12])
    record_property(f"{name}, most in months {early[0]} to {early[1]}", before)
    record_property(f"{name}, most in months 9 to 12", late)
    assert late <= before * growth
