"""Whole processes, measured from outside, in turns, so that a busy moment of the machine meets all of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
_NOT_OURS = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONPATH", "PYTHONPYCACHEPREFIX")


@dataclass(slots=True)
class Sample:
    """What a contender took, turn by turn: ``seconds`` on the wall, ``kib`` of memory at its peak."""

    seconds: list[float] = field(default_factory=list)
    kib: list[int] = field(default_factory=list)

    @property
    def milliseconds(self) -> float:
        """The median of all turns."""
        return median(self.seconds) * 1000

    @property
    def mebibytes(self) -> float:
        """The most of all turns."""
        return max(self.kib) / 1024


@dataclass(frozen=True, slots=True)
class Contender:
    """A command line; ``prepare`` is called before each turn, ``output`` takes what it prints."""

    command: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[], object] = lambda: None
    output: str = os.devnull


def pmx_run(*words: str) -> list[str]:
    """A command line of pmx-run as a user has it: the installed script."""
    return [str(Path(sys.executable).with_name("pmx-run")), *words]


def in_turns(contenders: Sequence[Contender], turns: int) -> list[Sample]:
    """Run each of them ``turns`` times, one after the other; raises ``RuntimeError`` for one that fails."""
    samples = [Sample() for _ in contenders]
    for _ in range(turns):
        for contender, sample in zip(contenders, samples, strict=True):
            contender.prepare()
            _once(contender, sample)
    return samples


def warm(contenders: Sequence[Contender], turns: int) -> list[Sample]:
    """The same after each has run once, uncounted."""
    in_turns(contenders, 1)
    return in_turns(contenders, turns)


def _once(contender: Contender, sample: Sample) -> None:
    launch = [sys.executable, "-I", "-S", str(HERE / "launch.py"), contender.output, *contender.command]
    environ = {name: value for name, value in os.environ.items() if name not in _NOT_OURS and not _is_ours(name)}
    done = subprocess.run(launch, env={**environ, **contender.environ}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(contender.command)} ended with {done.returncode}: {done.stderr}")
    measured = json.loads(done.stdout)
    sample.seconds.append(measured["seconds"])
    sample.kib.append(measured["kib"])


def _is_ours(name: str) -> bool:
    """A setting of whoever measures would make it another run."""
    return name.startswith("PMX_")
