"""A run's result: the fold of its events, and all that any report is made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from decimal import Decimal

from runner.frozen import frozen
from runner.record.events import (
    AttemptFailed,
    CallMade,
    Captured,
    Checked,
    CleanupDone,
    CleanupOwed,
    CleanupStatus,
    Event,
    Noted,
    OrderIntended,
    OrderLost,
    OrderSeen,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    StepStatus,
)


@frozen
class StepResult:
    """What became of one step."""

    started: StepStarted
    finished: StepFinished | None = None
    checks: tuple[Checked, ...] = ()
    captures: Mapping[str, object] = field(default_factory=dict)
    calls: tuple[CallMade, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def status(self) -> StepStatus:
        """How it ended; a step that never came to its end is in doubt."""
        return self.finished.status if self.finished else "in_doubt"


@frozen
class OrderResult:
    """What became of one order, as far as the venue told. Money in dollars, quantities in contracts."""

    intended: OrderIntended
    order_id: str = ""
    state: str = ""
    filled_quantity: Decimal = Decimal(0)
    average_price: Decimal | None = None


@frozen
class CleanupResult:
    """One thing that was owed."""

    path: str
    step: str
    clord_id: str
    status: CleanupStatus
    message: str = ""
    help: str = ""


@frozen
class RunResult:
    """A whole run. ``finished`` is None while it is under way, or if it was killed."""

    started: RunStarted
    finished: RunFinished | None
    steps: tuple[StepResult, ...]
    orders: tuple[OrderResult, ...]
    cleanups: tuple[CleanupResult, ...]


def fold(events: Iterable[Event]) -> RunResult:
    """The result of a run's events, in the sequence they happened. Raises ``ValueError`` without a ``RunStarted``."""
    folding = _Folding()
    for event in events:
        folding.take(event)
    return folding.result()


class _Folding:
    """The state while folding; each event changes one entry of one table."""

    def __init__(self) -> None:
        self.started: RunStarted | None = None
        self.finished: RunFinished | None = None
        self.steps: dict[str, _StepFolding] = {}
        self.orders: dict[str, OrderResult] = {}
        self.cleanups: dict[str, CleanupResult] = {}

    def take(self, event: Event) -> None:
        match event:
            case RunStarted():
                self.started = event
            case RunFinished():
                self.finished = event
            case StepStarted():
                self.steps[event.path] = _StepFolding(event)
            case OrderIntended():
                self.orders[event.clord_id] = OrderResult(event)
            case OrderSeen() | OrderLost():
                self._order(event)
            case CleanupOwed():
                self.cleanups[event.path] = CleanupResult(event.path, event.step, event.clord_id, "owed")
            case CleanupDone():
                owed = self.cleanups[event.path]
                self.cleanups[event.path] = replace(owed, status=event.status, message=event.message, help=event.help)
            case _ if event.path in self.steps:
                self.steps[event.path].take(event)

    def _order(self, event: OrderSeen | OrderLost) -> None:
        known = self.orders.get(event.clord_id)
        if known is None:
            return
        if isinstance(event, OrderLost):
            self.orders[event.clord_id] = replace(known, state=event.verdict)
            return
        self.orders[event.clord_id] = replace(
            known,
            order_id=event.order_id,
            state=event.state,
            filled_quantity=event.filled_quantity,
            average_price=event.average_price,
        )

    def result(self) -> RunResult:
        if self.started is None:
            raise ValueError("a run's events begin with RunStarted")
        return RunResult(
            self.started,
            self.finished,
            tuple(step.result() for step in self.steps.values()),
            tuple(self.orders.values()),
            tuple(self.cleanups.values()),
        )


class _StepFolding:
    """One step while folding: lists that grow, made into a frozen result once."""

    def __init__(self, started: StepStarted) -> None:
        self.started = started
        self.finished: StepFinished | None = None
        self.checks: list[Checked] = []
        self.captures: dict[str, object] = {}
        self.calls: list[CallMade] = []
        self.notes: list[str] = []

    def take(self, event: Event) -> None:
        match event:
            case Checked():
                self.checks.append(event)
            case Captured():
                self.captures[event.name] = event.value
            case CallMade():
                self.calls.append(event)
            case Noted():
                self.notes.append(event.text)
            case AttemptFailed():
                self.notes.append(f"attempt {event.attempt}: {event.message}")
            case StepFinished():
                self.finished = event

    def result(self) -> StepResult:
        return StepResult(
            self.started,
            self.finished,
            tuple(self.checks),
            dict(self.captures),
            tuple(self.calls),
            tuple(self.notes),
        )
