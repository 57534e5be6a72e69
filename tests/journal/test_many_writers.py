"""Several processes write one journal at once while they are killed: never locked out, nothing acknowledged lost."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from journal.reading import kept, whole

TESTS = Path(__file__).parents[1]
WRITERS = 4


@dataclass
class Life:
    """One writer's life: its run, and what it was told is durable."""

    run_id: str
    said: list[str]
    complaint: str

    @property
    def acknowledged(self) -> int:
        numbers = [line for line in self.said if line.strip().isdecimal() and line.endswith("\n")]
        return int(numbers[-1]) if numbers else 0


@dataclass
class Seat:
    """One of the writers that work at once: killed, and followed by the next, so many times.

    The time of every other one begins when it was first told that something is durable, so that a slow machine has
    some of both: killed while writing, and killed before.
    """

    folder: Path
    name: str
    many: int
    random: Random
    lives: list[Life] = field(default_factory=list)

    def work(self) -> None:
        self.lives = [self._live(f"{self.name}-{number}", at_work=number % 2 == 0) for number in range(self.many)]

    def _live(self, run_id: str, *, at_work: bool) -> Life:
        command = [sys.executable, "-m", "journal.writer", str(self.folder), run_id, run_id]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, cwd=TESTS, stdout=pipe, stderr=pipe, text=True) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            first = [process.stdout.readline(), process.stdout.readline()] if at_work else []
            threading.Timer(self.random.uniform(0.1, 0.9), process.send_signal, [signal.SIGKILL]).start()
            said = [*first, *process.stdout]
            return Life(run_id, said, process.stderr.read())


def work(folder: Path, many: int, seed: int) -> list[Life]:
    """Let so many writers follow each other in each seat; every life of theirs."""
    seats = [Seat(folder, f"w{number}", many, Random(f"{seed}-{number}")) for number in range(WRITERS)]
    threads = [threading.Thread(target=seat.work) for seat in seats]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [life for seat in seats for life in seat.lives]


def lost(folder: Path, lives: list[Life]) -> int:
    """Acknowledged entries that are not there."""
    return sum(max(0, life.acknowledged - kept(folder, life.run_id, life.run_id)) for life in lives)


def test_some_lives(folder: Path) -> None:
    """A sample, on a journal that none of them found there."""
    lives = work(folder, 4, seed=1)
    assert [life.complaint for life in lives if life.complaint] == []
    assert (lost(folder, lives), whole(folder)) == (0, "ok")
    assert len({life.run_id[:2] for life in lives if life.acknowledged}) == WRITERS


@pytest.mark.proof
def test_four_hundred_lives(folder: Path, record_property: Callable[[str, object], None]) -> None:
    """The whole."""
    lives = work(folder, 100, seed=2)
    complaints = [life.complaint for life in lives if life.complaint]
    record_property("processes killed", len(lives))
    record_property("entries acknowledged", sum(life.acknowledged for life in lives))
    record_property("acknowledged entries lost", lost(folder, lives))
    record_property("locked out", len(complaints))
    assert complaints == []
    assert (lost(folder, lives), whole(folder)) == (0, "ok")
