"""The playbooks that come along: what each is for, read from its file without checking it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from runner.cli.finding import playbooks_folder
from runner.frozen import frozen

SCHEMA_COMMENT = "# yaml-language-server: $schema="
_LINES_ABOUT = 3
_ACTS = {
    "place_order": "sends orders",
    "replace_order": "sends orders",
    "cancel_order": "cancels orders",
    "cancel_open_orders": "cancels orders",
    "create_user": "makes users",
    "start_kyc": "makes users",
}
"""What an action does at the exchange, the gravest first."""


@frozen
class Bundled:
    """One of them.

    ``about`` are its opening comment's lines: what it does, who needs it, what it costs in calls. ``acts`` says what it
    does at the exchange beside reading; ``orders`` and ``exposure`` (dollars) are its own limits, as written.
    ``includes`` are the paths of those that it performs, from its own folder.
    """

    name: str
    path: Path
    description: str
    tags: tuple[str, ...]
    about: tuple[str, ...]
    steps: int
    acts: tuple[str, ...]
    orders: str
    exposure: str
    includes: tuple[str, ...]


def all_bundled() -> list[Bundled]:
    """All of them, by name."""
    return [bundled(path) for path in sorted(playbooks_folder().glob("*.yaml"))]


def bundled(path: Path) -> Bundled:
    """One, with what those do that it includes."""
    text = path.read_text(encoding="utf-8")
    document = _document(text)
    steps = [*document["steps"], *document.get("finally", [])]
    actions = {step["action"] for each in _with_included(path, document) for step in _performed(each)}
    limits = document.get("limits", {})
    return Bundled(
        name=path.stem,
        path=path,
        description=document["description"],
        tags=tuple(document.get("tags", ())),
        about=tuple(_about(text)),
        steps=len(steps),
        acts=tuple(dict.fromkeys(act for action, act in _ACTS.items() if action in actions)),
        orders=limits.get("orders", ""),
        exposure=limits.get("exposure", ""),
        includes=tuple(_includes(document)),
    )


def _document(text: str) -> Any:
    """The whole text, every scalar as it is written."""
    import yaml

    return yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506 - it makes only texts


def _about(text: str) -> Iterator[str]:
    """The comment below the one for editors."""
    for line in text.splitlines()[1 : 1 + _LINES_ABOUT]:
        if line.startswith("# "):
            yield line.removeprefix("# ")


def _performed(document: Any) -> Iterator[Any]:
    """Its steps and what undoes them."""
    for step in [*document["steps"], *document.get("finally", [])]:
        cleanup = step.get("cleanup", [])
        yield step
        yield from cleanup if isinstance(cleanup, list) else [cleanup]


def _includes(document: Any) -> Iterator[str]:
    for step in _performed(document):
        if step["action"] == "run_playbook":
            yield step["with"]["path"]


def _with_included(path: Path, document: Any) -> Iterator[Any]:
    yield document
    for name in _includes(document):
        beside = path.parent / name
        yield from _with_included(beside, _document(beside.read_text(encoding="utf-8")))
