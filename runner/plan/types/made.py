"""The types of names that are there for everybody: the surroundings of a run, and what its steps made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from runner.plan.names import CALL, ENVIRONMENT
from runner.plan.types.facts import Path
from runner.plan.types.model import ANY_NUMBER, ANY_TEXT, LIST, MOMENT, UNKNOWN, WHOLE, Type, record, words
from runner.playbook.model import Step
from runner.record.events import StepStatus

ENVIRONMENT_NAMES = record(dict.fromkeys(ENVIRONMENT, ANY_TEXT), "`environment`")
RUN_NAMES = record({"id": ANY_TEXT, "started_at": MOMENT}, "`run`")
CALL_NAMES = record({**dict.fromkeys(CALL, UNKNOWN), "status": WHOLE, "duration_ms": ANY_NUMBER}, "`call`")
_STATUS = words(*get_args(StepStatus), origin="the status of a step")


def made_by(step: Step, result: Type, captures: Mapping[str, Type]) -> Type:
    """What others see as ``steps.<id>``."""
    return record({"result": result, "status": _STATUS, **captures}, f"step `{step.id}`")


def listed(step: Step, type_: Type) -> Type:
    """The list of what a loop's items made, null for one that was skipped or failed."""
    certain = step.when is True and step.on_failure == "stop" and step.severity == "required"
    return Type(LIST, items=type_, gaps=not certain)


def outside(path: Path, step: Step) -> Path:
    """The path by which others reach what the step calls ``result``."""
    return ("steps", step.id, *path) if path[0] == "result" else path
