"""A playbook's text read and checked, or taken from memory if this very text was found good before."""

from __future__ import annotations

from typing import Literal

from runner.actions import BUILTIN, PLANNED
from runner.cli.memory import Memory
from runner.errors import WrongInput
from runner.plan import Bounds, examine
from runner.playbook.model import Playbook
from runner.source import Source


class KnownActions:
    """The actions that exist, as the reading of a playbook asks for them."""

    names = BUILTIN.keys()
    planned = PLANNED

    def effect(self, name: str) -> Literal["reads", "changes"]:
        """Whether an action changes something at the venue."""
        return BUILTIN[name].effect


def checked(source: Source, bounds: tuple[Bounds, ...], memory: Memory) -> Playbook:
    """The playbook, without a mistake that can be known. Raises ``WrongInput`` with all of them.

    Warnings are left with the memory.
    """
    playbook = read(source, memory)
    problems = examine(playbook, BUILTIN, bounds, memory)
    errors = [each for each in problems if each.severity == "error"]
    if errors:
        raise WrongInput(errors)
    memory.keep(playbook, problems)
    return playbook


def read(source: Source, memory: Memory) -> Playbook:
    """The playbook as written. Raises ``WrongInput`` for one that its schema or syntax does not allow."""
    playbook = memory.playbook(source)
    if playbook is None:
        from runner.playbook.load import load

        playbook = load(source, KnownActions(), memory)
    return playbook
