"""YAML blocks that are no whole playbook, made into something that can be checked: by what they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

import yaml

from runner.actions import BUILTIN
from runner.cli.config_keys import TOP

Kind = Literal["playbook", "settings", "faults", "file"]
_PLAYBOOK = frozenset(
    (
        "version",
        "name",
        "description",
        "tags",
        "inputs",
        "limits",
        "defaults",
        "allow_hosts",
        "steps",
        "finally",
        "outputs",
    )
)
_SETTINGS = frozenset((*TOP, "limits", "notify", "rates", "schedules", "environments"))
_MADE: Mapping[str, Mapping[str, Any]] = {
    "chosen": {"action": "list_instruments", "capture": {"chosen": "result.instruments[0]"}},
    "user": {"action": "set", "with": {"user": "firms/f/users/u"}, "capture": {"user": "result.user"}},
    "account": {"action": "set", "with": {"account": "firms/f/accounts/a"}, "capture": {"account": "result.account"}},
    "order_id": {
        "action": "place_order",
        "with": {"symbol": "s", "side": "buy", "price": "0.01", "quantity": 1},
        "capture": {"order_id": "result.order.id"},
    },
}
"""The steps that make what fragments use without making it themselves."""
_TYPES = {"price": "decimal", "quantity": "decimal", "symbols": "list", "orders": "integer"}


class _Core(yaml.SafeLoader):
    """YAML 1.2, where `on` is a word."""


_Core.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not (tag.endswith(":bool") and first not in "tTfF")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def kind_of(text: str, title: str) -> Kind:
    """What a block is; raises ``ValueError`` for one that is nothing known."""
    content = yaml.load(text, _Core)
    if isinstance(content, list) or (isinstance(content, dict) and "action" in content):
        return "playbook"
    if not isinstance(content, dict):
        raise ValueError("neither a list nor a mapping")
    keys = set(content)
    if title.endswith("pmx.yaml") or (keys <= _SETTINGS and keys - {"limits"}):
        return "settings"
    if "faults" in keys:
        return "faults"
    if title and "steps" not in keys:
        return "file"
    if keys <= _PLAYBOOK or any(keys <= set(action.arguments) for action in BUILTIN.values()):
        return "playbook"
    raise ValueError(f"no kind of block has the keys {', '.join(sorted(keys))}")


def whole(text: str) -> str:
    """A playbook with the block in it; one that is whole stays as it is, line by line."""
    content = yaml.load(text, _Core)
    if isinstance(content, dict) and {"version", "steps"} <= set(content):
        return text
    return yaml.safe_dump(_around(content, text), sort_keys=False, allow_unicode=True)


def included(text: str) -> dict[str, str]:
    """The playbooks that the steps of a block perform, by their paths, with the inputs and outputs that it wants."""
    outputs = dict.fromkeys(re.findall(r"\boutputs\.(\w+)", text), '"made"')
    found = {}
    for step in _steps_of(yaml.load(text, _Core)):
        if step.get("action") == "run_playbook":
            inputs = {name: {"type": _TYPES.get(name, "string")} for name in step["with"].get("inputs", ())}
            top: dict[str, Any] = {"version": 1, "name": "included", "inputs": inputs}
            steps = [{"id": "seen", "action": "set", "with": {name: f"{{{{ inputs.{name} }}}}" for name in inputs}}]
            found[step["with"]["path"]] = yaml.safe_dump(top | {"steps": steps, "outputs": outputs}, sort_keys=False)
    return found


def _steps_of(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, dict):
        content = content.get("steps", [content])
    return [each for each in content if isinstance(each, dict)]


def _around(content: Any, text: str) -> dict[str, Any]:
    top: dict[str, Any] = {"version": 1, "name": "fragment"}
    if isinstance(content, dict) and not set(content) <= _PLAYBOOK:
        content = [content if "action" in content else {"action": _action_with(set(content)), "with": content}]
    if isinstance(content, dict):
        top |= content
    given = content if isinstance(content, list) else top.get("steps", [{"action": "log", "with": {"message": "x"}}])
    steps = [{"id": f"step_{number}"} | step for number, step in enumerate(given)]
    top.setdefault("inputs", _inputs(text))
    return top | {"steps": [*_missing(text), *steps]}


def _action_with(keys: set[str]) -> str:
    return next(name for name, action in BUILTIN.items() if keys <= set(action.arguments))


def _inputs(text: str) -> dict[str, Any]:
    names = dict.fromkeys(re.findall(r"\binputs\.(\w+)", text))
    return {name: {"type": _TYPES.get(name, "string"), "description": "handed in"} for name in names}


def _missing(text: str) -> list[dict[str, Any]]:
    used = [name for name in _MADE if re.search(rf"(?<![.\w-]){name}\b(?!:)(?!\w)", _expressions(text))]
    made = set(re.findall(r"^ +(\w+): result\b", text, re.MULTILINE)) | set(re.findall(r"\{(\w+): result\b", text))
    return [{"id": f"made_{name}", **_MADE[name]} for name in used if name not in made]


def _expressions(text: str) -> str:
    """What may name a capture: templates and the expressions of a step."""
    written = re.findall(r"\{\{.*?\}\}", text) + re.findall(r"^ +- (?!id:)(.*)$", text, re.MULTILINE)
    written += re.findall(r"(?:when|until|check|for_each): (.*)$", text, re.MULTILINE)
    return "\n".join(written)
