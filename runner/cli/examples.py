"""Examples of actions as steps that can be pasted below ``steps:``, with the steps before them that they need."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping

from runner.action import Action

_MADE_BY = {
    "chosen": ("list_instruments", "result.instruments[0]"),
    "order_id": ("place_order", "result.order.id"),
}
"""The captures that examples use: which action's example makes one, and how."""


def example_steps(name: str, actions: Mapping[str, Action]) -> str:
    """The example of an action, whole: each capture that it uses is made by a step before it."""
    steps: dict[str, str] = {}
    for each in dict.fromkeys(_with_needed(name, actions)):
        captures = {capture: how for capture, (maker, how) in _MADE_BY.items() if maker == each}
        needed = {capture: how for capture, how in captures.items() if each != name}
        steps[each] = _step(actions[each], needed)
    return "\n\n".join(steps.values())


def _with_needed(name: str, actions: Mapping[str, Action]) -> Iterator[str]:
    """The action's name behind those whose captures its example uses."""
    for capture, (maker, _) in _MADE_BY.items():
        if maker != name and maker in actions and re.search(rf"\b{capture}\b(?!:)", actions[name].example):
            yield from _with_needed(maker, actions)
    yield name


def _step(action: Action, captures: Mapping[str, str]) -> str:
    lines = [f"id: {action.name}", *action.example.splitlines()]
    if captures:
        lines += ["capture:", *(f"  {capture}: {how}" for capture, how in captures.items())]
    return textwrap.indent("\n".join(lines), " " * 4).replace("    id:", "  - id:", 1)
