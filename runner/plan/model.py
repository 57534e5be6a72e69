"""A plan: the playbook resolved and checked, plain data from here on."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from runner.action import Action
from runner.frozen import frozen
from runner.playbook.model import CleanupStep, Expectation, Playbook, Step


@frozen
class Bound:
    """The strictest statement of one limit, and where it stands: ``playbooks/place.yaml:14:11``."""

    name: str
    value: Decimal
    origin: str


@frozen
class NameBound:
    """Names that a run may use (shell patterns for symbols); every bound of a list must be met."""

    name: str
    patterns: tuple[str, ...]
    origin: str


@frozen
class Bounds:
    """All limits of a run, the strictest of each. ``names`` keeps every list, since all of them must be met."""

    numbers: Mapping[str, Bound]
    names: tuple[NameBound, ...]

    def number(self, name: str) -> Bound | None:
        """The bound of one limit, None if nothing states it."""
        return self.numbers.get(name)


@frozen
class Need:
    """Something a step cannot do without: what step ``owner`` makes. ``capture`` is empty for its whole result."""

    owner: str
    capture: str


@frozen
class PlannedCleanup:
    """One act that undoes a step."""

    written: CleanupStep
    action: Action


@frozen
class LeftOut:
    """Why a step is not to be performed: the ``option`` of the command line that left it out, and how."""

    option: Literal["--tags", "--skip-tags", "--from"]
    reason: str


@frozen
class PlannedStep:
    """One step, ready to be performed. ``in_finally`` steps run at the end, whatever happened.

    ``path`` is its place below the top playbook: ``order``, ``finally.tidy``, ``caller/order``. ``left_out`` is why it
    is not to be performed at all, None if it is. ``included`` is the plan of the playbook that it performs, if it
    performs one.
    """

    path: str
    written: Step
    action: Action
    expectations: tuple[Expectation, ...]
    needs: tuple[Need, ...]
    cleanup: tuple[PlannedCleanup, ...]
    in_finally: bool = False
    left_out: LeftOut | None = None
    included: Plan | None = None

    @property
    def name(self) -> str:
        """Its path within its own playbook: ``order``, ``finally.tidy``."""
        return self.path.rpartition("/")[2]


@frozen
class Plan:
    """All that a run needs to know in advance. ``sha256`` is that of the playbook's text and of all that it includes.

    Of an included playbook ``inputs`` are those that are known before the run, and ``bounds`` its own limits alone.
    """

    playbook: Playbook
    sha256: str
    inputs: Mapping[str, object]
    bounds: Bounds
    steps: tuple[PlannedStep, ...]
    finally_: tuple[PlannedStep, ...]

    @property
    def own_steps(self) -> tuple[PlannedStep, ...]:
        """The steps, then those of ``finally``; not those of included playbooks."""
        return (*self.steps, *self.finally_)

    @property
    def plans(self) -> tuple[Plan, ...]:
        """This plan, and those of all playbooks below it."""
        below = (each.included.plans for each in self.own_steps if each.included is not None)
        return (self, *(plan for plans in below for plan in plans))

    @property
    def all_steps(self) -> tuple[PlannedStep, ...]:
        """Every step that the run may perform, those of included playbooks too."""
        return tuple(step for plan in self.plans for step in plan.own_steps)
