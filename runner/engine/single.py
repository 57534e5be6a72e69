"""One step, or one item of a loop, from its beginning to its row: when → render → perform → expect → capture."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from runner.action import Observation
from runner.clock import Deadline
from runner.engine.attempts import OutOfTime, Performance, Seen, policy_of
from runner.engine.closing import FixedDeadline
from runner.engine.context import Standing, StepContext
from runner.engine.outcome import Outcome, problem_of, status_of, under
from runner.engine.scope import CaptureFailed, Scope, Unrenderable
from runner.engine.world import World
from runner.errors import InDoubt, StepErrored
from runner.plan.model import PlannedStep
from runner.playbook.model import Expectation, Retry, Text
from runner.record.events import Captured, Checked, CleanupOwed, Problem, StepFinished, StepStarted, StepStatus
from runner.value import shown


@dataclass(slots=True)
class Row:
    """What is gathered of a step while it goes on; ``doubt`` and ``of_end`` as in ``Outcome``."""

    status: StepStatus = "passed"
    attempts: int = 0
    learned: str = ""
    error: Problem | None = None
    blocked_by: str = ""
    doubt: str | None = None
    of_end: bool = False


@dataclass(slots=True)
class Single:
    """Performs one step within one scope; ``ends`` is by when, for a step of ``finally``.

    ``item`` shows the item that it is for, one ``of`` so many, in a loop. ``include`` performs the playbook that it
    includes, if it includes one.
    """

    world: World
    step: PlannedStep
    path: str
    scope: Scope
    ends: Deadline | None = None
    item: str = ""
    of: int = 0
    include: Callable[[StepContext], Observation] | None = None

    @property
    def name(self) -> str:
        """What people call its step: by its id, and by the step that includes it."""
        return f"{self.path.rpartition('/')[0]}/{self.step.written.id}".removeprefix("/")

    def perform(self, blocked: Row | None, owe: Callable[[Standing], None]) -> Outcome:
        """Perform it; whatever goes wrong is in its row, nothing is raised.

        ``blocked`` is its row if what it needs was not made. ``owe`` is told when its cleanup becomes owed.
        """
        began = self.world.services.clock.steady()
        self.started()
        row = self._left_out() or blocked or Row()
        try:
            if row.status == "passed":
                if self._wanted():
                    self._perform(row, owe)
                else:
                    row.status = "skipped"
        except Exception as error:
            if isinstance(error, InDoubt) and self.include is None:
                row.doubt = error.clord_id or self.world.ledger.clord_id_of(error.order_id)
                row.of_end = error.of_end
            row.status = under(self.step.written.severity, status_of(error))
            row.error = problem_of(error, self.world.services.redactor)
        self.finished(row, began)
        return Outcome(row.status, dict(self._own()), row.blocked_by, row.doubt, row.attempts, row.of_end)

    def pass_over(self) -> None:
        """It is not reached any more."""
        self.started()
        self.finished(self._left_out() or Row("skipped"), self.world.services.clock.steady())

    def standing(self) -> Standing:
        """Who it acts for; raises ``Unrenderable`` or ``StepErrored`` for a participant that can't be told."""
        participant, surroundings = self._participant(), self.world.services.surroundings
        return Standing(
            path=self.path,
            step=self.name,
            scope=self.scope,
            participant=participant,
            # The settings' account is their participant's; whoever else acts has others.
            account=surroundings.account if participant == surroundings.participant else "",
            guards=self.world.guards,
            allow_hosts=self.world.allow_hosts,
            steadfast=self.step.in_finally,
            counted=not self.step.in_finally,
            owes=bool(self.step.cleanup),
            expects_status=_expects_status(self.step),
            include=self.include,
        )

    def capture(self, names: Mapping[str, object]) -> None:
        """Make the step's captures; raises ``Unrenderable`` for one that can't be computed."""
        for named in self.step.written.capture:
            try:
                value = self.scope.code(named.code, self.scope.names(names))
            except Unrenderable as error:
                raise CaptureFailed(f"capture `{named.name}`: {error.message}", error.place, error.help) from error
            self.scope.captures[named.name] = value
            self._own()[named.name] = value
            self.world.tell(Captured(self.path, named.name, self.world.services.redactor.value(value)))

    def started(self) -> None:
        """Say that it begins."""
        written, names = self.step.written, self.scope.names()
        self.world.tell(
            StepStarted(
                self.path,
                written.id,
                self._shown(written.title, names) or self.step.action.summary,
                written.action,
                written.severity,
                self._shown(written.help, names),
                self.world.services.clock.now(),
                self.item,
                self.of,
            )
        )

    def finished(self, row: Row, began: float) -> None:
        """Say how it ended; ``began`` on the steady clock."""
        clock = self.world.services.clock
        self.world.tell(
            StepFinished(
                self.path,
                row.status,
                clock.now(),
                round((clock.steady() - began) * 1000),
                row.attempts,
                row.learned,
                row.error,
                row.blocked_by,
            )
        )

    def _participant(self) -> str:
        """The participant of its order, if it intended one; else the step's own or the settings'."""
        intended = self.world.ledger.intended.get(self.path)
        if intended is not None:
            return intended.participant
        written = self.step.written.participant
        if written is None:
            return self.world.services.surroundings.participant
        participant = self.scope.text(written, self.scope.names())
        if not isinstance(participant, str):
            raise StepErrored(f"`participant` is a text, not {shown(participant)}", help="nothing was sent")
        return participant

    def _left_out(self) -> Row | None:
        left_out = self.step.left_out
        return None if left_out is None else Row("skipped", learned=left_out.reason)

    def _own(self) -> dict[str, object]:
        """What the step made: its ``result``, and each capture by its name."""
        return self.scope.steps.setdefault(self.step.written.id, {})

    def _wanted(self) -> bool:
        when = self.step.written.when
        if isinstance(when, bool):
            return when
        if self.include is None:
            return bool(self.scope.code(when, self.scope.names()))
        # recorded, so that a playbook which was begun is never left as if it had not been
        return self.world.recorder.step(f"{self.path}#1/when", lambda: bool(self.scope.code(when, self.scope.names())))

    def _perform(self, row: Row, owe: Callable[[Standing], None]) -> None:
        standing = self.standing()
        if self.step.cleanup:
            owe(standing)
            if self.step.action.terms is None:
                self.world.tell(CleanupOwed(self.path, self.name, ""))
        self._act(standing, row, self._deadline())

    def _act(self, standing: Standing, row: Row, deadline: Deadline) -> None:
        step, scope = self.step, self.scope
        policy = policy_of(step.action, step.written.retry, self._backoff)
        performance = Performance(self.world, step.action, step.written.arguments, standing, deadline, policy)
        repeat = step.written.repeat
        try:
            if repeat is None:
                seen = performance.once_good(self._all_hold)
            else:
                until = repeat.until
                seen = performance.until(
                    repeat, lambda seen: bool(scope.code(until, scope.names(seen.names))), self._all_hold
                )
        except OutOfTime as error:
            with contextlib.suppress(CaptureFailed):
                self._conclude(error.seen, row)
            raise
        finally:
            row.attempts = performance.attempts
        self._conclude(seen, row)

    def _conclude(self, seen: Seen, row: Row) -> None:
        """What follows on performing: expectations, then captures."""
        row.learned = self.world.services.redactor.text(seen.observation.learned)
        self._own()["result"] = seen.observation.result
        failed = [each for each in self.step.expectations if not self._check(each, seen)]
        if any(each.severity == "required" for each in failed):
            row.status = under(self.step.written.severity, "failed")
        failure = seen.observation.failure
        # what went wrong tells more, and may weigh more, than a capture that can't be made because of it
        with contextlib.suppress(CaptureFailed) if failure is not None else contextlib.nullcontext():
            self.capture(seen.names)
        if failure is not None:
            raise failure

    def _check(self, expectation: Expectation, seen: Seen) -> bool:
        scope, code = self.scope, expectation.check
        names = scope.names(seen.names)
        redact = self.world.services.redactor.text
        try:
            passed, problem = bool(scope.code(code, names)), ""
        except Unrenderable as error:
            passed, problem = False, error.message
        because = "" if passed else scope.because(code.expression, names, redact) or problem
        self.world.tell(
            Checked(
                self.path,
                code.expression.text,
                passed,
                redact(because),
                str(code.span),
                self._shown(expectation.title, names),
                self._shown(expectation.help, names),
                expectation.severity,
            )
        )
        return passed

    def _all_hold(self, seen: Seen) -> bool:
        names = self.scope.names(seen.names)
        try:
            return all(self.scope.code(each.check, names) for each in self.step.expectations)
        except Unrenderable:
            return False

    def _deadline(self) -> Deadline:
        timeout, clock = self.step.written.timeout, self.world.services.clock
        seconds = self.step.action.timeout if timeout is None else self.scope.seconds(timeout, self.scope.names())
        return Deadline(clock, seconds) if self.ends is None else FixedDeadline(clock, min(seconds, self.ends.left))

    def _backoff(self, retry: Retry) -> float:
        return self.scope.seconds(retry.backoff, self.scope.names())

    def _shown(self, text: Text | None, names: Mapping[str, object]) -> str:
        """A title or help text; its template as written if it can't be rendered yet."""
        if text is None:
            return ""
        try:
            value = self.scope.text(text, names)
        except Unrenderable:
            value = text.written if isinstance(text.written, str) else text.written.text
        return self.world.services.redactor.text(str(value))


def _expects_status(step: PlannedStep) -> bool:
    return any(
        [str(part.key) for part in reference.parts[:2]] == ["call", "status"]
        for each in step.expectations
        for reference in each.check.expression.names()
    )
