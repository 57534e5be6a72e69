"""What ``check`` found, for people, for programs, and for the lines of a pull request.

``json`` is one object, described by ``schemas/problems.schema.json``. ``github`` writes workflow commands:
docs.github.com: actions/reference/workflow-commands-for-github-actions.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from runner.diagnostic import Diagnostic
from runner.source import Span

Results: TypeAlias = Sequence[tuple[str, Sequence[Diagnostic]]]
"""Each playbook as it was given, with what is wrong with it."""

_VERSION = 1


def as_text(results: Results) -> None:
    """A picture of each problem on stderr, ``ok`` of each playbook without a mistake."""
    for word, problems in results:
        if problems:
            print("\n\n".join(each.picture() for each in problems), file=sys.stderr)
        if not any(each.severity == "error" for each in problems):
            print(f"ok: {word}")


def as_json(results: Results) -> None:
    """One object on stdout, also when there is nothing wrong."""
    import json

    problems = [plain(each) for _, problems in results for each in problems]
    print(json.dumps({"version": _VERSION, "problems": problems}, indent=2, ensure_ascii=False))


def as_github(results: Results) -> None:
    """A workflow command for each problem, so that it stands beside its line in the change."""
    for _, problems in results:
        for each in problems:
            print(command(each))


FORMATS: dict[str, Callable[[Results], None]] = {"text": as_text, "json": as_json, "github": as_github}


def plain(problem: Diagnostic) -> dict[str, Any]:
    """A problem as JSON has it: lines and columns count from 1, ``end_column`` is the one behind the last character."""
    span = problem.span
    return {
        "path": span.path if span else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end_column": span.column + span.length if span else None,
        "severity": problem.severity,
        "title": problem.title,
        "label": problem.label,
        "help": problem.help,
    }


def command(problem: Diagnostic) -> str:
    """A problem as a workflow command; whatever its texts hold, it stays one line and one command."""
    properties = {**_place(problem.span), "title": problem.title}
    message = "\n".join(part for part in (problem.label, problem.help) if part) or problem.title
    written = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{problem.severity} {written}::{_data(message)}"


def _place(span: Span | None) -> dict[str, object]:
    if span is None:
        return {}
    return {"file": span.path, "line": span.line, "col": span.column, "endColumn": span.column + span.length}


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
