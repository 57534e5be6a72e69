"""A process that is killed anywhere leaves nothing that `resume` can't bring to a good end."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PLAYBOOKS = Path(__file__).parent / "playbooks"
WHOLE = ["quickstart", "lifecycle", "five", "replaced", "all-cancelled", "including"]
TAKEN_UP = ["--late", "--cleanup-only"]
SAMPLED = [
    ("quickstart", 2),
    ("lifecycle", 2),
    ("five", 2),
    ("three-at-once", 2),
    ("replaced", 2),
    ("all-cancelled", 2),
    ("including", 3),
]
AGREED = {"including": ["sure", "prepare/sure", "both/sure"]}
PROMISES = ("double orders", "orders left open", "reports that disagree", "runs not settled")


def chaos(playbook: str, *words: str) -> Any:
    """What `pmx-run chaos` found."""
    path = PLAYBOOKS / f"{playbook}.yaml"
    command = [sys.executable, "-m", "runner", "chaos", str(path) if path.exists() else playbook, "--json", *words]
    command += [word for step in AGREED.get(playbook, ()) for word in ("--confirm", step)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1800)
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert found["broken"] == []
    assert done.returncode == 0
    # 3 where the order can't have left and was looked for; a check that `resume` had made fail would be 1.
    assert {*found["resumed"]} <= ({"0", "3", "5"} if "--late" in words else {"0", "3"})
    return found["counts"]


def hold(counts: dict[str, int], record_property: Callable[[str, object], None]) -> None:
    for name, count in counts.items():
        record_property(name, count)
    assert counts["kills"] > 0
    assert {counts[name] for name in PROMISES} == {0}


@pytest.mark.parametrize(("playbook", "size"), SAMPLED)
def test_sample(playbook: str, size: int) -> None:
    """Some points of each playbook, the same ones each time."""
    counts = chaos(playbook, "--sample", str(size))
    assert counts["points"] == size


@pytest.mark.parametrize("how", TAKEN_UP)
@pytest.mark.parametrize("playbook", ["quickstart", "five"])
def test_announced_and_no_more(playbook: str, how: str) -> None:
    """An order that was announced when its process died, and never sent, is settled by whoever may not go on."""
    counts = chaos(playbook, "--only", "write-3-after", how)
    assert (counts["points"], counts["kills"]) == (1, 1)


@pytest.mark.proof
@pytest.mark.parametrize("playbook", WHOLE)
@pytest.mark.parametrize("how", TAKEN_UP)
def test_every_point_taken_up_otherwise(
    how: str, playbook: str, record_property: Callable[[str, object], None]
) -> None:
    """The same where `resume` comes too late, or is only to settle and clean up, as the playbook's next run does it."""
    hold(chaos(playbook, how), record_property)


@pytest.mark.proof
@pytest.mark.parametrize("playbook", WHOLE)
def test_every_point(playbook: str, record_property: Callable[[str, object], None]) -> None:
    """Every journal write and call, before and after, with and without lost answers; then each lost answer alone."""
    hold(chaos(playbook), record_property)


@pytest.mark.proof
def test_three_at_once(record_property: Callable[[str, object], None]) -> None:
    """The same where items of a loop are under way at once, which no two runs do alike: a hundred points."""
    hold(chaos("three-at-once", "--sample", "100", "--seed", "7"), record_property)
