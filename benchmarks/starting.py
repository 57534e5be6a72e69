"""What it costs to start at all."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from benchmarks.ground import Ground
from benchmarks.measure import Contender, pmx_run, warm
from benchmarks.table import Row, compared


def rows(ground: Ground, turns: int) -> Iterator[Row]:
    """``--version`` beside a Python that does nothing."""
    version = Contender(pmx_run("--version"), ground.environ)
    bare = Contender([sys.executable, "-I", "-c", "pass"])
    yield compared("--version", warm([version, bare], turns), "python -I -c pass")
