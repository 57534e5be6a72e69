"""What the journal's tests write: runs, events, and a world whose time they move."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from runner.engine.stop import Stop
from runner.journal.recorder import JournalRecorder
from runner.journal.store import Entry, Journal, Pinned, Run
from runner.record.events import (
    CleanupOwed,
    Event,
    Noted,
    OrderIntended,
    OrderSeen,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    Surroundings,
)
from runner.redact import Redactor

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
BASE = "https://api.example.test"
ALICE = "firms/F/users/alice"
PINNED = Pinned("0" * 64, "version: 1\n", {"embedded": False})
STARTED = RunStarted("r1", NOW, "0.0", "tried", "tried.yaml", "0" * 64, Surroundings("preprod", "x", ALICE, ""))


class Time:
    """A clock that moves when somebody waits."""

    def __init__(self) -> None:
        self.moved = 0.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.moved)

    def steady(self) -> float:
        return self.moved

    def wait(self, seconds: float) -> None:
        self.moved += seconds


def a_run(run_id: str = "r1", *, seconds: float = 0, playbook: str = "tried") -> Run:
    """A run that begins so many seconds after ``NOW``."""
    at = NOW + timedelta(seconds=seconds)
    return Run(run_id, playbook, "preprod", BASE, ALICE, "", at, at)


def recorder(journal: Journal, stop: Stop, earlier: Sequence[Entry] = (), **parts: object) -> JournalRecorder:
    """A recorder of run ``r1``; ``clock``, ``redactor`` and ``listeners`` may be handed in."""
    given = {"clock": Time(), "redactor": Redactor(), "listeners": (), **parts}
    return JournalRecorder(journal, "r1", BASE, stop=stop, earlier=earlier, **given)  # type: ignore[arg-type]


def step_started(path: str = "order") -> StepStarted:
    return StepStarted(path, path.partition("[")[0], "Order", "place_order", "required", "", NOW)


def step_finished(path: str = "order") -> StepFinished:
    return StepFinished(path, "passed", NOW, 1, 1)


def intended(clord_id: str = "c1", path: str = "order", *, exposure: str = "5", at: datetime = NOW) -> OrderIntended:
    half, ten = Decimal("0.5"), Decimal(10)
    return OrderIntended(path, clord_id, "sym", "SIDE_BUY", half, ten, Decimal(exposure), ALICE, "", {"qty": 10}, at)


def seen(clord_id: str = "c1", state: str = "NEW", *, filled: str = "0", path: str = "order") -> OrderSeen:
    return OrderSeen(path, clord_id, f"venue-{clord_id}", f"ORDER_STATE_{state}", Decimal(filled), None)


def owed(clord_id: str = "c1", path: str = "order") -> CleanupOwed:
    return CleanupOwed(path, path, clord_id)


def noted(text: str = "a note", path: str = "order") -> Noted:
    return Noted(path, text)


def finished(status: str = "passed", exit_code: int = 0) -> RunFinished:
    return RunFinished(status, exit_code, NOW, 5, {}, None)  # type: ignore[arg-type]


def kinds(events: Sequence[Event]) -> list[str]:
    """The events' types by name."""
    return [type(each).__name__ for each in events]
