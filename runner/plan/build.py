"""Playbook + actions + inputs → plan, or everything that is wrong with them at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from runner.action import Action
from runner.diagnostic import Diagnostic, in_sequence, problem
from runner.errors import GuardRefused, WrongInput
from runner.expression import Expression, ExpressionError
from runner.frozen import frozen
from runner.plan.bounds import Crossing, crossings, strictest
from runner.plan.including import handing_problems, known_inputs
from runner.plan.known import Known, Unknown, item_scopes, known_arguments
from runner.plan.loops import loop_problems
from runner.plan.model import Bounds, Plan, PlannedCleanup, PlannedStep
from runner.plan.names import name_problems
from runner.plan.needs import needs_of
from runner.plan.personal import personal_problems
from runner.plan.selecting import ALL, Selection, selected
from runner.playbook.including import included_by, sha256_of
from runner.playbook.model import Code, Expectation, ListValue, Named, Playbook, Step, Text
from runner.value import Schema

if TYPE_CHECKING:
    from runner.playbook.parts import Memory

Actions = Mapping[str, Action]


def examine(playbook: Playbook, actions: Actions, settings: Iterable[Bounds], memory: Memory) -> list[Diagnostic]:
    """Every mistake that can be known without the inputs' values, in the playbook and in all that it includes.

    Warnings are among them.

    What depends on nothing but the texts is not looked for where ``memory`` knows that there is none.
    """
    plan, problems = _plan(playbook, actions, {}, settings, memory)
    if not memory.knows(plan.sha256):
        problems += personal_problems(plan)
        texts = {each.sha256: each for each in plan.plans}
        for each in texts.values():
            problems += _of_text(each, actions, problems)
    problems += map(_crossed, crossings(plan, {}))
    return in_sequence(problems)


def _of_text(plan: Plan, actions: Actions, known: Iterable[Diagnostic]) -> list[Diagnostic]:
    """What is wrong in the text of one playbook, besides what is known already."""
    # loaded only where there is something to find out
    from runner.plan.types import type_problems

    found = [*name_problems(plan, actions), *loop_problems(plan)]
    found += _elsewhere(type_problems(plan), [*known, *found])
    for step in plan.own_steps:
        found += _reviewed(plan.playbook, step)
    return found


def _elsewhere(found: Iterable[Diagnostic], known: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Without what stands where something is wrong already: an unknown name isn't also of an unknown type."""
    places = {(each.span.path, each.span.line, each.span.column) for each in known if each.span}
    return [
        each for each in found if each.span is None or (each.span.path, each.span.line, each.span.column) not in places
    ]


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
    for crossing in crossings(plan, {"inputs": inputs}):
        raise GuardRefused(
            f"step `{crossing.step.path}`: {crossing.message} (`{crossing.bound.name}`)",
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
    planner = _Planner(playbook, actions, memory)
    plan = planner.plan(inputs, strictest(playbook.limits, settings))
    return plan, planner.problems


@frozen
class _Within:
    """Where a playbook is included: what the paths of its steps begin with, and whether it is in a ``finally``."""

    prefix: str
    in_finally: bool


class _Planner:
    """Turns written steps into planned ones and gathers what is wrong with them.

    ``within`` is the step that includes the playbook, None for the top one; ``problems`` are those of the whole.
    """

    def __init__(self, playbook: Playbook, actions: Actions, memory: Memory, within: _Within | None = None) -> None:
        self._playbook = playbook
        self._actions = actions
        self._owners = {named.name: step.id for step in playbook.all_steps for named in step.capture}
        self._memory = memory
        self._within = within or _Within("", False)
        self.problems: list[Diagnostic] = []

    def plan(self, inputs: Mapping[str, object], bounds: Bounds) -> Plan:
        """The plan with ``inputs`` as far as they are known."""
        scope: Known = {"inputs": inputs}
        steps = tuple(self._step(step, step.id, scope) for step in self._playbook.steps)
        last = tuple(self._step(step, f"finally.{step.id}", scope) for step in self._playbook.finally_)
        plan = Plan(self._playbook, sha256_of(self._playbook), inputs, bounds, steps, last)
        self.problems += handing_problems(plan, scope)
        return plan

    def _step(self, written: Step, name: str, scope: Known) -> PlannedStep:
        action = self._actions[written.action]
        cleanup = tuple(PlannedCleanup(each, self._actions[each.action]) for each in written.cleanup)
        expectations = (*written.expect, *self._stated(written, action))
        needs = needs_of(written, expectations, self._owners)
        path = self._within.prefix + name
        last = self._within.in_finally or name.startswith("finally.")
        included = self._included(written, _Within(f"{path}/", last), scope)
        if included is not None:
            action = giving(action, included.playbook.outputs)
        return PlannedStep(path, written, action, expectations, needs, cleanup, last, included=included)

    def _included(self, written: Step, within: _Within, scope: Known) -> Plan | None:
        playbook = included_by(written, self._playbook)
        if playbook is None:
            return None
        planner = _Planner(playbook, self._actions, self._memory.of(playbook.source), within)
        plan = planner.plan(known_inputs(written, playbook, scope), strictest(playbook.limits, ()))
        self.problems += planner.problems
        return plan

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


def giving(action: Action, outputs: tuple[Named, ...]) -> Action:
    """The action that includes a playbook, with a result that has the outputs of that one."""
    named: Schema = {"type": "object", "properties": {each.name: {} for each in outputs}}
    named |= {"required": [each.name for each in outputs], "additionalProperties": False}
    properties = {**action.result["properties"], "outputs": named}
    return replace(action, result={**action.result, "properties": properties})


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


def _crossed(crossing: Crossing) -> Diagnostic:
    included = f"\nthe step is included as `{crossing.step.path}`" if "/" in crossing.step.path else ""
    return problem(
        crossing.source,
        crossing.place,
        f"limit `{crossing.bound.name}` would be crossed",
        crossing.message,
        f"the limit stands at {crossing.bound.origin}{included}",
    )
