"""Which names each expression of a playbook can see, and what is said of one it can't.

Captures become visible after the step that makes them; ``result`` and ``call`` exist only in a step's own ``expect``,
``capture`` and ``repeat.until``; a loop's item and its ``index`` in that step alone, but not in its ``for_each``. What
a loop makes is a list for everybody else.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import field, replace

from runner.action import Action
from runner.diagnostic import Diagnostic, nearest, problem
from runner.expression import FUNCTIONS, Expression, Template
from runner.expression.references import Part, Reference
from runner.frozen import frozen
from runner.plan.model import Plan, PlannedStep
from runner.playbook.model import ITEM, CleanupStep, Code, ListValue, MapValue, Step, Text, Value

ENVIRONMENT = ("name", "base_url", "participant", "account")
RUN = ("id", "started_at")
CALL = ("status", "headers", "duration_ms")
INDEX = "index"


@frozen
class Names:
    """What can be seen at one place: captures with the step that makes each, and whether there is a ``result``.

    ``later`` and ``ids`` are the captures and steps of the whole playbook, to tell a late name from an unknown one;
    ``items`` are its loops' names of their items with the step of each. ``item`` is the one of the loop around, empty
    outside of any.
    """

    inputs: tuple[str, ...]
    steps: MutableMapping[str, Step]
    captures: MutableMapping[str, str]
    later: Mapping[str, str]
    ids: tuple[str, ...]
    items: Mapping[str, str]
    item: str = ""
    result: Action | None = None
    actions: Mapping[str, Action] = field(default_factory=dict)

    def roots(self) -> list[str]:
        """Every name that an expression may begin with here."""
        own = ["result", "call"] if self.result else []
        loop = [self.item, INDEX] if self.item else []
        return ["inputs", "steps", "environment", "run", *own, *loop, *self.captures]

    def makes_lists(self, step: str) -> bool:
        """Whether ``step`` is a loop, seen from outside: its result and its captures are lists of its items' values."""
        return step in self.steps and self.steps[step].loop is not None


Uses = Iterator[tuple[Code | Text, Names]]


def name_problems(plan: Plan, actions: Mapping[str, Action]) -> Iterator[Diagnostic]:
    """A diagnostic for each name that can't be seen where it is used."""
    source = plan.playbook.source
    # the same text is parsed once, and so are its names looked for once; the plan keeps every expression alive
    known: dict[int, tuple[Reference, ...]] = {}
    for written, names in uses(plan, actions):
        for expression in expressions_of(written):
            references = known.get(id(expression)) or known.setdefault(id(expression), expression.names())
            for reference in references:
                found = _problem_of(reference, names)
                if found is not None:
                    part, title, help_text = found
                    yield problem(source, written.place(part.offset, part.length), title, help=help_text)


def uses(plan: Plan, actions: Mapping[str, Action]) -> Uses:
    """Every expression and template of a playbook with what it can see there, and no longer than until the next."""
    owners = {named.name: step.written.id for step in plan.own_steps for named in step.written.capture}
    inputs = tuple(each.name for each in plan.playbook.inputs)
    ids = tuple(step.written.id for step in plan.own_steps)
    items = {step.written.loop.name: step.written.id for step in plan.own_steps if step.written.loop}
    seen: dict[str, Step] = {}
    captured: dict[str, str] = {}
    for planned in plan.own_steps:
        step = planned.written
        # what is seen grows as the steps go by: each place is looked at before it does
        names = Names(inputs, seen, captured, owners, ids, items, actions=actions)
        yield from _step_uses(planned, names)
        seen[step.id] = step
        captured |= {named.name: step.id for named in step.capture}
    at_end = Names(inputs, seen, captured, owners, ids, items, actions=actions)
    yield from ((named.code, at_end) for named in plan.playbook.outputs)


def expressions_of(written: Code | Text) -> tuple[Expression, ...]:
    """The expressions in a value or a piece of code; none for a plain text."""
    if isinstance(written, Code):
        return (written.expression,)
    return written.written.expressions if isinstance(written.written, Template) else ()


def texts_of(value: Value) -> Iterator[Text]:
    """Every text in a value, however deep."""
    match value:
        case Text():
            yield value
        case ListValue():
            for item in value.items:
                yield from texts_of(item)
        case MapValue():
            for entry in value:
                yield from texts_of(entry.value)


def _step_uses(planned: PlannedStep, names: Names) -> Uses:
    step = planned.written
    if step.loop is not None:
        written = step.loop.items
        yield from ((each, names) for each in ((written,) if isinstance(written, Code) else texts_of(written)))
        names = replace(names, item=step.loop.name)
    before = [step.title, step.help, step.participant, step.timeout]
    yield from ((text, names) for text in before if isinstance(text, Text))
    yield from ((text, names) for text in texts_of(step.arguments))
    if isinstance(step.when, Code):
        yield step.when, names
    if step.retry is not None and isinstance(step.retry.backoff, Text):
        yield step.retry.backoff, names
    after = replace(names, result=planned.action)
    if step.repeat is not None:
        yield step.repeat.until, after
        yield from ((text, names) for text in (step.repeat.every, step.repeat.within) if isinstance(text, Text))
    for expectation in planned.expectations:
        yield expectation.check, after
        yield from ((text, after) for text in (expectation.title, expectation.help) if text is not None)
    own: dict[str, str] = {}
    for named in step.capture:
        yield named.code, replace(after, captures=ChainMap(own, names.captures))
        own[named.name] = step.id
    if step.cleanup:
        itself = {step.id: replace(step, loop=None)}
        undoing = replace(names, captures=ChainMap(own, names.captures), steps=ChainMap(itself, names.steps))
        for cleanup in step.cleanup:
            yield from _cleanup_uses(cleanup, undoing)


def _cleanup_uses(cleanup: CleanupStep, names: Names) -> Uses:
    yield from ((text, names) for text in (cleanup.title, cleanup.timeout) if isinstance(text, Text))
    yield from ((text, names) for text in texts_of(cleanup.arguments))
    if isinstance(cleanup.when, Code):
        yield cleanup.when, names


Found = tuple[Part, str, str]


def _problem_of(reference: Reference, names: Names) -> Found | None:
    fields = reference.parts[1:]
    match reference.root:
        case "inputs":
            return _field(fields, names.inputs, "input", "", "the playbook has no inputs")
        case "steps":
            return _step_field(fields if reference.doubted else fields[:2], names)
        case "environment":
            return _field(fields, ENVIRONMENT, "field", " of `environment`")
        case "run":
            return _field(fields, RUN, "field", " of `run`")
        case "call" if names.result:
            return _field(fields, CALL, "field", " of `call`")
        case "result" if names.result:
            return _result_field(fields, names.result) if reference.doubted else None
        case root if root in names.captures:
            owner = names.captures[root]
            return _list_field(root, fields, owner) if names.makes_lists(owner) else None
        case root if names.item and root in (names.item, INDEX):
            return None
        case _:
            return reference.parts[0], f"unknown name `{reference.root}`", _missing_root(reference.root, names)


def _missing_root(root: str, names: Names) -> str:
    if root in names.later:
        return f"step `{names.later[root]}` captures `{root}`, and it comes later"
    if root in {"result", "call"}:
        return f"`{root}` exists in a step's own `expect`, `capture` and `repeat.until`; elsewhere: `steps.<id>.result`"
    if root in FUNCTIONS:
        return f"it is a function: write `{root}()`"
    if root == ITEM and names.item:
        return f"this loop calls it `{names.item}`"
    if root in (ITEM, INDEX):
        return f"`{root}` exists inside a loop only"
    if root in names.steps:
        return f"write `steps.{root}`"
    if root in names.inputs:
        return f"write `inputs.{root}`"
    if root in names.items:
        return f"it is an item of the loop in step `{names.items[root]}`, and exists only there"
    return nearest(root, names.roots()) or f"it can see: {', '.join(names.roots())}"


def _field(parts: tuple[Part, ...], known: tuple[str, ...], what: str, of: str = "", if_none: str = "") -> Found | None:
    if not parts or parts[0].key in known:
        return None
    listed = f"there is: {', '.join(known)}" if known else if_none
    return parts[0], f"unknown {what} `{parts[0].key}`{of}", nearest(str(parts[0].key), known) or listed


def _step_field(parts: tuple[Part, ...], names: Names) -> Found | None:
    if not parts:
        return None
    step = names.steps.get(str(parts[0].key))
    if step is None:
        if parts[0].key in names.ids:
            return parts[0], f"step `{parts[0].key}` comes later", "a step sees what the steps before it made"
        listed = f"the steps before this one: {', '.join(names.steps) or 'none'}"
        return parts[0], f"unknown step `{parts[0].key}`", nearest(str(parts[0].key), names.steps) or listed
    captures = tuple(named.name for named in step.capture)
    found = _field(parts[1:], ("result", "status", *captures), "field", f" of step `{step.id}`")
    if found is not None or len(parts) < 2 or parts[1].key == "status":
        return found
    made = parts[2:]
    if names.makes_lists(step.id):
        found = _list_field(f"steps.{step.id}.{parts[1].key}", made, step.id)
        made = made[1:]
    action = names.actions.get(step.action)
    if found is None and action is not None and parts[1].key == "result":
        return _result_field(made, action)
    return found


def _list_field(path: str, fields: tuple[Part, ...], owner: str) -> Found | None:
    """A field of what a loop made, as if it were one item's."""
    if not fields or isinstance(fields[0].key, int):
        return None
    name = fields[0].key
    help = f'step `{owner}` is a loop: write `{path}[0].{name}`, or `{path} | map(attribute="{name}")`'
    return fields[0], f"`{path}` is a list, it has no field `{name}`", help


def _result_field(parts: tuple[Part, ...], action: Action) -> Found | None:
    if action.result.get("additionalProperties", True) is not False:
        return None
    return _field(parts, tuple(action.result["properties"]), "field", f" of the result of `{action.name}`")
