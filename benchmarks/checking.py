"""``pmx-run check`` of a long playbook."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import playbooks
from benchmarks.ground import Ground
from benchmarks.measure import Contender, in_turns, pmx_run, warm
from benchmarks.table import Row, alone


def rows(ground: Ground, turns: int, steps: int) -> Iterator[Row]:
    """First after a clone, then with nothing remembered, then once it was checked before."""
    playbook = str(playbooks.mixed(ground.folder, steps))
    first = Contender(pmx_run("check", playbook), ground.copied(), ground.fresh_copy)
    cold = Contender(pmx_run("check", playbook), ground.environ, ground.forget)
    again = Contender(pmx_run("check", playbook), ground.environ)
    few = max(3, turns // 3)
    yield alone(f"check of {steps} steps, first run after a clone", in_turns([first], few)[0])
    yield alone(f"check of {steps} steps, cold", warm([cold], few)[0], "aim: 600 ms")
    yield alone(f"check of {steps} steps, warm", warm([again], turns)[0], "aim: 250 ms")
