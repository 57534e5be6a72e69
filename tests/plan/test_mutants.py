"""Of playbooks with one mistake each, nearly all are found by `check`, before anything is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from plan.mutants import CLASSES, Ground, Mutant, mutants
from plan.test_types import BUNDLED, HERE, REALISTIC, examined
from runner.errors import WrongInput

LONGER = [HERE / "right" / f"{name}.yaml" for name in ("status-and-steps", "checklist", "null-ruled-out-by-when")]
NOT_CAUGHT = HERE / "mutants-not-caught.txt"
SEED = 20261122
MANY = 500


@pytest.fixture(scope="module")
def grounds() -> dict[str, Ground]:
    paths: list[Path] = [*BUNDLED, *REALISTIC, *LONGER]
    return {path.stem: Ground(path.stem, path.read_text(encoding="utf-8")) for path in paths}


def is_caught(mutant: Mutant, ground: Ground) -> bool:
    """Whether `check` finds an error in it."""
    try:
        found = examined(mutant.edit.applied(ground.text), mutant.playbook)
    except WrongInput:
        return True
    return any(each.severity == "error" for each in found)


def test_a_sample_is_caught(grounds: dict[str, Ground]) -> None:
    """Each of sixty mistakes, or it is one of those that are known not to be found."""
    known = NOT_CAUGHT.read_text(encoding="utf-8")
    for mutant in mutants([*grounds.values()], 60, SEED):
        assert is_caught(mutant, grounds[mutant.playbook]) or str(mutant) in known, mutant


@pytest.mark.proof
def test_five_hundred_mutants(grounds: dict[str, Ground], record_property: Callable[[str, object], None]) -> None:
    """At least 95 of a hundred are found, 90 of each class; the others stand in the file beside, with the reason."""
    made, caught = Counter[str](), Counter[str]()
    missed = []
    for mutant in mutants([*grounds.values()], MANY, SEED):
        made[mutant.sort] += 1
        if is_caught(mutant, grounds[mutant.playbook]):
            caught[mutant.sort] += 1
        else:
            missed.append(str(mutant))
    for sort in CLASSES:
        record_property(f"{sort}: mutants", made[sort])
        record_property(f"{sort}: caught", caught[sort])
        assert caught[sort] >= 0.9 * made[sort], [each for each in missed if f": {sort}: " in each]
    assert caught.total() >= 0.95 * MANY
    listed = [line.partition("  # ")[0] for line in NOT_CAUGHT.read_text(encoding="utf-8").splitlines()]
    assert [line for line in listed if line] == sorted(missed)
