"""A run's result: the fold of its events, and all that any report is made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from decimal import Decimal
from typing import Literal

from runner.frozen import frozen
from runner.record.aliases import Aliases
from runner.record.events import (
    AttemptFailed,
    CallMade,
    Captured,
    Checked,
    CleanupDone,
    CleanupOwed,
    CleanupStatus,
    Event,
    Intent,
    Noted,
    OrderIntended,
    OrderLost,
    OrderSeen,
    ReplaceIntended,
    RunFinished,
    RunResumed,
    RunStarted,
    RunStatus,
    StepFinished,
    StepStarted,
    StepStatus,
)

_SHOWN = "ORDER_STATE_"


@frozen
class StepResult:
    """What became of one step, or of one item of a loop; ``items`` of a loop are in the sequence of its list.

    ``steps`` are those of the playbook that it includes, in the sequence in which they began.
    """

    started: StepStarted
    finished: StepFinished | None = None
    checks: tuple[Checked, ...] = ()
    captures: Mapping[str, object] = field(default_factory=dict)
    calls: tuple[CallMade, ...] = ()
    notes: tuple[str, ...] = ()
    items: tuple[StepResult, ...] = ()
    steps: tuple[StepResult, ...] = ()

    @property
    def status(self) -> StepStatus:
        """How it ended; a step that never came to its end is in doubt."""
        return self.finished.status if self.finished else "in_doubt"


@frozen
class OrderResult:
    """What became of one order, as far as the venue told. Money in dollars, quantities in contracts.

    ``intended`` is how the run came to it: by placing it, or by its first replace. ``clord_ids`` are all that it was
    given, the first first; the venue may show any of them.
    """

    intended: Intent
    order_id: str = ""
    state: str = ""
    filled_quantity: Decimal = Decimal(0)
    average_price: Decimal | None = None
    price: Decimal | None = None
    quantity: Decimal | None = None
    clord_id: str = ""
    clord_ids: tuple[str, ...] = ()


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
    """A whole run. ``finished`` is None while it is under way (somebody has to say that it is), or if it was killed.

    ``resumed`` tells each time that another process took it up.
    """

    started: RunStarted
    finished: RunFinished | None
    steps: tuple[StepResult, ...]
    orders: tuple[OrderResult, ...]
    cleanups: tuple[CleanupResult, ...]
    resumed: tuple[RunResumed, ...] = ()
    under_way: bool = False

    @property
    def status(self) -> RunStatus | Literal["running", "killed"]:
        """How it ended; of one that did not end, whether it still can by itself."""
        if self.finished is not None:
            return self.finished.status
        return "running" if self.under_way else "killed"


def item_of(path: str) -> tuple[str, int] | None:
    """The loop that an item's path belongs to, and the item's index; None for any other path."""
    owner, bracket, index = path.rpartition("[")
    return (owner, int(index[:-1])) if bracket and index[:-1].isdecimal() and index.endswith("]") else None


def includer_of(path: str) -> str:
    """The path of the step, or of the item, that includes the step of a path; empty for the top playbook's steps."""
    return path.rpartition("/")[0]


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
        self.resumed: list[RunResumed] = []
        self.steps: dict[str, _StepFolding] = {}
        self.orders: dict[str, OrderResult] = {}
        self.aliases = Aliases()
        self.cleanups: dict[str, CleanupResult] = {}

    def take(self, event: Event) -> None:
        match event:
            case RunStarted():
                self.started = event
            case RunResumed():
                self.resumed.append(event)
            case RunFinished():
                self.finished = event
            case StepStarted():
                self._start(event)
            case OrderIntended() | ReplaceIntended():
                self._intend(event)
            case OrderSeen() | OrderLost():
                self._order(event)
            case CleanupOwed():
                self.cleanups[event.path] = CleanupResult(event.path, event.step, event.clord_id, "owed")
            case CleanupDone():
                owed = self.cleanups[event.path]
                self.cleanups[event.path] = replace(owed, status=event.status, message=event.message, help=event.help)
            case _ if event.path in self.steps:
                self.steps[event.path].take(event)

    def _start(self, event: StepStarted) -> None:
        """A step's beginning; one that a killed run began before keeps what is below it already."""
        known = self.steps.get(event.path)
        step = self.steps[event.path] = _StepFolding(event, known.items if known else {}, known.steps if known else {})
        owner, index = item_of(event.path) or ("", 0)
        if owner in self.steps:
            self.steps[owner].items[index] = step
        elif (includer := includer_of(event.path)) in self.steps:
            self.steps[includer].steps[event.path] = step

    def _intend(self, event: Intent) -> None:
        """A new order, or a further client order id of one that is known."""
        name = self.aliases.enter(event)
        known = self.orders.get(name)
        if known is not None and isinstance(event, ReplaceIntended):
            self.orders[name] = replace(known, clord_ids=(*known.clord_ids, event.clord_id))
            return
        before, order_id = (event.replaces, event.order_id) if isinstance(event, ReplaceIntended) else ("", "")
        ids = (before, event.clord_id) if before else (event.clord_id,)
        self.orders[name] = OrderResult(
            event, order_id, price=event.price, quantity=event.quantity, clord_id=ids[0], clord_ids=ids
        )

    def _order(self, event: OrderSeen | OrderLost) -> None:
        name = self.aliases.of(event)
        known = self.orders.get(name)
        if known is None:
            return
        if isinstance(event, OrderLost):
            # What the venue has shown weighs more than what was concluded where it showed nothing.
            if not known.state.startswith(_SHOWN):
                self.orders[name] = replace(known, state=event.verdict)
            return
        told = event.quantity is not None
        self.orders[name] = replace(
            known,
            clord_id=event.clord_id or known.clord_id,
            order_id=event.order_id,
            state=event.state,
            price=event.price if told else known.price,
            quantity=event.quantity if told else known.quantity,
            filled_quantity=event.filled_quantity,
            average_price=event.average_price,
        )

    def result(self) -> RunResult:
        if self.started is None:
            raise ValueError("a run's events begin with RunStarted")
        return RunResult(
            self.started,
            self.finished,
            tuple(step.result() for path, step in self.steps.items() if not self._is_below(path)),
            tuple(self.orders.values()),
            tuple(self.cleanups.values()),
            tuple(self.resumed),
        )

    def _is_below(self, path: str) -> bool:
        """Whether it is an item of a loop, or a step that another one includes."""
        item = item_of(path)
        return (item is not None and item[0] in self.steps) or includer_of(path) in self.steps


class _StepFolding:
    """One step while folding: lists that grow, made into a frozen result once."""

    def __init__(self, started: StepStarted, items: dict[int, _StepFolding], steps: dict[str, _StepFolding]) -> None:
        self.started = started
        self.items = items
        self.steps = steps
        self.finished: StepFinished | None = None
        self.checks: dict[tuple[str, str], Checked] = {}
        self.captures: dict[str, object] = {}
        self.calls: list[CallMade] = []
        self.notes: list[str] = []

    def take(self, event: Event) -> None:
        match event:
            case Checked():
                # Said once more after a crash, the later one counts.
                self.checks[event.place, event.check] = event
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
            tuple(self.checks.values()),
            dict(self.captures),
            tuple(self.calls),
            tuple(self.notes),
            tuple(self.items[index].result() for index in sorted(self.items)),
            tuple(step.result() for step in self.steps.values()),
        )
