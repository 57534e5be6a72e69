"""What a schedule's run would do, told without sending anything: its plan, and its calls at most."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Mapping

from runner.actions import BUILTIN
from runner.cli.bounds import bounds_of
from runner.cli.finding import find
from runner.cli.foreseeing import foreseen_by, surroundings_of
from runner.cli.memory import Memory
from runner.cli.playbooks import checked
from runner.cli.remembering import remembering_folder
from runner.cli.schedule.reading import playbook_word, settings_of
from runner.cli.schedule.words import written
from runner.foresight.model import ForeseenStep
from runner.foresight.pacing import Load, all_calls, loads
from runner.frozen import frozen
from runner.plan import Plan, build
from runner.plan.inputs import Given, resolve_inputs
from runner.schedule.model import Schedule
from runner.settings import ConfigFile, Settings
from runner.venue.participant import firm_of

_LATER = "to come"


@frozen
class Job:
    """A schedule with the plan of its runs.

    ``calls`` at most, answers that fail aside, None where nobody can tell; ``seconds`` that a run lets pass on purpose.
    """

    schedule: Schedule
    settings: Settings
    plan: Plan
    loads: tuple[Load, ...]
    calls: int | None
    seconds: float

    @property
    def sharing(self) -> tuple[str, str]:
        """Whose rate limits it uses: those of an address and a firm."""
        settings = self.settings
        firm = firm_of(settings.participant.value if settings.participant else "")
        return settings.base_url.value if settings.base_url else "", firm

    @property
    def trades(self) -> bool:
        """Whether it can send orders."""
        return any(step.action.terms is not None for step in self.plan.all_steps)


def job_of(file: ConfigFile, schedule: Schedule, options: argparse.Namespace) -> Job:
    """The schedule, planned; secrets that only its runs will have may be missing.

    Raises ``WrongInput`` with the mistakes of the playbook and the inputs, ``GuardRefused`` for a crossed limit.
    """
    settings = settings_of(file, schedule.environment, options)
    found = find(playbook_word(file, schedule))
    memory, bounds = Memory(remembering_folder(settings), found.source.text), bounds_of(settings)
    playbook = checked(found.source, bounds, memory, found.shelf(settings))
    given = Given(_texts(schedule.inputs), {}, "", os.environ, lambda _: _LATER)
    plan = build(playbook, BUILTIN, resolve_inputs(playbook.inputs, given), bounds, memory)
    surroundings = surroundings_of(settings)
    steps = foreseen_by(plan, surroundings)
    calls = all_calls(steps, surroundings).most
    return Job(schedule, settings, plan, tuple(loads(steps, surroundings)), calls, _certain_seconds(steps))


def _certain_seconds(steps: Iterable[ForeseenStep]) -> float:
    """What waits of their own make of a run whose steps all pass."""
    performed = (each for step in steps for each in step.performances if each.goes)
    return sum(each.lasts * (each.times or 0) for each in performed)


def _texts(inputs: Mapping[str, object]) -> dict[str, str]:
    return {name: written(value) for name, value in inputs.items()}
