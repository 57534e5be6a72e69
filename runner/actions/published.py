"""The published schemas of all actions, made from their declarations; ``make schemas`` writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from runner.action import Action
from runner.value import Schema

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def published(actions: Mapping[str, Action]) -> dict[str, str]:
    """Each file below ``schemas/`` with its text."""
    files = {f"actions/{name}.schema.json": _of_action(action) for name, action in actions.items()}
    files["step-actions.schema.json"] = _of_steps(actions)
    return {path: json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for path, schema in files.items()}


def write(folder: Path, actions: Mapping[str, Action]) -> None:
    """Write all of them, and take away those of actions that are gone."""
    files = published(actions)
    for path in (folder / "actions").glob("*.schema.json"):
        if f"actions/{path.name}" not in files:
            path.unlink()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def _of_action(action: Action) -> Schema:
    arguments = action.arguments_schema
    for name, written in _written_in_example(action).items():
        arguments["properties"][name]["examples"] = [written]
    arguments = {"title": f"the arguments of `{action.name}`"} | arguments
    result = {"title": f"the result of `{action.name}`"} | action.result
    return {
        "$schema": _DRAFT,
        "title": action.name,
        "description": action.summary + (f". Source: {action.source}" if action.source else ""),
        "$defs": {"arguments": arguments, "result": result},
    }


def _written_in_example(action: Action) -> dict[str, object]:
    """The declared arguments that the action's example gives; a personal one comes from an input."""
    import yaml

    given = yaml.safe_load(action.example).get("with", {})
    return {
        name: f"{{{{ inputs.{name} }}}}" if argument.personal else given[name]
        for name, argument in action.arguments.items()
        if name in given
    }


def _of_steps(actions: Mapping[str, Action]) -> Schema:
    """Which action a step may have, and which arguments each takes."""
    rules = [
        {
            "if": {"properties": {"action": {"const": name}}, "required": ["action"]},
            "then": _with(action, f"actions/{name}.schema.json#/$defs/arguments"),
        }
        for name, action in actions.items()
    ]
    return {"$schema": _DRAFT, "$defs": {"action": {"enum": list(actions)}, "arguments": {"allOf": rules}}}


def _with(action: Action, reference: str) -> Schema:
    needed = any(argument.required for argument in action.arguments.values())
    schema: Schema = {"properties": {"with": {"$ref": reference}}}
    return schema | ({"required": ["with"]} if needed else {})
