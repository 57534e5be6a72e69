"""A whole playbook, step by step as it will be performed: what each place sees, and what each step makes.

What a condition told stays known as long as it must have held: the ``when`` of a step inside it and wherever what it
made is used, a required expectation for all that comes after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from runner.action import Action
from runner.diagnostic import Diagnostic
from runner.plan.including import handed
from runner.plan.model import Plan, PlannedStep
from runner.plan.names import INDEX
from runner.plan.types.arguments import LENGTH, follow_arguments, follow_handed, follow_value
from runner.plan.types.facts import Facts, Path
from runner.plan.types.findings import at, maybe_null
from runner.plan.types.follower import Follower
from runner.plan.types.idle import constant_expectation, steps_never_run, unused_inputs
from runner.plan.types.made import CALL_NAMES, ENVIRONMENT_NAMES, RUN_NAMES, listed, made_by, outside
from runner.plan.types.model import (
    ANY_TEXT,
    LIST,
    MAPPING,
    NULL,
    UNKNOWN,
    WHOLE,
    Type,
    record,
)
from runner.plan.types.schemas import of_input, of_schema
from runner.playbook.model import CleanupStep, Code, Expectation, Loop, Named, Repeat, Step, Text

_REPORTED = "reports show it; use it where it is needed, as `inputs.x` or `steps.x.result.y`"
_READ = "people read it, and so do logs; leave the secret out"


def type_problems(plan: Plan) -> Iterator[Diagnostic]:
    """A diagnostic for each expression that can't be right; warnings are among them."""
    walk = _Walk(plan)
    for step in plan.own_steps:
        walk.step(step)
    walk.follower.see({}, {})
    for output in plan.playbook.outputs:
        walk.output(output)
    yield from walk.follower.problems
    yield from unused_inputs(plan, walk.follower.inputs)
    yield from steps_never_run(plan)


class _Walk:
    """The walk through a plan; ``_guards`` is for each step what is known wherever something that it made is used."""

    def __init__(self, plan: Plan) -> None:
        inputs = record({each.name: of_input(each) for each in plan.playbook.inputs}, "the inputs")
        self._steps: dict[str, Type] = {}
        steps = Type(MAPPING, fields=self._steps)
        shared = {"inputs": inputs, "steps": steps, "environment": ENVIRONMENT_NAMES, "run": RUN_NAMES}
        self.follower = Follower(plan.playbook.source, shared)
        self._results: dict[str, Type] = {}
        self._guards: dict[str, Facts] = {}

    def step(self, planned: PlannedStep) -> None:
        """Follow all that a step says, then make known what it makes."""
        step, follower = planned.written, self.follower
        follower.see({}, {})
        own = self._loop(step.loop)
        inherited = [self._guards.get(need.owner, {}) for need in planned.needs]
        facts = {path: type_ for each in inherited for path, type_ in each.items()}
        follower.see(own, facts)
        facts |= self._going(step.when)
        arguments = self._before(step, planned.action)
        if planned.included is not None:
            follow_handed(follower, handed(step), planned.included.playbook.inputs)
        result = arguments if planned.action.free else self._result(planned.action)
        seen = {**own, "result": result, "call": CALL_NAMES}
        follower.see(seen, facts)
        self._checked(planned, facts)
        made = self._captured(step.capture, seen)
        if planned.cleanup:
            self._steps[step.id] = made_by(step, result, made)
        for cleanup in planned.cleanup:
            follower.see({**own, **made}, facts)
            self._cleanup(cleanup.written, cleanup.action)
        self._remember(step, result, made, {path: facts[path] for path in facts if path[0] not in own})

    def output(self, output: Named) -> None:
        """A value that is reported at the end."""
        self._reported(output, "an output")

    def _loop(self, loop: Loop | None) -> dict[str, Type]:
        """The names that a loop gives to each of its items."""
        if loop is None:
            return {}
        if not isinstance(loop.items, Code):
            found = follow_value(self.follower, "for_each", loop.items)
            return {loop.name: found.item, INDEX: WHOLE}
        found = self.follower.code(loop.items)
        self._is_list(loop.items, found)
        return {loop.name: found.item if found.kinds & LIST else UNKNOWN, INDEX: WHOLE}

    def _is_list(self, code: Code, found: Type) -> None:
        """Complain unless it is; of a constant others have told."""
        node, source = code.expression.tree, f"`{code.expression.source(code.expression.tree)}`"
        if self.follower.constant:
            return
        if found.known and not found.kinds & LIST:
            help = "write `[x]` for one item; an answer's list is a field of the result"
            self.follower.complain(code, at(node, f"{source} is no list", f"this is {found.explained()}", help))
        elif found.kinds & NULL:
            self.follower.complain(code, maybe_null(node, source, found, "`for_each` goes through a list"))

    def _going(self, when: Code | bool) -> Facts:
        if isinstance(when, bool):
            return {}
        self._condition(when)
        return self.follower.facts_of(when)

    def _condition(self, code: Code) -> None:
        """An expression that is only asked whether it is true."""
        found = self.follower.code(code)
        self.follower.reveals(code, found, "a condition", "a secret can't be computed with")

    def _before(self, step: Step, action: Action) -> Type:
        """What is rendered before the action is performed: the type of its arguments."""
        self._texts(step.title, step.help)
        self._lengths(timeout=step.timeout, backoff=step.retry.backoff if step.retry else None)
        if step.participant is not None:
            follow_value(self.follower, "participant", step.participant, ANY_TEXT)
        return follow_arguments(self.follower, action, step.arguments)

    def _checked(self, planned: PlannedStep, facts: dict[Path, Type]) -> None:
        """What is checked once it was performed; what is known if all of it held is added to the facts."""
        facts |= self._polled(planned.written.repeat)
        for expectation in planned.expectations:
            facts |= self._expected(planned, expectation)

    def _polled(self, repeat: Repeat | None) -> Facts:
        if repeat is None:
            return {}
        self._condition(repeat.until)
        self._lengths(every=repeat.every, within=repeat.within)
        return self.follower.facts_of(repeat.until, soft=True)

    def _expected(self, step: PlannedStep, expectation: Expectation) -> Facts:
        self._condition(expectation.check)
        if self.follower.constant:
            self.follower.problems += constant_expectation(self.follower.source, step, expectation.check)
        self._texts(expectation.title, expectation.help)
        return self.follower.facts_of(expectation.check, soft=True) if expectation.severity == "required" else {}

    def _captured(self, captures: Iterable[Named], seen: Mapping[str, Type]) -> dict[str, Type]:
        made: dict[str, Type] = {}
        for named in captures:
            self.follower.see({**seen, **made}, self.follower.facts)
            made[named.name] = self._reported(named, "a capture")
        return made

    def _reported(self, named: Named, where: str) -> Type:
        found = self.follower.code(named.code)
        self.follower.reveals(named.code, found, where, _REPORTED)
        return found

    def _cleanup(self, cleanup: CleanupStep, action: Action) -> None:
        self.follower.see(self.follower.own, {**self.follower.facts, **self._going(cleanup.when)})
        self._texts(cleanup.title)
        self._lengths(timeout=cleanup.timeout, backoff=cleanup.retry.backoff if cleanup.retry else None)
        follow_arguments(self.follower, action, cleanup.arguments)

    def _texts(self, title: Text | None, help: Text | None = None) -> None:
        """What people read."""
        for text, where in ((title, "a title"), (help, "a help text")):
            if text is not None:
                self.follower.reveals(text, self.follower.text(text), where, _READ)

    def _lengths(self, **times: object) -> None:
        """Lengths of time, which a template gives as a text."""
        for name, time in times.items():
            if isinstance(time, Text):
                follow_value(self.follower, name, time, LENGTH)

    def _result(self, action: Action) -> Type:
        if action.includes:
            return of_schema(action.result, f"the result of `{action.name}`")
        found = self._results.get(action.name)
        if found is None:
            found = self._results[action.name] = of_schema(action.result, f"the result of `{action.name}`")
        return found

    def _remember(self, step: Step, result: Type, made: Mapping[str, Type], facts: Facts) -> None:
        """What everybody else sees of a step that was looked at; of a loop, lists of what its items made."""
        if step.loop is not None:
            result, made = listed(step, result), {name: listed(step, each) for name, each in made.items()}
        self._steps[step.id] = made_by(step, result, made)
        self.follower.shared.update(made)
        hidden = ("call", *(() if step.loop is None else ("result", *made)))
        known = {outside(path, step): type_ for path, type_ in facts.items() if path[0] not in hidden}
        self._guards[step.id] = known
        if step.when is True and step.severity == "required" and step.loop is None:
            self.follower.keep(known)
