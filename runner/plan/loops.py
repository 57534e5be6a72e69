"""What is wrong with a loop's list as far as the text alone tells: that it is none.

::

    error: `inputs.symbol` is no list
     --> playbooks/place.yaml:9:15
      |
    9 |     for_each: inputs.symbol
      |               ^^^^^^^^^^^^^ an input of the type `string`
      |
      = help: declare it with `type: list`
"""

from __future__ import annotations

from collections.abc import Iterator

from runner.diagnostic import Diagnostic, problem
from runner.plan.known import Unknown, known_code
from runner.plan.model import Plan
from runner.playbook.model import Code, Input
from runner.value import shown


def loop_problems(plan: Plan) -> Iterator[Diagnostic]:
    """A diagnostic for each ``for_each`` that can't come to a list."""
    inputs = {each.name: each for each in plan.playbook.inputs}
    for step in plan.own_steps:
        items = step.written.loop.items if step.written.loop else None
        if isinstance(items, Code):
            found = _other_type(items, inputs) or _other_constant(items)
            if found is not None:
                title, label, help = found
                yield problem(plan.playbook.source, items.span, title, label, help)


Found = tuple[str, str, str]


def _other_type(items: Code, inputs: dict[str, Input]) -> Found | None:
    """An input alone that isn't declared to be a list."""
    names = items.expression.names()
    path = names[0].text if len(names) == 1 else ""
    declared = inputs.get(path.removeprefix("inputs."))
    if path != items.expression.text.strip() or declared is None or declared.type == "list":
        return None
    return f"`{path}` is no list", f"an input of the type `{declared.type}`", "declare it with `type: list`"


def _other_constant(items: Code) -> Found | None:
    try:
        value = known_code(items, {})
    except Unknown:
        return None
    if isinstance(value, list | tuple):
        return None
    return "`for_each` wants a list", f"this comes to {shown(value)}", "write a list: `for_each: [a, b]`"
