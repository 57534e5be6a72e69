"""The page of all actions, from their declarations."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

from handbook.reference.writing import code, fence, page, table
from runner.action import Action
from runner.actions import BUILTIN
from runner.cli.actions import group_of
from runner.cli.examples import example_steps
from runner.cli.kinds_in_words import default_as_written, fields_of, kind_in_words

_FIRST = """\
What a step can do. Money is in dollars and quantities in contracts, exact; a word of the exchange may be written short
(`buy`) or as on the wire (`SIDE_BUY`), and stands in a result as on the wire. `result.raw` is the answer as it came.
`pmx-run actions NAME` shows the same in a terminal."""


def text() -> str:
    """The page."""
    groups: dict[str, list[Action]] = {}
    for action in BUILTIN.values():
        groups.setdefault(group_of(action.name), []).append(action)
    rows = [
        (group, ", ".join(f"[`{each.name}`](#{each.name})" for each in members)) for group, members in groups.items()
    ]
    return page("Actions", _FIRST, table(("about", "actions"), rows), *_sections(groups))


def _sections(groups: dict[str, list[Action]]) -> Iterator[str]:
    for members in groups.values():
        for action in members:
            yield f"## `{action.name}`"
            yield _told(action)
            yield _arguments(action)
            yield _result(action)
            yield fence("yaml", example_steps(action.name, BUILTIN))


def _told(action: Action) -> str:
    does = "Changes something at the exchange" if action.effect == "changes" else "Changes nothing"
    source = f" Source: {action.source}." if action.source else ""
    bound = f"takes {action.timeout:g} s at most, or the step's `timeout`"
    if math.isinf(action.timeout):
        bound = "has no time limit but the step's `timeout`"
    return f"{action.summary}. {does}; {bound}.{source}"


def _arguments(action: Action) -> str:
    if action.free:
        return "Takes any names with any values."
    if not action.arguments:
        return "Takes no arguments."
    return table(("argument", "value", "meaning"), _rows(action))


def _rows(action: Action) -> Iterator[tuple[str, str, str]]:
    for name, argument in action.arguments.items():
        kind = "expressions" if name in action.expressions else kind_in_words(argument.kind.schema)
        default = default_as_written(argument)
        shown = default if isinstance(default, str) else json.dumps(default)
        told = f"{argument.help} (default: {shown})" if default is not None else argument.help
        yield code(name), kind + (", required" if argument.required else ""), told


def _result(action: Action) -> str:
    if action.free:
        return "The result has the same names."
    rows = [
        (code(f"{'  ' * depth}{name}".replace("  ", "· ")), schema.get("description") or _kind(schema))
        for depth, name, schema in fields_of(action.result)
    ]
    return table(("result", "value"), rows) if rows else "The result is empty."


def _kind(schema: dict[str, object]) -> str:
    return "" if any(fields_of(schema)) else kind_in_words(schema)
