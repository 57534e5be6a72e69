"""The names that expressions see while a run goes on, and the rendering of what a playbook wrote with them."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping, MutableMapping
from copy import copy
from datetime import datetime
from typing import Any

from runner.expression import EvaluationError, Expression, Functions, evaluate, render
from runner.playbook.model import Code, Duration, ListValue, MapValue, Scalar, Text, Value
from runner.source import Span
from runner.value import WrongValue, milliseconds, shown


class Unrenderable(Exception):
    """An expression could not be computed; where it stands and why."""

    def __init__(self, message: str, place: Span, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.help = help


class CaptureFailed(Unrenderable):
    """A capture could not be computed: its step failed, since it was performed."""


class Scope:
    """The names of a run, or of one item of a loop in it.

    What steps make is added as they make it; nothing is ever taken away.
    """

    def __init__(
        self,
        inputs: Mapping[str, object],
        environment: Mapping[str, str],
        run_id: str,
        started_at: datetime,
        functions: Functions,
    ) -> None:
        self.steps: MutableMapping[str, dict[str, Any]] = {}
        self.captures: MutableMapping[str, object] = {}
        self._functions = functions
        self._base: dict[str, object] = {
            "inputs": inputs,
            "environment": dict(environment),
            "run": {"id": run_id, "started_at": started_at},
            "steps": self.steps,
        }

    def frozen(self) -> Scope:
        """The names as they are now: what a loop comes to later is not seen by its own items, nor by their cleanups."""
        return self._with(dict(self.steps), dict(self.captures), {})

    def of_item(self, loop_names: Mapping[str, object]) -> Scope:
        """The names inside one item of a loop: everybody's, and what the item makes for itself alone."""
        return self._with(ChainMap({}, self.steps), ChainMap({}, self.captures), loop_names)

    def of_playbook(self, inputs: Mapping[str, object]) -> Scope:
        """The names inside an included playbook: its inputs, the run's surroundings, and what its own steps make."""
        kept = {name: self._base[name] for name in ("environment", "run")}
        other = copy(self)
        other.steps, other.captures = {}, {}
        other._base = {**kept, "inputs": inputs, "steps": other.steps}
        return other

    def _with(
        self,
        steps: MutableMapping[str, dict[str, Any]],
        captures: MutableMapping[str, object],
        more: Mapping[str, object],
    ) -> Scope:
        other = copy(self)
        other.steps, other.captures = steps, captures
        other._base = {**self._base, **more, "steps": steps}
        return other

    def names(self, extra: Mapping[str, object] | None = None) -> Mapping[str, object]:
        """Everything that can be seen, later captures too; ``extra`` adds ``result`` and ``call``."""
        return ChainMap(dict(extra or {}), self.captures, self._base)

    def value(self, written: Value, names: Mapping[str, object]) -> Any:
        """What a value of the playbook comes to; raises ``Unrenderable``."""
        match written:
            case Scalar():
                return written.value
            case ListValue():
                return [self.value(item, names) for item in written.items]
            case MapValue():
                return {entry.key: self.value(entry.value, names) for entry in written}
        return self.text(written, names)

    def text(self, written: Text, names: Mapping[str, object]) -> Any:
        """What a text comes to: itself, or its template rendered; raises ``Unrenderable``."""
        if isinstance(written.written, str):
            return written.written
        try:
            return render(written.written, names, self._functions)
        except EvaluationError as error:
            raise _placed(error, written) from error

    def code(self, code: Code, names: Mapping[str, object]) -> Any:
        """The value of an expression; raises ``Unrenderable``."""
        try:
            return evaluate(code.expression, names, self._functions)
        except EvaluationError as error:
            raise _placed(error, code) from error

    def because(self, expression: Expression, names: Mapping[str, object], redact: Callable[[str], str]) -> str:
        """Why an expression does not hold, in lines: the values of its parts, each redacted before it is cut."""
        from runner.expression.explaining import explain

        return explain(expression, names, self._functions, redact)

    def seconds(self, written: Duration | Text, names: Mapping[str, object]) -> float:
        """A length of time in seconds; raises ``Unrenderable``."""
        if isinstance(written, Duration):
            return written.milliseconds / 1000
        value = self.text(written, names)
        try:
            return milliseconds(value if isinstance(value, str) else shown(value)) / 1000
        except WrongValue as wrong:
            raise Unrenderable(str(wrong), written.span) from None


def _placed(error: EvaluationError, written: Text | Code) -> Unrenderable:
    return Unrenderable(error.message, written.place(error.offset, error.length), error.help)
