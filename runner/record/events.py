"""What happened in a run, in the past tense and in sequence.

Everything that is shown or kept of a run is made from these values. ``path`` names a step for ever: ``order``,
``finally.tidy``, ``order.cleanup[0]``; an item of a loop: ``place[2]``. A loop's step starts before its items and
finishes after them; between, the events of items that go on at once come mixed. Values are plain data (texts, numbers,
exact decimals, aware times, lists, mappings), never a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

from runner.frozen import frozen

StepStatus = Literal["passed", "failed", "errored", "skipped", "blocked", "advisory", "refused", "in_doubt"]
RunStatus = Literal["passed", "failed", "errored", "refused", "in_doubt", "interrupted"]
Severity = Literal["required", "advisory"]
Verdict = Literal["refused", "not_sent", "not_found", "inconclusive"]
ReplaceVerdict = Literal["carried_out", "refused", "not_sent", "not_found", "inconclusive"]
CleanupStatus = Literal["done", "not_needed", "failed", "owed"]
Going = Literal["on", "late", "ending"]


@frozen
class Surroundings:
    """Where a run acts: shown in its first line and in every report."""

    name: str
    host: str
    participant: str
    account: str


@frozen
class Problem:
    """Why a step ended other than well; ``place`` is where in the file, empty if nowhere."""

    kind: str
    message: str
    help: str = ""
    place: str = ""


@frozen
class RunStarted:
    """A run began; ``sha256`` is that of the playbook's text."""

    run_id: str
    at: datetime
    tool_version: str
    playbook: str
    path: str
    sha256: str
    surroundings: Surroundings


@frozen
class RunResumed:
    """Another process took the run up after the one before it had died.

    ``going``: ``on`` to its end; ``late``: nothing new is changed; ``ending``: only settled and cleaned up. ``done`` of
    its ``of`` steps had come to their end.
    """

    at: datetime
    going: Going
    done: int = 0
    of: int = 0


@frozen
class StepStarted:
    """A step, or an item of a loop, is about to do something; said before its first request leaves.

    Of an item ``item`` is its value in short (``shown``, redacted) and ``of`` the number of the loop's items.
    """

    path: str
    id: str
    title: str
    action: str
    severity: Severity
    help: str
    at: datetime
    item: str = ""
    of: int = 0


@frozen
class CallMade:
    """One HTTP exchange, answered or not. ``request`` and ``response`` are redacted plain data.

    ``counted`` is whether it uses up the limit on requests.
    """

    path: str
    method: str
    url: str
    status: int | None
    started_at: datetime
    duration_ms: int
    request: object
    response: object
    counted: bool = True


@frozen
class AttemptFailed:
    """An attempt of a step went wrong and another follows after ``wait`` seconds."""

    path: str
    attempt: int
    message: str
    wait: float


@frozen
class Checked:
    """An expectation was evaluated. ``because`` gives the values of its parts if it did not hold."""

    path: str
    check: str
    passed: bool
    because: str
    place: str
    title: str = ""
    help: str = ""
    severity: Severity = "required"


@frozen
class Captured:
    """A name got its value."""

    path: str
    name: str
    value: object


@frozen
class OrderIntended:
    """An order is about to leave; ``body`` is exactly what will be sent.

    ``price`` (dollars) is None for an order without one, ``quantity`` (contracts) for one by cash. ``exposure`` is
    what it can lose, in dollars, fees aside.
    """

    path: str
    clord_id: str
    symbol: str
    side: str
    price: Decimal | None
    quantity: Decimal | None
    exposure: Decimal
    participant: str
    account: str
    body: Mapping[str, object]
    at: datetime


@frozen
class ReplaceIntended:
    """An order's terms are about to be changed; ``body`` is exactly what will be sent.

    ``clord_id`` is the order's once it is replaced, ``replaces`` the one that it had before (empty if none), and
    ``order_id`` the venue's. ``price`` (dollars, None for an order without one), ``quantity`` (contracts) and
    ``exposure`` (dollars) are those of the whole order as it will be; ``added`` is what it can lose more than before.
    """

    path: str
    clord_id: str
    order_id: str
    replaces: str
    symbol: str
    side: str
    price: Decimal | None
    quantity: Decimal
    exposure: Decimal
    added: Decimal
    participant: str
    account: str
    body: Mapping[str, object]
    at: datetime


@frozen
class ReplaceSettled:
    """What became of an intended replace.

    ``carried_out``: the venue shows the order with the new client order id or the new terms. The other verdicts are
    those of ``OrderLost``; the order itself is there and works on, or is over, as ``OrderSeen`` tells.
    """

    path: str
    clord_id: str
    verdict: ReplaceVerdict


@frozen
class OrderSeen:
    """The venue told an order's state. Quantities in contracts, prices in dollars.

    A ``quantity`` of None is of a record that did not tell the terms, ``price`` included.
    """

    path: str
    clord_id: str
    order_id: str
    state: str
    filled_quantity: Decimal
    average_price: Decimal | None
    price: Decimal | None = None
    quantity: Decimal | None = None


@frozen
class OrderLost:
    """An intended order that has no state at the venue.

    ``refused``: the venue said no. ``not_sent``: no byte of it left, or none after a 429. ``not_found``: its answer was
    lost, and a thorough look did not find it. ``inconclusive``: nobody could tell.
    """

    path: str
    clord_id: str
    verdict: Verdict


@frozen
class CleanupOwed:
    """From here on something must be undone, whatever happens. ``clord_id`` is the order's, if it is about one."""

    path: str
    step: str
    clord_id: str


@frozen
class CleanupDone:
    """What was owed is settled, or could not be: ``owed`` means a person must look."""

    path: str
    step: str
    status: CleanupStatus
    message: str = ""
    help: str = ""


@frozen
class Noted:
    """Something a person should know and no reason to fail."""

    path: str
    text: str


@frozen
class Waiting:
    """A step lets time pass for a reason, ``seconds`` from now at most.

    Of a poll ``until`` is its condition as it is written, ``tries`` how often it was looked at, and ``spent`` and
    ``left`` are the seconds since its first look and until it gives up.
    """

    path: str
    reason: str
    seconds: float
    until: str = ""
    tries: int = 0
    spent: float = 0.0
    left: float = 0.0


@frozen
class Asked:
    """A person is about to be asked at the terminal whether to go on."""

    path: str
    question: str


@frozen
class StepFinished:
    """A step came to its end. ``blocked_by`` is the id of the step that caused a block."""

    path: str
    status: StepStatus
    at: datetime
    duration_ms: int
    attempts: int
    learned: str = ""
    error: Problem | None = None
    blocked_by: str = ""


@frozen
class RunFinished:
    """The run came to its end. ``clock_offset_ms``: the venue's clock minus ours, None if it could not be measured."""

    status: RunStatus
    exit_code: int
    at: datetime
    duration_ms: int
    outputs: Mapping[str, object]
    clock_offset_ms: int | None
    error: Problem | None = None


Event: TypeAlias = (
    RunStarted
    | RunResumed
    | StepStarted
    | CallMade
    | AttemptFailed
    | Checked
    | Captured
    | OrderIntended
    | ReplaceIntended
    | ReplaceSettled
    | OrderSeen
    | OrderLost
    | CleanupOwed
    | CleanupDone
    | Noted
    | Waiting
    | Asked
    | StepFinished
    | RunFinished
)

Intent: TypeAlias = OrderIntended | ReplaceIntended
"""What was announced before it was sent, under a client order id of its own."""
