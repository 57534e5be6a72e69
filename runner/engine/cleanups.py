"""Paying what is owed: last owed first, each with what is left of the time, until the venue's own state says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace as copy_of

from runner.actions.orders.cancel import cancel, cancelling_foreseen
from runner.actions.orders.lookup import (
    Found,
    find_order,
    most_looks,
    pauses,
    read_order,
    reading_orders_foreseen,
)
from runner.actions.orders.sending import CLORD_ID_TO_COME
from runner.actions.orders.telling import short, traded
from runner.clock import Deadline
from runner.engine.attempts import Performance, policy_of
from runner.engine.closing import PHASE_SECONDS
from runner.engine.context import Standing, StepContext
from runner.engine.outcome import problem_of
from runner.engine.scope import Scope, Unrenderable
from runner.engine.single import Single
from runner.engine.steps import Steps
from runner.engine.trail import GONE
from runner.engine.world import World
from runner.errors import GuardRefused, InDoubt, Refused, StepFailed, Unreachable
from runner.foreseen import Foreseen
from runner.later import Later
from runner.plan.model import PlannedCleanup, PlannedStep
from runner.record.events import CleanupDone, CleanupStatus, Intent, Problem, ReplaceIntended
from runner.venue.asks import Word
from runner.venue.model import Order


class _NotYet(InDoubt):
    """What the venue shows proves nothing yet: an order that may exist is not there, or one just undone is not over."""


class Cleanups:
    """Everything that a run still owes, and the paying of it."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._world: World = steps.world
        self._deadline = Deadline(steps.world.services.clock, 0)
        self._tried: set[str] = set()

    def pay(self, deadline: Deadline) -> None:
        """Settle what is owed until ``deadline``, last first; what can't be settled stays owed and says so."""
        self._deadline = deadline
        for step, standing in self._steps.unpaid():
            if standing.path in self._tried:
                continue
            self._tried.add(standing.path)
            self._settle(step, standing, self._world.ledger.intended.get(standing.path))

    def _settle(self, step: PlannedStep, standing: Standing, intended: Intent | None) -> None:
        if intended is not None and self._world.ledger.over(intended.clord_id):
            self._done(standing, "not_needed", self._fate(intended.clord_id))
            return
        try:
            wanted = self._undo_in_time(step, standing, intended)
        except Exception as error:
            problem = problem_of(error, self._world.services.redactor)
            self._failed(standing, intended, problem, error)
            return
        if wanted:
            self._done(standing, "done", self._fate(intended.clord_id) if intended else "")
        else:
            self._done(standing, "not_needed", "its `when` does not hold")

    def _undo_in_time(self, step: PlannedStep, standing: Standing, intended: Intent | None) -> bool:
        """Undo, once more and again while no answer comes and time is left, if nothing can be doubled by it."""
        harmless = all(each.action.effect == "reads" or each.action.repeatable for each in step.cleanup)
        for pause in pauses():
            try:
                return self._undo(step, standing, intended)
            except (Unreachable, _NotYet):
                if not harmless or self._deadline.left <= pause:
                    raise
            self._context(standing).wait(pause, "before the cleanup is tried again")
        raise AssertionError("pauses never end")

    def _undo(self, step: PlannedStep, standing: Standing, intended: Intent | None) -> bool:
        """Perform the cleanup as written, or without its words where they can't be made; False if it is not wanted."""
        try:
            wanted = self._perform_all(step, standing)
        except Unrenderable:
            if intended is None:
                raise
            wanted = self._without_captures(step, standing, intended)
        if wanted and intended is not None:
            self._confirm(self._context(standing), intended)
        return wanted

    def _perform_all(self, step: PlannedStep, standing: Standing) -> bool:
        """Perform each act of the cleanup; False if none of them was wanted."""
        wanted = [(index, each) for index, each in enumerate(step.cleanup) if self._wanted(each, standing.scope)]
        for index, cleanup in wanted:
            self._perform(cleanup, f"{standing.path}.cleanup[{index}]", standing)
        return bool(wanted)

    def _wanted(self, cleanup: PlannedCleanup, scope: Scope) -> bool:
        when = cleanup.written.when
        return when if isinstance(when, bool) else bool(scope.code(when, scope.names()))

    def _perform(self, cleanup: PlannedCleanup, path: str, standing: Standing) -> None:
        scope, written = standing.scope, cleanup.written
        own = _standing(standing, path)
        seconds = scope.seconds(written.timeout, scope.names()) if written.timeout else self._deadline.left
        deadline = Deadline(self._world.services.clock, min(seconds, self._deadline.left))
        policy = policy_of(cleanup.action, written.retry, lambda retry: scope.seconds(retry.backoff, scope.names()))
        performance = Performance(self._world, cleanup.action, written.arguments, own, deadline, policy)
        failure = performance.once_good(lambda _: True).observation.failure
        if failure is not None:
            raise failure

    def _without_captures(self, step: PlannedStep, standing: Standing, intended: Intent) -> bool:
        """The step's captures were never made: make them from the order as found, else cancel it by its id."""
        context = self._context(standing)
        found = self._find(context, intended)
        if found is None:
            raise _NotYet(f"order {intended.clord_id} was not found, and its fate is not known")
        if found.order.terminal:
            _expect_unfilled(found.order)
            return True
        try:
            single = Single(self._world, step, standing.path, standing.scope)
            single.capture({"result": found.result, "call": {}})
            return self._perform_all(step, standing)
        except Unrenderable:
            _expect_unfilled(cancel(context, found.order.id, intended.symbol).order)
        return True

    def _find(self, context: StepContext, intended: Intent) -> Found | None:
        """The order by the id that the venue has for it by now, if it ever told one; a replace renames it."""
        known = self._world.ledger.seen(intended.clord_id)
        if known is not None:
            return read_order(context, known.order_id, intended.symbol)
        if isinstance(intended, ReplaceIntended):
            return read_order(context, intended.order_id, intended.symbol)
        return find_order(context, intended.clord_id, intended.symbol)

    def _confirm(self, context: StepContext, intended: Intent) -> None:
        """The venue's own state must say that the order is over; a replace may have been undone by another one."""
        if isinstance(intended, ReplaceIntended) or self._world.ledger.over(intended.clord_id):
            return
        known = self._world.ledger.seen(intended.clord_id)
        found = read_order(context, known.order_id, intended.symbol) if known else None
        if found is None or not found.order.terminal:
            state = found.order.state if found else "not known"
            raise _NotYet(f"after the cleanup the order's state is {state}")

    def _failed(self, standing: Standing, intended: Intent | None, problem: Problem, error: Exception) -> None:
        """A cleanup that the order's end has overtaken failed; any other one stays owed."""
        over = intended is None or self._world.ledger.over(intended.clord_id)
        if over and isinstance(error, (Refused, StepFailed, GuardRefused)):
            self._done(standing, "failed", problem.message, problem.help)
        else:
            self._done(standing, "owed", self._in_doubt(problem, intended, standing), _what_to_do(intended))

    def _in_doubt(self, problem: Problem, intended: Intent | None, standing: Standing) -> str:
        if intended is None:
            return problem.message
        seen = self._world.ledger.seen(intended.clord_id)
        named = f"order {seen.order_id}" if seen else "order of unknown id"
        state = self._world.ledger.state(intended.clord_id)
        return (
            f"{named} (client order id {intended.clord_id}, {intended.symbol}, participant "
            f"{standing.participant or 'none'}), last known state {state}: {problem.message}"
        )

    def _fate(self, clord_id: str) -> str:
        seen = self._world.ledger.seen(clord_id)
        if self._world.ledger.settled(clord_id) in GONE:
            return "the replace was not carried out"
        return "" if seen is None else f"{seen.order_id} {short(seen.state)}"

    def _done(self, standing: Standing, status: CleanupStatus, message: str, help: str = "") -> None:
        redact = self._world.services.redactor.text
        self._world.tell(CleanupDone(standing.path, standing.step, status, redact(message), help))

    def _context(self, standing: Standing) -> StepContext:
        own = copy_of(
            standing, path=f"{standing.path}.cleanup", is_cleanup=True, steadfast=True, counted=False, owes=False
        )
        return StepContext(self._world, own, self._deadline)


def undoing_foreseen(symbol: Word) -> Iterator[Foreseen]:
    """The calls by which an order is settled where its cleanup could not be made as written, or did not tell its end.

    They are tried again while no answer comes.
    """
    order_id, tries = Later("order id, as found"), most_looks(PHASE_SECONDS)
    by_ours = reading_orders_foreseen({"clordId": CLORD_ID_TO_COME}, symbol, tries, "looking for the order, if lost")
    by_theirs = reading_orders_foreseen({"orderId": order_id}, symbol, tries, "to see that the order is over")
    for each in (*by_ours, *cancelling_foreseen(order_id, symbol, PHASE_SECONDS), *by_theirs):
        yield copy_of(each, trouble=True, counted=False)


def _standing(standing: Standing, path: str) -> Standing:
    """A cleanup's own: it owes nothing itself."""
    return copy_of(standing, path=path, is_cleanup=True, steadfast=True, counted=False, owes=False)


def _expect_unfilled(order: Order) -> None:
    failure = traded(order)
    if failure is not None:
        raise failure


def _what_to_do(intended: Intent | None) -> str:
    if intended is None:
        return "look at the venue yourself and undo what the step did"
    return (
        f"look for the order now: its client order id is {intended.clord_id}; cancel it by its order id and symbol "
        f"{intended.symbol}, or ask the exchange's operations team to"
    )
