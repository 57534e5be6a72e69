"""A run's events as they happen, for programs: one JSON object a line; its schema is ``schemas/log.schema.json``.

Lines are plain ASCII: whatever the venue or a playbook says stands in them as JSON's escapes, so that it neither ends a
line, nor moves a terminal's cursor, nor is a command to whoever runs the job.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TextIO

from runner.record.events import CallMade, CleanupDone, CleanupOwed, Event, Problem, RunStarted, Surroundings
from runner.reporters.data import plain
from runner.reporters.redacted import redacted
from runner.reporters.terminal import PlainView

if TYPE_CHECKING:
    from runner.clock import Clock
    from runner.redact import Redactor

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONG = frozenset({"request", "response"})
_ESCAPES = str.maketrans({"\x7f": "\\u007f", "#": "\\u0023"})


class JsonLog:
    """Tells a run line by line; requests and answers of calls are in it only if it is ``verbose``."""

    def __init__(
        self, stream: TextIO, redactor: Redactor, clock: Clock, run_id: str, playbook: str, *, verbose: bool
    ) -> None:
        self._view = PlainView(stream)
        self._redactor = redactor
        self._clock = clock
        self._run = {"run_id": run_id, "playbook": playbook}
        self._verbose = verbose

    def __call__(self, event: Event) -> None:
        """Write an event's line."""
        told = dict(self._told(redacted(event, self._redactor)))
        at = told.pop("at", None) or self._clock.now().isoformat()
        data = {"at": at, "event": name_of(type(event)), **self._run, **told}
        # A `#` is found in texts alone; two of them may be a command to a CI server, wherever they stand.
        self._view.line(json.dumps(data).translate(_ESCAPES))

    def _told(self, event: Event) -> Iterator[tuple[str, Any]]:
        for each in fields(event):
            if isinstance(event, CallMade) and each.name in _LONG and not self._verbose:
                continue
            value = getattr(event, each.name)
            if isinstance(value, Problem | Surroundings):
                value = {inner.name: getattr(value, inner.name) for inner in fields(value)}
            if each.name not in self._run:
                yield field_of(type(event), each.name), plain(value)


def name_of(kind: type) -> str:
    """An event's name: ``step_started``."""
    return _WORD.sub("_", kind.__name__).lower()


def field_of(kind: type, name: str) -> str:
    """What an event's field is called here: ``step`` is always a step's path, ``id`` its last word."""
    if name == "path" and kind is not RunStarted:
        return "step"
    if name == "step" and kind in {CleanupOwed, CleanupDone}:
        return "id"
    return "at" if name == "started_at" else name
