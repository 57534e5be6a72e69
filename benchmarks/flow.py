"""The quickstart's flow as a whole process, beside the plain script that makes the same calls."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from benchmarks.ground import CHECKOUT, Ground
from benchmarks.measure import HERE, Contender, in_turns, pmx_run, warm
from benchmarks.table import Row, compared

_BESIDE = "plain requests script, the same 10 calls"


def rows(ground: Ground, turns: int) -> Iterator[Row]:
    """First after a clone, then with nothing remembered, then as every later run."""
    playbook = str(CHECKOUT / "playbooks" / "quickstart.yaml")
    script = Contender([sys.executable, str(HERE / "plain_script.py")], ground.environ)
    first = Contender(pmx_run(playbook), ground.copied(), ground.fresh_copy)
    cold = Contender(pmx_run(playbook), ground.environ, ground.forget)
    again = Contender(pmx_run(playbook), ground.environ, ground.refill)
    few = max(3, turns // 3)
    yield compared("seven-call flow, first run after a clone", in_turns([first, script], few), _BESIDE)
    yield compared("seven-call flow, cold", warm([cold, script], few), _BESIDE)
    yield compared("seven-call flow, warm", warm([again, script], turns), _BESIDE)
