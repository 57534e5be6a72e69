"""What an action is given while it is performed; the engine's side of ``runner.action.Context``."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from dataclasses import replace as copy_of
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from runner.action import OrderIntent
from runner.clock import Clock, Deadline
from runner.engine.pacing import take_turn
from runner.engine.scope import Scope
from runner.engine.world import World
from runner.errors import GuardRefused, Interrupted, StepErrored
from runner.frozen import frozen
from runner.record.events import (
    CallMade,
    CleanupOwed,
    Event,
    Noted,
    OrderIntended,
    OrderLost,
    OrderSeen,
    Verdict,
    Waiting,
)
from runner.venue.call import Call
from runner.venue.operations import find
from runner.venue.participant import firm_of
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

    ``steadfast`` work goes on through an interruption (cleanups, ``finally``, reconciling); ``counted`` work uses up
    the limit on requests; ``owes`` says that the step has a cleanup, owed from the moment its order is intended.
    """

    path: str
    step: str
    scope: Scope
    participant: str
    account: str
    is_cleanup: bool = False
    steadfast: bool = False
    counted: bool = True
    owes: bool = False
    expects_status: bool = False


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
        return self.world.allow_hosts

    def step(self, leaf: str, act: Callable[[], T], settle: Callable[[], T] | None = None) -> T:
        """Do a part of the work once, recorded; raises ``Interrupted`` before it begins if the run is to stop."""
        self._go_on()
        path = self._leaf(leaf)
        if settle is not None and not self.world.recorder.begun(path):
            self._not_late()
        return self.world.recorder.step(path, act, settle)

    def wait(self, seconds: float, reason: str) -> None:
        """Let time pass; raises ``Interrupted`` if the run is to stop, unless this work is steadfast."""
        self._go_on()
        if seconds >= _WORTH_SAYING:
            self.world.tell(Waiting(self.standing.path, reason, seconds))
        self.pass_time(seconds)

    def pass_time(self, seconds: float) -> None:
        """As ``wait``, without a word."""
        over = Deadline(self.clock, seconds)
        while over.left >= _SHORTEST_WAIT:
            self.world.recorder.sleep_until(self.standing.path, self.clock.now() + timedelta(seconds=over.left))
            self._go_on()

    def sleep_until(self, at: datetime, reason: str) -> None:
        """As ``wait``, until a moment."""
        self.wait((at - self.clock.now()).total_seconds(), reason)

    def reconciling(self) -> StepContext:
        """The same, going on past the step's time limit and through an interruption."""
        deadline = Deadline(self.clock, self.world.closing.at_most(self.reconcile_window + _LAST_LOOK))
        return copy_of(self, standing=copy_of(self.standing, steadfast=True, counted=False), deadline=deadline)

    def reading_back(self) -> StepContext:
        """The same, not using up the limit on requests: a limit never leaves an order behind."""
        return copy_of(self, standing=copy_of(self.standing, counted=False))

    def note(self, text: str) -> None:
        """Something a person should know."""
        self.world.tell(Noted(self.standing.path, self.world.services.redactor.text(text)))

    def intend(self, leaf: str, intent: Callable[[str], OrderIntent]) -> tuple[str, OrderIntent]:
        """Hold the order against every limit, then record that it is about to leave and what is owed for it.

        ``leaf`` is the part of the work that will send it. One that was recorded before the process died is given as
        recorded; if it was begun to be sent, no limit is asked any more.
        """
        self._go_on()
        recorded = self.world.ledger.intended.get(self.standing.path)
        if recorded is not None and self.world.recorder.begun(self._leaf(leaf)):
            self._refuse_what_is_gone(recorded)
            return recorded.clord_id, _as_intended(recorded)
        self._not_late()
        clord_id = self._clord_id()
        order = intent(clord_id) if recorded is None else _as_intended(recorded)
        services = self.world.services
        with self.world.turn, services.shared.turn():
            firm = firm_of(self.standing.participant)
            self.world.guards.order(clord_id, order, firm, self.clock.now(), services.clock_offset_ms())
            self._record_intent(clord_id, order)
        return clord_id, order

    def seen(self, order: Order) -> None:
        """The venue told the state of an order."""
        told = OrderSeen(
            self.standing.path, order.clord_id, order.id, order.state, order.filled_quantity, order.average_price
        )
        with self.world.turn:
            known = self.world.ledger.seen(order.clord_id)
            if known is None or copy_of(known, path=told.path) != told:
                self.world.tell(told)

    def lost(self, clord_id: str, verdict: Verdict) -> None:
        """What became of an intended order that has no state at the venue."""
        self.world.tell(OrderLost(self.standing.path, clord_id, verdict))

    def _leaf(self, leaf: str) -> str:
        return f"{self.standing.path}#{self.attempt}/{leaf}"

    def _not_late(self) -> None:
        """Refuse to change something that a process which died should have changed long ago."""
        if self.world.going != "on" and not self.standing.steadfast:
            raise GuardRefused(
                f"step `{self.standing.step}` would change something, and this run was broken off too long ago",
                help="what it had begun is settled and cleaned up; run the playbook anew if it is still wanted",
            )

    def _refuse_what_is_gone(self, recorded: OrderIntended) -> None:
        """An order that the venue was known not to have, when the process died, needs no further look."""
        ledger = self.world.ledger
        if ledger.over(recorded.clord_id) and ledger.seen(recorded.clord_id) is None:
            raise StepErrored(
                f"order {recorded.clord_id} was sent before the process died, and never came to be "
                f"({ledger.state(recorded.clord_id).replace('_', ' ')})",
                help="it is not sent again; run the playbook anew if it is still wanted",
            )

    def _record_intent(self, clord_id: str, order: OrderIntent) -> None:
        events: list[Event] = [self._intended(clord_id, order)]
        if self.standing.owes:
            events.append(CleanupOwed(self.standing.path, self.standing.step, clord_id))
        self.world.tell(*events)

    def _go_on(self) -> None:
        stop = self.world.services.stop
        if stop.impatient or (self.world.recorder.cancelled() and not self.standing.steadfast):
            raise Interrupted(stop.signal_number or 0)

    def _about_to(self, operation: Operation | None) -> None:
        """Count the call and wait for its turn; one that has none in time is not counted."""
        self._go_on()
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
        guards = self.world.guards
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

    def _clord_id(self) -> str:
        """The id that any later process knows, too: made of nothing but where, who, which run and which step."""
        parts = (
            self.world.services.base_url,
            firm_of(self.standing.participant),
            self.world.run_id,
            self.standing.path,
        )
        return str(uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(parts)))

    def _intended(self, clord_id: str, order: OrderIntent) -> OrderIntended:
        return OrderIntended(
            self.standing.path,
            clord_id,
            order.symbol,
            order.side,
            order.price,
            order.quantity,
            order.exposure,
            self.standing.participant,
            order.account,
            dict(order.body),
            self.clock.now(),
        )


def _as_intended(recorded: OrderIntended) -> OrderIntent:
    return OrderIntent(
        recorded.symbol,
        recorded.side,
        recorded.price,
        recorded.quantity,
        recorded.exposure,
        recorded.account,
        recorded.body,
    )
