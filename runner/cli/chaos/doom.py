"""What makes a run die: a journal and a transport that pass by a counter, which kills the process at its point."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from runner.cli.chaos.points import How, Point, Reach, What
from runner.cli.performing import Carriers
from runner.clock import Clock
from runner.journal.store import Batch, Entry, Journal, Pinned, Run
from runner.redact import Redactor
from runner.venue.call import Answer, Heard, Request
from runner.venue.transport import Transport


class Doom:
    """Counts a process's writes and calls, and kills it at ``point``, if there is one, as nothing can prevent."""

    def __init__(self, point: Point | None) -> None:
        self._point = point
        self._turn = threading.Lock()
        self._passed: dict[What, list[str]] = {"write": [], "call": []}

    @property
    def reach(self) -> Reach:
        """What was passed by so far."""
        return Reach(self._passed["write"], self._passed["call"])

    def carriers(self) -> Carriers:
        """A journal and a transport that count."""
        return Carriers(
            lambda folder: _CountedJournal(folder, self),
            lambda clock, redactor, bundle: _CountedTransport(self, clock, redactor, bundle),
        )

    @contextmanager
    def passing(self, what: What, words: str) -> Iterator[None]:
        """Perform the next write or call within the block."""
        with self._turn:
            self._passed[what].append(words)
            number = len(self._passed[what])
        self._meet(what, number, "before")
        try:
            yield
        finally:
            self._meet(what, number, "after")

    def _meet(self, what: What, number: int, how: How) -> None:
        point = self._point
        if point is not None and (point.what, point.number, point.how) == (what, number, how):
            os.kill(os.getpid(), signal.SIGKILL)


class _CountedJournal(Journal):
    def __init__(self, folder: Path, doom: Doom) -> None:
        super().__init__(folder)
        self._doom = doom

    def begin(self, run: Run, pinned: Pinned) -> None:
        with self._doom.passing("write", "the run's beginning"):
            super().begin(run, pinned)

    def append(self, batch: Batch) -> None:
        with self._doom.passing("write", _words(batch.entries[-1])):
            super().append(batch)


class _CountedTransport(Transport):
    def __init__(self, doom: Doom, clock: Clock, redactor: Redactor, ca_bundle: str | None) -> None:
        super().__init__(clock, redactor, ca_bundle)
        self._doom = doom

    def exchange(self, request: Request, left: float, heard: Heard) -> Answer:
        with self._doom.passing("call", f"{request.method} {urlsplit(request.url).path}"):
            return super().exchange(request, left, heard)


def _words(last: Entry) -> str:
    """The last thing in a write, which is what it was made for."""
    if last.kind != "event":
        return f"{last.kind} of {last.path}"
    name = json.loads(last.data)["event"]
    return f"{name} of {last.path}" if last.path else str(name)
