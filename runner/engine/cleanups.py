"""Paying what is owed: last owed first, each with what is left of the time, until the venue's own state says so."""

from __future__ import annotations

from dataclasses import replace as copy_of

from runner.actions.orders.cancel import cancel, traded
from runner.actions.orders.lookup import find_order, pauses, read_order
from runner.clock import Deadline
from runner.engine.attempts import Performance, policy_of
from runner.engine.context import Standing, StepContext
from runner.engine.outcome import problem_of
from runner.engine.scope import Unrenderable
from runner.engine.steps import Steps
from runner.engine.world import World
from runner.errors import GuardRefused, InDoubt, Refused, StepFailed, Unreachable
from runner.plan.model import PlannedCleanup, PlannedStep
from runner.record.events import CleanupDone, CleanupStatus, OrderIntended, Problem
from runner.venue.model import Order


class _NotFound(InDoubt):
    """An order that may exist is not shown, which proves nothing yet."""


class Cleanups:
    """Everything that a run still owes, and the paying of it."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._world: World = steps.world
        self._deadline = Deadline(steps.world.services.clock, 0)
        self.statuses: set[CleanupStatus] = set()

    def pay(self, deadline: Deadline) -> None:
        """Settle what is owed until ``deadline``, last first; what can't be settled stays owed and says so."""
        self._deadline = deadline
        while self._steps.owed:
            step, standing = self._steps.owed.pop()
            intended = self._intended(step)
            if step.action.terms is not None and intended is None:
                continue
            self._settle(step, standing, intended)

    def _settle(self, step: PlannedStep, standing: Standing, intended: OrderIntended | None) -> None:
        if intended is not None and self._world.over(intended.clord_id):
            self._done(step, "not_needed", self._fate(intended.clord_id))
            return
        try:
            wanted = self._undo_in_time(step, standing, intended)
        except Exception as error:
            problem = problem_of(error, self._world.services.redactor)
            self._failed(step, standing, intended, problem, error)
            return
        if wanted:
            self._done(step, "done", self._fate(intended.clord_id) if intended else "")
        else:
            self._done(step, "not_needed", "its `when` does not hold")

    def _undo_in_time(self, step: PlannedStep, standing: Standing, intended: OrderIntended | None) -> bool:
        """Undo, once more and again while no answer comes and time is left, if nothing can be doubled by it."""
        harmless = all(each.action.effect == "reads" or each.action.repeatable for each in step.cleanup)
        for pause in pauses():
            try:
                return self._undo(step, standing, intended)
            except (Unreachable, _NotFound):
                if not harmless or self._deadline.left <= pause:
                    raise
            self._context(step.path, standing).wait(pause, "before the cleanup is tried again")
        raise AssertionError("pauses never end")

    def _undo(self, step: PlannedStep, standing: Standing, intended: OrderIntended | None) -> bool:
        """Perform the cleanup as written, or without its words where they can't be made; False if it is not wanted."""
        try:
            wanted = self._perform_all(step, standing)
        except Unrenderable:
            if intended is None:
                raise
            wanted = self._without_captures(step, standing, intended)
        if wanted and intended is not None:
            self._confirm(self._context(step.path, standing), intended)
        return wanted

    def _perform_all(self, step: PlannedStep, standing: Standing) -> bool:
        """Perform each act of the cleanup; False if none of them was wanted."""
        wanted = [cleanup for cleanup in step.cleanup if self._wanted(cleanup)]
        for cleanup in wanted:
            self._perform(cleanup, standing)
        return bool(wanted)

    def _wanted(self, cleanup: PlannedCleanup) -> bool:
        scope, when = self._world.scope, cleanup.written.when
        return when if isinstance(when, bool) else bool(scope.code(when, scope.names()))

    def _perform(self, cleanup: PlannedCleanup, standing: Standing) -> None:
        scope, written = self._world.scope, cleanup.written
        own = copy_of(standing, path=cleanup.path, is_cleanup=True, steadfast=True, counted=False)
        seconds = scope.seconds(written.timeout, scope.names()) if written.timeout else self._deadline.left
        deadline = Deadline(self._world.services.clock, min(seconds, self._deadline.left))
        policy = policy_of(cleanup.action, written.retry, lambda retry: scope.seconds(retry.backoff, scope.names()))
        performance = Performance(self._world, cleanup.action, written.arguments, own, deadline, policy)
        failure = performance.once_good(lambda _: True).observation.failure
        if failure is not None:
            raise failure

    def _without_captures(self, step: PlannedStep, standing: Standing, intended: OrderIntended) -> bool:
        """The step's captures were never made: make them from the order as found, else cancel it by its id."""
        context = self._context(step.path, standing)
        found = find_order(context, intended.clord_id, intended.symbol)
        if found is None:
            raise _NotFound(f"order {intended.clord_id} was not found, and its fate is not known")
        if found.order.terminal:
            _expect_unfilled(found.order)
            return True
        try:
            self._steps.capture(step, {"result": found.result, "call": {}})
            return self._perform_all(step, standing)
        except Unrenderable:
            _expect_unfilled(cancel(context, found.order.id, intended.symbol).order)
        return True

    def _confirm(self, context: StepContext, intended: OrderIntended) -> None:
        """The venue's own state must say that the order is over."""
        if self._world.over(intended.clord_id):
            return
        known = self._world.orders.get(intended.clord_id)
        found = read_order(context, known.id, intended.symbol) if known else None
        if found is None or not found.order.terminal:
            state = found.order.state if found else "not known"
            raise InDoubt(f"after the cleanup the order's state is {state}")

    def _failed(
        self, step: PlannedStep, standing: Standing, intended: OrderIntended | None, problem: Problem, error: Exception
    ) -> None:
        """A cleanup that the order's end has overtaken failed; any other one stays owed."""
        over = intended is None or self._world.over(intended.clord_id)
        if over and isinstance(error, (Refused, StepFailed, GuardRefused)):
            self._done(step, "failed", problem.message, problem.help)
        else:
            self._done(step, "owed", self._in_doubt(problem, intended, standing), _what_to_do(intended))

    def _in_doubt(self, problem: Problem, intended: OrderIntended | None, standing: Standing) -> str:
        if intended is None:
            return problem.message
        order: Order | None = self._world.orders.get(intended.clord_id)
        named = f"order {order.id}" if order else "order of unknown id"
        state = order.state if order else self._world.lost.get(intended.clord_id, "not known")
        return (
            f"{named} (client order id {intended.clord_id}, {intended.symbol}, participant "
            f"{standing.participant or 'none'}), last known state {state}: {problem.message}"
        )

    def _fate(self, clord_id: str) -> str:
        order = self._world.orders.get(clord_id)
        if order is None:
            return ""
        return f"{order.id} {order.state.removeprefix('ORDER_STATE_')}"

    def _intended(self, step: PlannedStep) -> OrderIntended | None:
        return self._world.intended.get(step.path)

    def _done(self, step: PlannedStep, status: CleanupStatus, message: str, help: str = "") -> None:
        self.statuses.add(status)
        redact = self._world.services.redactor.text
        self._world.recorder.emit(CleanupDone(step.path, step.written.id, status, redact(message), help))

    def _context(self, path: str, standing: Standing) -> StepContext:
        own = copy_of(standing, path=f"{path}.cleanup", is_cleanup=True, steadfast=True, counted=False)
        return StepContext(self._world, own, self._deadline)


def _expect_unfilled(order: Order) -> None:
    failure = traded(order)
    if failure is not None:
        raise failure


def _what_to_do(intended: OrderIntended | None) -> str:
    if intended is None:
        return "look at the venue yourself and undo what the step did"
    return (
        f"look for the order now: its client order id is {intended.clord_id}; cancel it by its order id and symbol "
        f"{intended.symbol}, or ask the exchange's operations team to"
    )
