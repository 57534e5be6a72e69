"""Playbook + actions + inputs → plan, or everything that is wrong with them at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from runner.action import Action
from runner.diagnostic import Diagnostic, in_sequence, problem
from runner.errors import GuardRefused, WrongInput
from runner.expression import Expression, ExpressionError
from runner.plan.bounds import Crossing, crossings, strictest
from runner.plan.known import Known, Unknown, item_scopes, known_arguments
from runner.plan.loops import loop_problems
from runner.plan.model import Bounds, Plan, PlannedCleanup, PlannedStep
from runner.plan.names import name_problems
from runner.plan.needs import needs_of
from runner.plan.personal import personal_problems
from runner.plan.selecting import ALL, Selection, selected
from runner.playbook.model import Code, Expectation, ListValue, Playbook, Step, Text

if TYPE_CHECKING:
    from runner.playbook.parts import Memory

Actions = Mapping[str, Action]


def examine(playbook: Playbook, actions: Actions, settings: Iterable[Bounds], memory: Memory) -> list[Diagnostic]:
    """Every mistake that can be known without the inputs' values; warnings are among them.

    What depends on nothing but the text is not looked for where ``memory`` knows that there is none.
    """
    plan, problems = _plan(playbook, actions, {}, settings, memory)
    if not memory.valid:
        problems += name_problems(plan, actions)
        problems += loop_problems(plan)
        problems += personal_problems(plan)
        # loaded only where there is something to find out
        from runner.plan.types import type_problems

        problems += _elsewhere(type_problems(plan), problems)
        problems += (found for step in plan.all_steps for found in _reviewed(playbook, step))
    problems += (_crossed(playbook, crossing) for crossing in crossings(plan.all_steps, plan.bounds, {}))
    return in_sequence(problems)


def _elsewhere(found: Iterable[Diagnostic], known: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Without what stands where something is wrong already: an unknown name isn't also of an unknown type."""
    places = {(each.span.line, each.span.column) for each in known if each.span}
    return [each for each in found if each.span is None or (each.span.line, each.span.column) not in places]


def build(
    playbook: Playbook,
    actions: Actions,
    inputs: Mapping[str, object],
    settings: Iterable[Bounds],
    memory: Memory,
    selection: Selection = ALL,
) -> Plan:
    """The plan of a playbook that ``examine`` found nothing wrong with.

    Raises ``GuardRefused`` if the inputs cross a limit, ``WrongInput`` if ``selection`` leaves nothing to perform.
    """
    plan = rebuild(playbook, actions, inputs, settings, memory, selection)
    for crossing in crossings(plan.all_steps, plan.bounds, {"inputs": inputs}):
        raise GuardRefused(
            f"step `{crossing.step.written.id}`: {crossing.message} (`{crossing.bound.name}`)",
            help=f"the limit stands at {crossing.bound.origin}; nothing was sent",
        )
    return plan


def rebuild(
    playbook: Playbook,
    actions: Actions,
    inputs: Mapping[str, object],
    settings: Iterable[Bounds],
    memory: Memory,
    selection: Selection = ALL,
) -> Plan:
    """As ``build``, whatever the inputs cross: what a run has begun must come to its end, and is judged as it goes."""
    plan, problems = _plan(playbook, actions, inputs, settings, memory)
    if problems:
        raise WrongInput(in_sequence(problems))
    return selected(plan, selection)


def _plan(
    playbook: Playbook, actions: Actions, inputs: Mapping[str, object], settings: Iterable[Bounds], memory: Memory
) -> tuple[Plan, list[Diagnostic]]:
    owners = {named.name: step.id for step in (*playbook.steps, *playbook.finally_) for named in step.capture}
    planner = _Planner(playbook, actions, owners, memory)
    steps = tuple(planner.step(step, step.id) for step in playbook.steps)
    last = tuple(planner.step(step, f"finally.{step.id}") for step in playbook.finally_)
    sha256 = hashlib.sha256(playbook.source.text.encode()).hexdigest()
    return Plan(playbook, sha256, inputs, strictest(playbook.limits, settings), steps, last), planner.problems


class _Planner:
    """Turns written steps into planned ones and gathers what is wrong with them."""

    def __init__(self, playbook: Playbook, actions: Actions, owners: Mapping[str, str], memory: Memory) -> None:
        self._playbook = playbook
        self._actions = actions
        self._owners = owners
        self._memory = memory
        self.problems: list[Diagnostic] = []

    def step(self, written: Step, path: str) -> PlannedStep:
        action = self._actions[written.action]
        cleanup = tuple(PlannedCleanup(each, self._actions[each.action]) for each in written.cleanup)
        expectations = (*written.expect, *self._stated(written, action))
        needs = needs_of(written, expectations, self._owners)
        return PlannedStep(path, written, action, expectations, needs, cleanup, path.startswith("finally."))

    def _stated(self, step: Step, action: Action) -> Iterable[Expectation]:
        """The expectations in arguments that hold expressions, as ``assert`` has them."""
        for name in sorted(action.expressions):
            entry = step.arguments.get(name)
            if entry is None:
                continue
            values = entry.value.items if isinstance(entry.value, ListValue) else (entry.value,)
            for value in values:
                if isinstance(value, Text):
                    yield from self._expectation(value)

    def _expectation(self, text: Text) -> Iterable[Expectation]:
        written = text.written if isinstance(text.written, str) else text.written.text
        try:
            expression = self._memory.parse("expression", written)
        except ExpressionError as error:
            place = text.place(error.offset, error.length)
            self.problems.append(problem(self._playbook.source, place, error.message, help=error.help))
            return
        if isinstance(expression, Expression):
            yield Expectation(Code(expression, text.span, text.start), None, None, "required", text.span)


def _reviewed(playbook: Playbook, step: PlannedStep) -> Iterable[Diagnostic]:
    """What an action's own review says of the arguments that are known already."""
    acts = [(step.action, step.written.arguments), *((each.action, each.written.arguments) for each in step.cleanup)]
    for action, arguments in acts:
        for scope in _scopes(step.written) if action.review else ():
            complaint = action.review(known_arguments(arguments, scope)) if action.review else None
            if complaint is not None:
                entry = arguments.get(complaint.argument)
                span = entry.value.span if entry else arguments.span
                yield problem(playbook.source, span, complaint.message, help=complaint.help)


def _scopes(step: Step) -> list[Known]:
    """What is known inside a step from its text alone: once, or for each item of its loop."""
    try:
        return item_scopes(step.loop, {}) if step.loop else [{}]
    except Unknown:
        return [{}]


def _crossed(playbook: Playbook, crossing: Crossing) -> Diagnostic:
    return problem(
        playbook.source,
        crossing.place,
        f"limit `{crossing.bound.name}` would be crossed",
        crossing.message,
        f"the limit stands at {crossing.bound.origin}",
    )
