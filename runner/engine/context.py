"""What an action is given while it is performed; the engine's side of ``runner.action.Context``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from dataclasses import replace as copy_of
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from runner.action import Observation, OrderIntent
from runner.clock import Clock, Deadline
from runner.engine.asking import confirmed
from runner.engine.guards import Guards
from runner.engine.intents import Intents
from runner.engine.outcome import retry_reason
from runner.engine.pacing import take_turn
from runner.engine.retrying import DEFAULT_OF_READS
from runner.engine.scope import Scope
from runner.engine.world import World
from runner.errors import Interrupted
from runner.frozen import frozen
from runner.record.events import CallMade, Noted, Verdict, Waiting
from runner.venue.call import Call
from runner.venue.operations import find
from runner.venue.refusals import retry_after

if TYPE_CHECKING:
    from runner.venue.catalogue import Catalogue
    from runner.venue.desk import Desk
    from runner.venue.model import Order
    from runner.venue.operations import Operation
    from runner.venue.pins import PinGuard

T = TypeVar("T")
_LAST_LOOK = 15.0
_WORTH_SAYING = 1.0
_SHORTEST_WAIT = 0.001


@dataclass(slots=True)
class LastCall:
    """The step's last HTTP call, as ``call`` in its expressions."""

    call: Call | None = None

    def plain(self) -> dict[str, Any]:
        """``status``, ``headers`` and ``duration_ms``; empty before the first call."""
        if self.call is None:
            return {}
        return {"status": self.call.status, "headers": dict(self.call.headers), "duration_ms": self.call.duration_ms}


@frozen
class Standing:
    """Who a step, or one item of its loop, acts for and under which rules, and the names that it sees.

    ``guards`` and ``allow_hosts`` are those of its playbook; ``include`` performs the playbook that it includes, if it
    includes one. ``steadfast`` work goes on through an interruption (cleanups, ``finally``, reconciling); ``counted``
    work uses up the limit on requests; ``owes`` says that the step has a cleanup, owed from the moment its order is
    intended.
    """

    path: str
    step: str
    scope: Scope
    participant: str
    account: str
    guards: Guards
    allow_hosts: tuple[str, ...]
    is_cleanup: bool = False
    steadfast: bool = False
    counted: bool = True
    owes: bool = False
    expects_status: bool = False
    include: Callable[[StepContext], Observation] | None = None


@frozen
class StepContext:
    """One attempt of one step."""

    world: World
    standing: Standing
    deadline: Deadline
    attempt: int = 1
    last_call: LastCall = field(default_factory=LastCall)

    @property
    def clock(self) -> Clock:
        """Time."""
        return self.world.services.clock

    @property
    def desk(self) -> Desk:
        """The venue, acting for this step's participant."""
        return self.world.services.venue().desk(
            self.standing.participant, self.standing.account, self.deadline, self._heard, self._about_to, self.note
        )

    @property
    def account(self) -> str:
        """The settings' account, empty if none is set."""
        return self.standing.account

    @property
    def reconcile_window(self) -> float:
        """For how many seconds an order in doubt is looked for."""
        return self.world.services.reconcile_window

    @property
    def is_cleanup(self) -> bool:
        """Whether this undoes an earlier step."""
        return self.standing.is_cleanup

    @property
    def expects_status(self) -> bool:
        """Whether an expectation of the step names ``call.status``, so that a refusal is for it to judge."""
        return self.standing.expects_status

    @property
    def catalogue(self) -> Catalogue:
        """Reference data seen lately."""
        return self.world.catalogue

    @property
    def accounts(self) -> dict[str, str]:
        """The only account of each participant that was asked for one in this run."""
        return self.world.accounts

    @property
    def pins(self) -> PinGuard:
        """Who may be acted as."""
        return self.world.services.pins

    @property
    def allow_hosts(self) -> tuple[str, ...]:
        """Hosts besides the venue's that ``http`` may call."""
        return self.standing.allow_hosts

    def step(self, leaf: str, act: Callable[[], T], settle: Callable[[], T] | None = None) -> T:
        """Do a part of the work once, recorded; raises ``Interrupted`` before it begins if the run is to stop."""
        self.go_on()
        path = self._leaf(leaf)
        if settle is not None and not self.world.recorder.begun(path):
            self._intents.not_late()
        return self.world.recorder.step(path, act, settle)

    def wait(self, seconds: float, reason: str = "") -> None:
        """Let time pass; raises ``Interrupted`` if the run is to stop, unless this work is steadfast.

        Without a ``reason`` the caller has told it.
        """
        self.go_on()
        if reason and seconds >= _WORTH_SAYING:
            self.world.tell(Waiting(self.standing.path, reason, seconds))
        self.pass_time(seconds)

    def pass_time(self, seconds: float) -> None:
        """As ``wait``, without a word."""
        over = Deadline(self.clock, seconds)
        while over.left >= _SHORTEST_WAIT:
            self.world.recorder.sleep_until(self.standing.path, self.clock.now() + timedelta(seconds=over.left))
            self.go_on()

    def sleep_until(self, at: datetime, reason: str) -> None:
        """As ``wait``, until a moment."""
        self.wait((at - self.clock.now()).total_seconds(), reason)

    def looked_up(self, look: Callable[[], T]) -> T:
        """What ``look`` reads before the step sends anything; tried again as a step that only reads would be."""
        for attempt in count(1):
            try:
                return look()
            except Exception as error:
                if not DEFAULT_OF_READS.goes_on(attempt, retry_reason(error)) or not self._backed_off(attempt, error):
                    raise
        raise AssertionError("counting never ends")

    def reconciling(self) -> StepContext:
        """The same, going on past the step's time limit and through an interruption."""
        deadline = Deadline(self.clock, self.world.closing.at_most(self.reconcile_window + _LAST_LOOK))
        return copy_of(self, standing=copy_of(self.standing, steadfast=True, counted=False), deadline=deadline)

    def reading_back(self) -> StepContext:
        """The same, not using up the limit on requests: a limit never leaves an order behind."""
        return copy_of(self, standing=copy_of(self.standing, counted=False))

    def note(self, text: str) -> None:
        """Something a person should know; the same words of one step are told once."""
        note = Noted(self.standing.path, self.world.services.redactor.text(text))
        with self.world.turn:
            if note not in self.world.notes:
                self.world.notes.add(note)
                self.world.tell(note)

    def intend(self, leaf: str, intent: Callable[[str], OrderIntent]) -> tuple[str, OrderIntent]:
        """Hold the order against every limit, then record that it is about to leave and what is owed for it."""
        self.go_on()
        return self._intents.intend(self._leaf(leaf), intent)

    def begun(self, leaf: str) -> bool:
        """Whether a part of the work that may change something was begun, by whichever process."""
        return self.world.recorder.begun(self._leaf(leaf))

    def order_id_now(self, order_id: str) -> str:
        """The id that the venue has for an order by now."""
        return self.world.ledger.order_id_now(order_id)

    def seen(self, order: Order) -> None:
        """The venue told the state of an order."""
        self._intents.seen(order)

    def lost(self, clord_id: str, verdict: Verdict) -> None:
        """What became of an intended order that has no state at the venue, or of a replace not carried out."""
        self._intents.lost(clord_id, verdict)

    def replaced(self, clord_id: str) -> None:
        """A replace was carried out."""
        self._intents.replaced(clord_id)

    def confirm(self, message: str) -> str:
        """Ask a person, once: who agreed."""
        return confirmed(self, message)

    def include(self) -> Observation:
        """Perform the playbook that this step includes."""
        assert self.standing.include is not None  # noqa: S101 - planned for steps that include one alone
        return self.standing.include(self)

    def refuse_if_late(self) -> None:
        """Raise ``GuardRefused`` where nothing new is done, since a process died too long ago."""
        self._intents.not_late()

    @property
    def _intents(self) -> Intents:
        return Intents(self.world, self.standing)

    def _backed_off(self, attempt: int, error: Exception) -> bool:
        """Wait before another look; False, at once, if the step has not the time for it."""
        wait = DEFAULT_OF_READS.wait_after(attempt, error, self.world.services.random)
        if wait >= self.deadline.left:
            return False
        self.note(f"nothing was sent yet, and a look-up is tried again: {error}")
        self.wait(wait, "before the next attempt")
        return True

    def _leaf(self, leaf: str) -> str:
        return f"{self.standing.path}#{self.attempt}/{leaf}"

    def go_on(self) -> None:
        """Raise ``Interrupted`` if the run is to stop, unless this work is steadfast."""
        stop = self.world.services.stop
        if stop.impatient or (self.world.recorder.cancelled() and not self.standing.steadfast):
            raise Interrupted(stop.signal_number or 0)

    def _about_to(self, operation: Operation | None) -> None:
        """Count the call and wait for its turn; one that has none in time is not counted."""
        self.go_on()
        if operation is not None and operation.effect != "reads":
            self.world.recorder.keep()
        self.pins.before(operation, self.standing.participant, lambda: self.reading_back().desk)
        with self._counted():
            if operation is not None and self.world.services.pace is not None:
                take_turn(self, self.world.services.pace, operation)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        if not self.standing.counted:
            yield
            return
        guards = self.standing.guards
        with self.world.turn:
            guards.request()
        try:
            yield
        except Exception:
            with self.world.turn:
                guards.request_not_made()
            raise

    def _heard(self, call: Call) -> None:
        self.last_call.call = call
        if call.status == 429:
            self._limited(call)
        redact = self.world.services.redactor.value
        self.world.tell(
            CallMade(
                self.standing.path,
                call.method,
                str(redact(call.url)),
                call.status,
                call.started_at,
                call.duration_ms,
                redact(call.request),
                redact(call.response),
                self.standing.counted,
            )
        )

    def _limited(self, call: Call) -> None:
        """Every process on this machine holds back when one of them was answered 429."""
        pace, now = self.world.services.pace, self.clock.now()
        operation = find(call.method, call.url.removeprefix(self.world.services.base_url).partition("?")[0])
        if operation is not None and pace is not None:
            pace.limited(operation, now.timestamp(), retry_after(call.headers.get("retry-after", ""), now))
