"""The journal: what an event costs, its share of a run, how it grows, and a history of many runs."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, redirect_stdout
from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO
from pathlib import Path
from statistics import median
from time import perf_counter
from timeit import timeit
from typing import TYPE_CHECKING

from benchmarks.ground import CHECKOUT, Ground
from benchmarks.measure import HERE, Contender, pmx_run, warm
from benchmarks.table import Row, alone

if TYPE_CHECKING:
    from runner.journal.store import Run

_RUNS = 100_000
_EVENTS = 300
_FLOWS_FOR_SIZE = 20


def rows(ground: Ground, turns: int, runs: int = _RUNS) -> Iterator[Row]:
    """Each beside what it is to be compared with."""
    yield from _events()
    yield from _share(ground, turns)
    yield _size(ground)
    yield from _history(ground, turns, runs)


def _events() -> Iterator[Row]:
    """In one process, on the disk of the temporary folder, beside a bare insert and commit with the same settings."""
    from runner.clock import SystemClock
    from runner.engine.stop import Stop
    from runner.journal.recorder import JournalRecorder
    from runner.journal.store import Journal, Pinned
    from runner.record.events import CleanupOwed, Noted
    from runner.redact import Redactor

    with tempfile.TemporaryDirectory(prefix="pmx-bench-") as name, closing(Stop()) as stop:
        with closing(Journal(Path(name))) as journal:
            journal.begin(_run("r1", datetime.now(UTC)), Pinned("0", "", {}))
            recorder = JournalRecorder(journal, "r1", "https://x", SystemClock(), stop, Redactor())
            durable: list[float] = []
            bare: list[float] = []
            with _bare(Path(name)) as insert:
                for number in range(_EVENTS):
                    owed = CleanupOwed(f"order-{number}", "order", "c1")
                    durable.append(_seconds(partial(recorder.emit, owed)))
                    bare.append(_seconds(insert))
            gathered = timeit(partial(recorder.emit, Noted("order", "a note")), number=10 * _EVENTS)
        ratio = f"{median(durable) / median(bare):.2f}"
        theirs = f"{median(bare) * 1000:.3f} ms"
        yield Row(
            "an event that is durable", f"{median(durable) * 1000:.3f} ms", theirs, "a bare INSERT, durable", ratio
        )
        yield Row("an event that is gathered, its write included", f"{gathered / 10 / _EVENTS * 1000:.3f} ms")


@contextmanager
def _bare(folder: Path) -> Iterator[Callable[[], object]]:
    """A bare SQLite file with the journal's settings; what is given inserts one row."""
    import sqlite3

    with closing(sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE entries (data TEXT)")
        yield lambda: connection.execute("INSERT INTO entries VALUES (?)", ("x" * 100,))


def _share(ground: Ground, turns: int) -> Iterator[Row]:
    """What a whole run spends in the journal's own methods, `sqlite3`'s import and closing included."""
    printed = ground.folder / "spent.txt"
    spent: list[float] = []
    playbook = str(CHECKOUT / "playbooks" / "quickstart.yaml")
    timed = [sys.executable, str(HERE / "timed_journal.py"), str(printed), playbook]

    def prepare() -> None:
        ground.refill()
        if printed.is_file():
            spent.append(float(printed.read_text()))

    (whole,) = warm([Contender(timed, ground.environ, prepare)], turns)
    share = median(spent) * 1000 / whole.milliseconds
    yield Row("the journal in the seven-call flow", f"{median(spent) * 1000:.1f} ms", ratio=f"{share:.0%} of the run")


def _size(ground: Ground) -> Row:
    """What the journal's files grow by, once all is written back."""
    ground.forget()
    flow = Contender(pmx_run(str(CHECKOUT / "playbooks" / "quickstart.yaml")), ground.environ, ground.refill)
    file = ground.folder / "state" / "journal.sqlite3"
    warm([flow], 1)
    before = file.stat().st_size
    warm([flow], _FLOWS_FOR_SIZE - 1)
    grown = (file.stat().st_size - before) / _FLOWS_FOR_SIZE
    return Row("the journal's growth by a seven-call flow", f"{grown / 1024:.1f} KiB")


def _history(ground: Ground, turns: int, runs: int) -> Iterator[Row]:
    """Twenty lines out of many runs: the work alone in one process, then the whole command."""
    from runner.cli.main import dispatch

    folder = ground.folder / "long"
    _fill(folder, runs)
    command = ["history", "--state-dir", str(folder)]
    _quietly(lambda: dispatch(command))
    work = median(_seconds(lambda: _quietly(lambda: dispatch(command))) for _ in range(turns))
    yield Row(f"history of {runs:,} runs, the work alone", f"{work * 1000:.1f} ms", ratio="aim: 100 ms")
    yield alone(f"history of {runs:,} runs", warm([Contender(pmx_run(*command), ground.environ)], turns)[0])


def _fill(folder: Path, runs: int) -> None:
    """A journal of so many runs that passed, a few of them in doubt, each with some entries."""
    import sqlite3

    from runner.journal.store import NAME, Journal

    folder.mkdir(mode=0o700)
    Journal(folder).close()
    began = datetime.now(UTC) - timedelta(days=365)
    with closing(sqlite3.connect(folder / NAME)) as connection, connection:
        for number in range(runs):
            run = _run(f"run-{number:07}", began + timedelta(minutes=number))
            named = (run.run_id, run.playbook, run.environment, run.base_url, run.participant, run.account)
            row = (*named, run.started_at.isoformat(), run.last_at.isoformat(), "passed", 0)
            connection.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            data = json.dumps({"event": "Noted", "path": "a", "text": "x" * 200})
            connection.execute("INSERT INTO entries VALUES (?, 0, 'event', 'a', ?)", (run.run_id, data))


def _run(run_id: str, at: datetime) -> Run:
    from runner.journal.store import Run

    return Run(run_id, "quickstart", "preprod", "https://x", "firms/F/users/u", "", at, at)


def _quietly(act: Callable[[], object]) -> None:
    with redirect_stdout(StringIO()):
        act()


def _seconds(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return perf_counter() - began
