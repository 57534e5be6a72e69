"""One step from its beginning to its row in the report: when → render → perform → expect → capture."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from runner.clock import Deadline
from runner.engine.attempts import OutOfTime, Performance, Seen, policy_of
from runner.engine.closing import FixedDeadline
from runner.engine.context import Standing
from runner.engine.outcome import problem_of, status_of, under
from runner.engine.scope import CaptureFailed, Unrenderable
from runner.engine.world import World
from runner.errors import InDoubt, StepErrored
from runner.plan.model import Need, PlannedStep
from runner.playbook.model import Expectation, Retry, Text
from runner.record.events import Captured, Checked, CleanupOwed, Problem, StepFinished, StepStarted, StepStatus
from runner.value import shown


@dataclass(slots=True)
class _Row:
    """What is gathered while a step goes on."""

    status: StepStatus = "passed"
    attempts: int = 0
    learned: str = ""
    error: Problem | None = None
    blocked_by: str = ""


@dataclass(slots=True)
class Steps:
    """Performs steps one after the other and remembers how each ended."""

    world: World
    statuses: dict[str, StepStatus] = field(default_factory=dict)
    owed: list[tuple[PlannedStep, Standing]] = field(default_factory=list)
    causes: dict[str, str] = field(default_factory=dict)

    def perform(self, step: PlannedStep, ends: Deadline | None = None) -> StepStatus:
        """Perform one step, of ``finally`` before it ``ends``; whatever goes wrong is in its row, nothing is raised."""
        clock = self.world.services.clock
        began = clock.steady()
        self._started(step)
        row = _Row()
        try:
            self._perform(step, row, ends)
        except Exception as error:
            if isinstance(error, InDoubt):
                self.world.doubts.append(error.clord_id)
            row.status = under(step.written.severity, status_of(error))
            row.error = problem_of(error, self.world.services.redactor)
        self._finished(step, row, round((clock.steady() - began) * 1000))
        return row.status

    def pass_over(self, step: PlannedStep) -> None:
        """A step that is not reached any more."""
        self._started(step)
        self._finished(step, _Row(status="skipped"), 0)

    def _perform(self, step: PlannedStep, row: _Row, ends: Deadline | None) -> None:
        blocked = self._blocked_by(step)
        if blocked is not None:
            row.status, row.blocked_by = "blocked", blocked
            return
        names = self.world.scope.names()
        when = step.written.when
        if not (when if isinstance(when, bool) else self.world.scope.code(when, names)):
            row.status = "skipped"
            return
        standing = self._standing(step)
        if step.cleanup:
            self._owe(step, standing)
        self._act(step, standing, row, self._deadline(step, ends))

    def _act(self, step: PlannedStep, standing: Standing, row: _Row, deadline: Deadline) -> None:
        scope = self.world.scope
        policy = policy_of(step.action, step.written.retry, self._backoff)
        performance = Performance(self.world, step.action, step.written.arguments, standing, deadline, policy)
        repeat = step.written.repeat
        try:
            if repeat is None:
                seen = performance.once_good(lambda seen: self._all_hold(step, seen))
            else:
                until = repeat.until
                seen = performance.until(
                    repeat,
                    lambda seen: bool(scope.code(until, scope.names(seen.names))),
                    lambda seen: self._all_hold(step, seen),
                )
        except OutOfTime as error:
            with contextlib.suppress(CaptureFailed):
                self._conclude(step, error.seen, row)
            raise
        finally:
            row.attempts = performance.attempts
        self._conclude(step, seen, row)

    def _conclude(self, step: PlannedStep, seen: Seen, row: _Row) -> None:
        """What follows on performing: expectations, then captures."""
        row.learned = self.world.services.redactor.text(seen.observation.learned)
        self.world.scope.steps.setdefault(step.written.id, {})["result"] = seen.observation.result
        failed = [each for each in step.expectations if not self._check(step, each, seen)]
        if any(each.severity == "required" for each in failed):
            row.status = under(step.written.severity, "failed")
        self.capture(step, seen.names)
        if seen.observation.failure is not None:
            raise seen.observation.failure

    def capture(self, step: PlannedStep, names: dict[str, object]) -> None:
        """Make the step's captures; raises ``Unrenderable`` for one that can't be computed."""
        for named in step.written.capture:
            try:
                value = self.world.scope.code(named.code, self.world.scope.names(names))
            except Unrenderable as error:
                raise CaptureFailed(f"capture `{named.name}`: {error.message}", error.place, error.help) from error
            self.world.scope.captures[named.name] = value
            self.world.scope.steps.setdefault(step.written.id, {})[named.name] = value
            shown = self.world.services.redactor.value(value)
            self.world.recorder.emit(Captured(step.path, named.name, shown))

    def _check(self, step: PlannedStep, expectation: Expectation, seen: Seen) -> bool:
        scope, code = self.world.scope, expectation.check
        names = scope.names(seen.names)
        try:
            passed = bool(scope.code(code, names))
            because = "" if passed else scope.because(code.expression, names)
        except Unrenderable as error:
            passed, because = False, f"{error.message}. {error.help}".rstrip(". ")
        redact = self.world.services.redactor.text
        self.world.recorder.emit(
            Checked(
                step.path,
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

    def _all_hold(self, step: PlannedStep, seen: Seen) -> bool:
        names = self.world.scope.names(seen.names)
        try:
            return all(self.world.scope.code(each.check, names) for each in step.expectations)
        except Unrenderable:
            return False

    def _blocked_by(self, step: PlannedStep) -> str | None:
        """The step that did not make what this one needs, followed back to the first cause."""
        missing = next((need for need in step.needs if not self._made(need)), None)
        if missing is None:
            return None
        return self.causes.get(missing.owner, missing.owner)

    def _made(self, need: Need) -> bool:
        return (need.capture or "result") in self.world.scope.steps.get(need.owner, {})

    def _owe(self, step: PlannedStep, standing: Standing) -> None:
        """From here on the step's cleanup is owed; an order's only once it is intended."""
        self.owed.append((step, standing))
        if step.action.terms is None:
            self.world.recorder.emit(CleanupOwed(step.path, step.written.id, ""))

    def _standing(self, step: PlannedStep) -> Standing:
        written = step.written
        surroundings = self.world.services.surroundings
        participant = surroundings.participant
        if written.participant is not None:
            participant = self.world.scope.text(written.participant, self.world.scope.names())
            if not isinstance(participant, str):
                raise StepErrored(f"`participant` is a text, not {shown(participant)}", help="nothing was sent")
        return Standing(
            path=step.path,
            step=written.id,
            participant=participant,
            account=surroundings.account,
            steadfast=step.in_finally,
            counted=not step.in_finally,
            owes=bool(step.cleanup),
            expects_status=_expects_status(step),
        )

    def _deadline(self, step: PlannedStep, ends: Deadline | None) -> Deadline:
        timeout, scope = step.written.timeout, self.world.scope
        seconds = step.action.timeout if timeout is None else scope.seconds(timeout, scope.names())
        if ends is None:
            return Deadline(self.world.services.clock, seconds)
        return FixedDeadline(self.world.services.clock, min(seconds, ends.left))

    def _backoff(self, retry: Retry) -> float:
        return self.world.scope.seconds(retry.backoff, self.world.scope.names())

    def _started(self, step: PlannedStep) -> None:
        written, names = step.written, self.world.scope.names()
        self.world.recorder.emit(
            StepStarted(
                step.path,
                written.id,
                self._shown(written.title, names) or step.action.summary,
                written.action,
                written.severity,
                self._shown(written.help, names),
                self.world.services.clock.now(),
            )
        )

    def _finished(self, step: PlannedStep, row: _Row, milliseconds: int) -> None:
        self.statuses[step.written.id] = row.status
        self.world.scope.steps.setdefault(step.written.id, {})["status"] = row.status
        if row.blocked_by:
            self.causes[step.written.id] = row.blocked_by
        self.world.recorder.emit(
            StepFinished(
                step.path,
                row.status,
                self.world.services.clock.now(),
                milliseconds,
                row.attempts,
                row.learned,
                row.error,
                row.blocked_by,
            )
        )

    def _shown(self, text: Text | None, names: Mapping[str, object]) -> str:
        """A title or help text; its template as written if it can't be rendered yet."""
        if text is None:
            return ""
        try:
            value = self.world.scope.text(text, names)
        except Unrenderable:
            value = text.written if isinstance(text.written, str) else text.written.text
        return self.world.services.redactor.text(str(value))


def _expects_status(step: PlannedStep) -> bool:
    return any(
        [str(part.key) for part in reference.parts[:2]] == ["call", "status"]
        for each in step.expectations
        for reference in each.check.expression.names()
    )
