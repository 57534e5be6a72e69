"""The steps of a run, one after the other: what each made for those after it, and what it left to be cleaned up."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from runner.clock import Deadline
from runner.engine.context import Standing
from runner.engine.including import Inclusion
from runner.engine.loops import Loops
from runner.engine.outcome import Outcome
from runner.engine.scope import Scope, Unrenderable
from runner.engine.single import Row, Single
from runner.engine.world import Doubt, World
from runner.errors import StepErrored
from runner.plan.model import LeftOut, Need, PlannedStep
from runner.record.events import Problem, StepStatus


@dataclass(slots=True)
class Steps:
    """Performs steps and remembers how each ended.

    ``debts`` are by path, in the sequence they were incurred; ``left_out`` is whether a step was not performed since
    the run is only to be brought to its end. ``before_start`` says of each step that ``--from`` left out what those are
    told that need it; ``cut_off`` is whether one that counts did. ``prefix`` is what their paths begin
    with, empty but for included ones.
    """

    world: World
    scope: Scope
    statuses: dict[str, StepStatus] = field(default_factory=dict)
    debts: dict[str, tuple[PlannedStep, Standing]] = field(default_factory=dict)
    causes: dict[str, str] = field(default_factory=dict)
    before_start: dict[str, Problem] = field(default_factory=dict)
    left_out: bool = False
    cut_off: bool = False
    prefix: str = ""

    def below(self, prefix: str, world: World, inputs: Mapping[str, object]) -> Steps:
        """The steps of a playbook that one of these includes: what they owe is owed together with all else."""
        return Steps(world, self.scope.of_playbook(inputs), debts=self.debts, prefix=prefix)

    def path_of(self, step: PlannedStep) -> str:
        """The path of a step in this run."""
        return self.prefix + step.name

    def perform(self, step: PlannedStep, ends: Deadline | None = None) -> StepStatus:
        """Perform one step, of ``finally`` before it ``ends``; whatever goes wrong is in its row, nothing is raised."""
        path = self.path_of(step)
        if self.world.going == "ending" and step.left_out is None and not self.was_begun(path):
            self.left_out = True
            return self.pass_over(step)
        if step.written.loop is None or step.left_out is not None:
            outcome = self.one(Single(self.world, step, path, self.scope, ends))
        else:
            outcome = Loops(self, step, step.written.loop, ends).perform()
            _make(step, outcome, self.scope)
        self._remember(step, outcome)
        return outcome.status

    def one(self, single: Single) -> Outcome:
        """One step or one item, once: if it came to its end before, what was recorded of it."""
        step, path = single.step, single.path
        inclusion = None if step.included is None else Inclusion(self, single, step.included)
        single.include = inclusion.perform if inclusion else None
        blocked = self.blocked(step)
        recorded = self.world.recorder.step(
            path, lambda: single.perform(blocked, lambda standing: self._owe(step, standing)).plain()
        )
        outcome = Outcome.of(recorded)
        self._learn(single, outcome)
        if inclusion is not None and not inclusion.performed:
            inclusion.recall()
        return outcome

    def recall(self, step: PlannedStep) -> None:
        """Make again what was recorded of a step; nothing is performed, and nothing told."""
        if step.written.loop is None or step.left_out is not None:
            outcome = self.recalled(Single(self.world, step, self.path_of(step), self.scope))
        else:
            outcome = Loops(self, step, step.written.loop, None).recall()
            _make(step, outcome, self.scope)
        self._remember(step, outcome)

    def recalled(self, single: Single) -> Outcome:
        """What was recorded of one step or one item, with what it owes."""
        try:
            outcome = Outcome.of(self.world.recorder.step(single.path, _never_ended))
        except _NeverEndedError:
            outcome = Outcome("skipped", {})
        self._learn(single, outcome)
        if single.step.included is not None:
            Inclusion(self, single, single.step.included).recall()
        return outcome

    def _learn(self, single: Single, outcome: Outcome) -> None:
        """What came of a step in this process or in one before it: what it made, owes, and could not tell."""
        step, path = single.step, single.path
        _make(step, outcome, single.scope)
        if path in self.world.ledger.owed and path not in self.debts:
            # For whom it was can't be told any more if a secret input is missing now: then it stays owed.
            with contextlib.suppress(Unrenderable, StepErrored):
                self._owe(step, single.standing())
        if outcome.doubt is not None:
            self.world.doubts[path] = Doubt(outcome.doubt, outcome.of_end)

    def pass_over(self, step: PlannedStep) -> StepStatus:
        """A step that is not reached any more."""
        self._remember(step, self.passed_over(Single(self.world, step, self.path_of(step), self.scope)))
        return "skipped"

    def passed_over(self, single: Single) -> Outcome:
        """The same of one step or one item. An order that was announced in a process before, and no more, is owed."""
        single.pass_over()
        outcome = Outcome("skipped", {})
        self._learn(single, outcome)
        return outcome

    def unpaid(self) -> Iterator[tuple[PlannedStep, Standing]]:
        """What is still to be cleaned up, last owed first."""
        for path in reversed(tuple(self.debts)):
            if path in self.world.ledger.owed and self.world.ledger.paid.get(path, "owed") == "owed":
                yield self.debts[path]

    def was_begun(self, path: str) -> bool:
        """Whether a process before this one performed the step, or began to change something.

        A loop, and a step that includes others, was begun too where one of its orders was announced.
        """
        if path in self.world.ended or self.world.recorder.begun(path):
            return True
        if any(_is_below(each, path) for each in self.world.ended):
            return True
        return any(_is_below(each, path) or each.startswith(f"{path}[") for each in self.world.ledger.owed)

    def _remember(self, step: PlannedStep, outcome: Outcome) -> None:
        self.statuses[step.written.id] = outcome.status
        self.scope.steps[step.written.id]["status"] = outcome.status
        if step.left_out is not None and step.left_out.option == "--from":
            self.before_start[step.written.id] = _not_begun(step.written.id, step.left_out)
        if outcome.blocked_by:
            self.causes[step.written.id] = outcome.blocked_by
            self.cut_off |= outcome.blocked_by in self.before_start and step.written.severity == "required"

    def _owe(self, step: PlannedStep, standing: Standing) -> None:
        with self.world.turn:
            self.debts[standing.path] = (step, standing)

    def blocked(self, step: PlannedStep) -> Row | None:
        """The row of a step that lacks what it needs, with the first cause of that; None if nothing is missing."""
        causes = [self.causes.get(need.owner, need.owner) for need in step.needs if not self._made(need)]
        if not causes:
            return None
        cause = next((each for each in causes if each in self.before_start), causes[0])
        return Row("blocked", blocked_by=cause, error=self.before_start.get(cause))

    def _made(self, need: Need) -> bool:
        return (need.capture or "result") in self.scope.steps.get(need.owner, {})


def _not_begun(id: str, left_out: LeftOut) -> Problem:
    message = f"it needs what step `{id}` makes, and that is {left_out.reason}"
    return Problem("cut_off", message, f"begin with `--from {id}`, or with a step before it")


def _make(step: PlannedStep, outcome: Outcome, scope: Scope) -> None:
    """What a step made, under its names."""
    scope.steps[step.written.id] = dict(outcome.made)
    scope.captures.update((name, value) for name, value in outcome.made.items() if name != "result")


def _is_below(path: str, step: str) -> bool:
    """Whether a path is that of a step which ``step``, or an item of its loop, includes."""
    rest = path.removeprefix(step)
    return len(rest) < len(path) and (rest[:1] == "/" or (rest[:1] == "[" and "]/" in rest))


class _NeverEndedError(Exception):
    """Nothing was recorded of a step."""


def _never_ended() -> NoReturn:
    raise _NeverEndedError
