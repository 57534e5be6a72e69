"""A playbook's text read and checked, or taken from memory if this very text was found good before."""

from __future__ import annotations

from typing import Literal

from runner.actions import BUILTIN
from runner.cli.memory import Memory
from runner.errors import WrongInput
from runner.plan import Bounds, examine
from runner.playbook.including import KeptTexts, Opened, Shelf, with_included
from runner.playbook.model import Playbook
from runner.source import Source

NOTHING: Shelf = KeptTexts({"texts": {}, "included": {}})


class KnownActions:
    """The actions that exist, as the reading of a playbook asks for them."""

    names = BUILTIN.keys()

    def effect(self, name: str) -> Literal["reads", "changes"]:
        """Whether an action changes something at the venue."""
        return BUILTIN[name].effect


def checked(source: Source, bounds: tuple[Bounds, ...], memory: Memory, shelf: Shelf = NOTHING) -> Playbook:
    """The playbook with those of ``shelf`` that it includes, without a mistake that can be known.

    Raises ``WrongInput`` with all of them. Warnings are left with the memory.
    """
    playbook = read(source, memory, shelf)
    problems = examine(playbook, BUILTIN, bounds, memory)
    errors = [each for each in problems if each.severity == "error"]
    if errors:
        raise WrongInput(errors)
    memory.keep(playbook, problems)
    return playbook


def read(source: Source, memory: Memory, shelf: Shelf = NOTHING) -> Playbook:
    """The playbook as written, with those of ``shelf`` that it includes.

    Raises ``WrongInput`` where a schema or the syntax does not allow it, or one of them can't be found.
    """
    top = Opened(source, shelf.top)
    return with_included(_read(source, memory), top, shelf, lambda each: _read(each, memory.of(each)))


def _read(source: Source, memory: Memory) -> Playbook:
    playbook = memory.playbook(source)
    if playbook is None:
        from runner.playbook.load import load

        playbook = load(source, KnownActions(), memory)
    return playbook
