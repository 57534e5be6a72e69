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

    ``left_out`` is why it is not to be performed at all, None if it is.
    """

    path: str
    written: Step
    action: Action
    expectations: tuple[Expectation, ...]
    needs: tuple[Need, ...]
    cleanup: tuple[PlannedCleanup, ...]
    in_finally: bool = False
    left_out: LeftOut | None = None


@frozen
class Plan:
    """All that a run needs to know in advance. ``sha256`` is that of the playbook's text."""

    playbook: Playbook
    sha256: str
    inputs: Mapping[str, object]
    bounds: Bounds
    steps: tuple[PlannedStep, ...]
    finally_: tuple[PlannedStep, ...]

    @property
    def all_steps(self) -> tuple[PlannedStep, ...]:
        """The steps, then those of ``finally``."""
        return (*self.steps, *self.finally_)
