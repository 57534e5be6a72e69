"""What is told about people: which inputs it comes from, and whether it stands where others can read it.

A personal argument is made of secret inputs alone. Anything else would be kept: a literal or a default in the
playbook's text, a capture in the journal. The one exception is a person who was invented for certain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from runner.action import Action
from runner.diagnostic import Diagnostic
from runner.expression.references import Reference
from runner.frozen import frozen
from runner.plan.including import handed, known_inputs
from runner.plan.known import Known, Unknown, item_scopes, known_arguments
from runner.plan.model import Plan, PlannedStep
from runner.plan.names import expressions_of, texts_of
from runner.playbook.model import Code, ListValue, Loop, MapValue, Scalar, Step, Text, Value
from runner.redact import MASK, Secret

_SHORTEST = 3


@frozen
class Open:
    """A personal argument of a step, or a part of one, that others could read."""

    step: PlannedStep
    argument: str
    value: Text | Scalar


def personal_problems(plan: Plan) -> Iterator[Diagnostic]:
    """A diagnostic for each step, included ones too, that would keep something about a person who may be real."""
    yield from _problems_of(plan, {each.name: each.default for each in plan.playbook.inputs if each.has_default})


def _problems_of(plan: Plan, inputs: Mapping[str, object]) -> Iterator[Diagnostic]:
    """Those of a plan whose ``inputs`` are known as far as texts tell."""
    found: dict[str, list[Open]] = {}
    for each in _open_in(plan):
        found.setdefault(each.step.path, []).append(each)
    for opened in found.values():
        if not _about_nobody(opened[0].step, {"inputs": inputs}):
            yield _problem(plan, opened)
    for step in plan.own_steps:
        if step.included is not None:
            for scope in _scopes(step.written, {"inputs": inputs}):
                yield from _problems_of(step.included, known_inputs(step.written, step.included.playbook, scope))


def open_values(plan: Plan) -> Iterator[Open]:
    """Every personal value that is not made of secret inputs alone; what is too short to tell anything is none."""
    for each in plan.plans:
        yield from _open_in(each)


def _open_in(plan: Plan) -> Iterator[Open]:
    """Those in a playbook's own text."""
    secret = {each.name for each in plan.playbook.inputs if each.secret}
    for step in plan.own_steps:
        for argument, value in _personal(step):
            yield from (Open(step, argument, leaf) for leaf in _leaves(value) if not _closed(leaf, secret))


def personal_inputs(plan: Plan) -> frozenset[str]:
    """The inputs, secret ones aside, that personal arguments are made of: directly, by a loop or by a ``set``."""
    sources = _Sources(plan)
    values = (*((each.value, each.step.written) for each in _open_in(plan)), *_handed_on(plan))
    found = {name for value, step in values for name in sources.of(value, step)}
    return frozenset(found - {each.name for each in plan.playbook.inputs if each.secret})


def personal_texts(plan: Plan) -> Iterator[str]:
    """What is known of people before a run and is no secret: for the redactor."""
    for each in plan.plans:
        handed_on = (value for value, _ in _handed_on(each))
        for value in (*(found.value for found in _open_in(each)), *handed_on):
            if isinstance(value, Text) and isinstance(value.written, str):
                yield value.written
        for name in personal_inputs(each):
            yield from _texts_in(each.inputs.get(name))


def _handed_on(plan: Plan) -> Iterator[tuple[Text | Scalar, Step]]:
    """What the steps of a playbook hand to personal inputs of those that they include."""
    for step in plan.own_steps:
        if step.included is not None:
            values = handed(step.written)
            for name in personal_inputs(step.included) & values.keys():
                yield from ((leaf, step.written) for leaf in _leaves(values[name].value))


def _personal(step: PlannedStep) -> Iterator[tuple[str, Value]]:
    """The personal arguments of a step and of its cleanups."""
    acts = [(step.action, step.written.arguments), *((each.action, each.written.arguments) for each in step.cleanup)]
    for action, arguments in acts:
        yield from ((entry.key, entry.value) for entry in arguments if _is_personal(action, entry.key))


def _is_personal(action: Action, name: str) -> bool:
    declared = action.arguments.get(name)
    return declared is not None and declared.personal


def _leaves(value: Value) -> Iterator[Text | Scalar]:
    match value:
        case ListValue():
            for item in value.items:
                yield from _leaves(item)
        case MapValue():
            for entry in value:
                yield from _leaves(entry.value)
        case Text() | Scalar():
            yield value


def _closed(leaf: Text | Scalar, secret: set[str]) -> bool:
    """Whether a value tells nobody anything: made of secret inputs, or hardly there."""
    if isinstance(leaf, Scalar):
        return leaf.value is None or isinstance(leaf.value, bool)
    if isinstance(leaf.written, str):
        return len(leaf.written) < _SHORTEST
    used = [reference for each in expressions_of(leaf) for reference in each.names()]
    return bool(used) and all(_input(each) in secret for each in used)


def _input(reference: Reference) -> str:
    """The input that a reference is about, empty for anything else."""
    return str(reference.parts[1].key) if reference.root == "inputs" and len(reference.parts) > 1 else ""


def _about_nobody(step: PlannedStep, defaults: Known) -> bool:
    """Whether every act of the step that takes something personal is about an invented person."""
    acts = [(step.action, step.written.arguments), *((each.action, each.written.arguments) for each in step.cleanup)]
    return all(
        action.about_nobody is not None and action.about_nobody(known_arguments(arguments, scope))
        for action, arguments in acts
        if any(_is_personal(action, entry.key) for entry in arguments)
        for scope in _scopes(step.written, defaults)
    )


def _scopes(step: Step, defaults: Known) -> list[Known]:
    try:
        return item_scopes(step.loop, defaults) if step.loop else [defaults]
    except Unknown:
        return [{}]


def _problem(plan: Plan, opened: list[Open]) -> Diagnostic:
    """The picture shows the first place, and nothing of what stands there or further on in its line."""
    span = opened[0].value.span
    shown = plan.playbook.source.line(span.line)
    for place in sorted((each.value.span for each in opened), reverse=True):
        if place.line == span.line:
            shown = shown[: place.column - 1] + MASK + shown[place.column - 1 + place.length :]
    names = ", ".join(dict.fromkeys(f"`{each.argument}`" for each in opened))
    return Diagnostic(
        "what tells who somebody is comes from secret inputs alone; anything else would be kept",
        f"here and in all of: {names}",
        replace(span, length=len(MASK)),
        "make it an input with `secret: true`; a person who is invented has an `ssn` that nobody has (000000001, or "
        "one that ends with 0000)",
        shown,
    )


class _Sources:
    """Where values come from, as far as a playbook itself moves them: by loops, and by steps that only set names."""

    def __init__(self, plan: Plan) -> None:
        self._steps: Mapping[str, PlannedStep] = {each.written.id: each for each in plan.own_steps}
        self._owners = {named.name: each.written.id for each in plan.own_steps for named in each.written.capture}

    def of(self, written: Text | Scalar | Code, step: Step, seen: frozenset[str] = frozenset()) -> Iterator[str]:
        """The names of the inputs that a value in ``step`` is made of."""
        expressions = () if isinstance(written, Scalar) else expressions_of(written)
        for reference in (each for expression in expressions for each in expression.names()):
            if reference.root == "inputs":
                yield _input(reference)
            elif step.loop is not None and reference.root == step.loop.name:
                yield from self._of_loop(step.loop, step, seen)
            else:
                yield from self._of_step(reference, seen)

    def _of_loop(self, loop: Loop, step: Step, seen: frozenset[str]) -> Iterator[str]:
        """What the list is made of; the name of its items means nothing there."""
        outside = replace(step, loop=None)
        for each in (loop.items,) if isinstance(loop.items, Code) else texts_of(loop.items):
            yield from self.of(each, outside, seen)

    def _of_step(self, reference: Reference, seen: frozenset[str]) -> Iterator[str]:
        keys = [str(part.key) for part in reference.parts]
        owner = keys[1] if keys[0] == "steps" and len(keys) > 1 else self._owners.get(keys[0], "")
        step = self._steps.get(owner)
        if step is None or owner in seen or not step.action.free:
            return
        for text in texts_of(step.written.arguments):
            yield from self.of(text, step.written, seen | {owner})


def _texts_in(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for item in value.values():
                yield from _texts_in(item)
        case list() | tuple():
            for item in value:
                yield from _texts_in(item)
        case Secret() | bool() | None:
            return
        case _:
            yield str(value)
