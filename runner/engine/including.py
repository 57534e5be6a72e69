"""A playbook performed in the midst of another one: the same run, with names and limits of its own besides.

Its steps are leaves of the run like any others, under the path of the step that includes them: what was recorded is
not done again, and what they owe is the run's.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace as copy_of
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal

from runner.action import Observation
from runner.clock import Deadline
from runner.engine.guards import narrowed
from runner.engine.loops import stops
from runner.engine.scope import Unrenderable
from runner.errors import GuardRefused, InDoubt, Interrupted, PmxError, StepErrored, StepFailed
from runner.plan.including import handed
from runner.plan.names import expressions_of, texts_of
from runner.playbook.inputs import accept
from runner.redact import Secret
from runner.value import WrongValue, counted

if TYPE_CHECKING:
    from runner.engine.context import StepContext
    from runner.engine.single import Single
    from runner.engine.steps import Steps
    from runner.plan.model import Plan
    from runner.playbook.model import Entry, Input
    from runner.record.events import RunStatus

_GOOD = frozenset({"passed", "advisory"})
_Bad = Literal["in_doubt", "refused", "errored", "failed"]
_GRAVEST_FIRST: tuple[_Bad, ...] = ("in_doubt", "refused", "errored", "failed")


@dataclass(slots=True)
class Inclusion:
    """The playbook that one step, or one item of its loop, performs; ``outer`` are the steps that it is among."""

    outer: Steps
    single: Single
    plan: Plan
    performed: bool = False
    _cut_short: str = ""

    def perform(self, context: StepContext) -> Observation:
        """Its steps, then its ``finally``; what it came to, with the reason why the step fails if it did not pass.

        Raises ``GuardRefused`` where its limits do not allow the environment, and ``StepErrored`` or ``Unrenderable``
        for inputs that it does not take; nothing of it was performed then.
        """
        self.performed = True
        below = self._below(self._inputs())
        below.world.guards.own_environment(below.world.services.surroundings.name)
        self._perform_steps(below, context.deadline)
        self._perform_finally(below, context.deadline)
        self.outer.left_out |= below.left_out
        return self._observation(below)

    def recall(self) -> None:
        """Make again what a process before this one recorded; nothing is performed, and nothing told."""
        with contextlib.suppress(Unrenderable, StepErrored):
            below = self._below(self._inputs())
            for step in self.plan.own_steps:
                below.recall(step)

    def _below(self, inputs: Mapping[str, object]) -> Steps:
        world, prefix = self.outer.world, f"{self.single.path}/"
        guards = world.guards.within(prefix, self.plan.bounds, world.recorder.earlier)
        hosts = narrowed(world.allow_hosts, self.plan.playbook.allow_hosts)
        return self.outer.below(prefix, copy_of(world, guards=guards, allow_hosts=hosts), inputs)

    def _inputs(self) -> dict[str, object]:
        """What is handed to it, once.

        A secret, and what tells of people, is not recorded. Where it is missing when a run is taken up again, it stops
        the steps that need it, and nothing else: what was begun may have left something to clean up.
        """
        values, begun = handed(self.single.step.written), self.outer.was_begun(self.single.path)
        inputs: dict[str, object] = {}
        for wanted in self.plan.playbook.inputs:
            entry = values.get(wanted.name)
            try:
                value = None if entry is None else self._value(wanted, entry)
            except Unrenderable:
                if begun:
                    continue
                raise
            inputs[wanted.name] = _taken(wanted, value)
        return inputs

    def _value(self, wanted: Input, entry: Entry) -> Any:
        scope = self.single.scope

        def compute() -> Any:
            return scope.value(entry.value, scope.names())

        if wanted.secret or not any(expressions_of(text) for text in texts_of(entry.value)):
            return compute()
        return self.outer.world.recorder.step(f"{self.single.path}#1/inputs/{wanted.name}", compute)

    def _perform_steps(self, below: Steps, deadline: Deadline) -> None:
        ends = deadline if isfinite(deadline.left) else None
        reached = True
        for step in self.plan.steps:
            cut_short = "" if not reached else self._why_stop(below, deadline, in_finally=step.in_finally)
            self._cut_short = self._cut_short or cut_short
            if reached and not cut_short:
                reached = not stops(step, below.perform(step, ends))
            else:
                below.pass_over(step)

    def _why_stop(self, below: Steps, deadline: Deadline, *, in_finally: bool) -> str:
        if below.world.stopping and not in_finally:
            return "it was broken off"
        return "its time was over" if deadline.passed else ""

    def _perform_finally(self, below: Steps, deadline: Deadline) -> None:
        phase = below.world.closing.phase_below()
        ends = deadline if self.single.step.in_finally and deadline.left < phase.left else phase
        for step in self.plan.finally_:
            if below.world.services.stop.impatient:
                below.pass_over(step)
            else:
                below.perform(step, ends)

    def _observation(self, below: Steps) -> Observation:
        failure = self._failure(below)
        passed = sum(status in _GOOD for status in below.statuses.values())
        count = len(below.statuses)
        learned = counted(count, "step") if passed == count else f"{passed} of {counted(count, 'step')} passed"
        result = {"outputs": self._outputs(below), "status": self._status(failure)}
        return Observation(result, learned, failure)

    def _outputs(self, below: Steps) -> dict[str, object]:
        outputs: dict[str, object] = {}
        for named in self.plan.playbook.outputs:
            with contextlib.suppress(Unrenderable):
                outputs[named.name] = below.scope.code(named.code, below.scope.names())
        return outputs

    def _failure(self, below: Steps) -> PmxError | None:
        """Why it did not pass; it names the first of its steps that did not."""
        signal = below.world.services.stop.signal_number
        bad = next((each for each in _GRAVEST_FIRST if each in below.statuses.values()), None)
        if signal is not None and bad not in ("in_doubt", "refused") and (self._cut_short or bad == "errored"):
            return Interrupted(signal)
        if bad is not None:
            first = next(id for id, status in below.statuses.items() if status == bad)
            return _FAILURES[bad](f"step `{below.prefix}{first}` {_SAID[bad]}")
        if below.left_out:
            return StepErrored("its process died; what was not begun then was not performed")
        if self._cut_short:
            return StepErrored(f"{self._cut_short} before its steps had ended")
        return None

    def _status(self, failure: PmxError | None) -> RunStatus:
        match failure:
            case None:
                return "passed"
            case Interrupted():
                return "interrupted"
            case InDoubt():
                return "in_doubt"
            case GuardRefused():
                return "refused"
            case StepFailed():
                return "failed"
        return "errored"


_FAILURES: Mapping[_Bad, type[PmxError]] = {
    "in_doubt": InDoubt,
    "refused": GuardRefused,
    "errored": StepErrored,
    "failed": StepFailed,
}
_SAID: Mapping[_Bad, str] = {
    "in_doubt": "ended in doubt",
    "refused": "was refused",
    "errored": "could not be carried out",
    "failed": "failed",
}


def _taken(wanted: Input, value: object) -> object:
    """The value as the input has it; null is as good as none at all. Raises ``StepErrored``."""
    if value is None and wanted.has_default:
        return wanted.default
    if wanted.secret:
        if not isinstance(value, Secret):
            raise StepErrored(f"input `{wanted.name}` is a secret one, and takes nothing but a secret")
        return value
    if _holds_secret(value):
        raise StepErrored(f"input `{wanted.name}` is no secret one, and a secret was handed to it")
    try:
        accepted: object = accept(wanted, value)
    except WrongValue as wrong:
        raise StepErrored(f"input `{wanted.name}`: {wrong}", help="nothing of the playbook was performed") from None
    return accepted


def _holds_secret(value: object) -> bool:
    match value:
        case Secret():
            return True
        case Mapping():
            return any(map(_holds_secret, value.values()))
        case list() | tuple():
            return any(map(_holds_secret, value))
    return False
