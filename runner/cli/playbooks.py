"""From a word on the command line to a playbook that was read and checked."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from runner.actions import BUILTIN, PLANNED
from runner.cli.memory import Memory
from runner.diagnostic import Diagnostic, nearest
from runner.errors import WrongInput
from runner.plan import Bounds, examine
from runner.playbook.load import load
from runner.playbook.model import Playbook
from runner.playbook.reader import decode
from runner.source import Source

_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Found:
    """A playbook's text and where it is from; a bundled one belongs to no folder of the user's."""

    source: Source
    folder: Path


class KnownActions:
    """The actions that exist, as the reading of a playbook asks for them."""

    names = BUILTIN.keys()
    planned = PLANNED

    def effect(self, name: str) -> Literal["reads", "changes"]:
        """Whether an action changes something at the venue."""
        return BUILTIN[name].effect


def playbooks_folder() -> Path:
    """Where the bundled playbooks are: in the package, or beside it in a checkout."""
    inside = _PACKAGE / "playbooks"
    return inside if inside.is_dir() else _PACKAGE.parent / "playbooks"


def find(word: str) -> Found:
    """A playbook by its path, or a bundled one by its name. Raises ``WrongInput`` if there is none."""
    path = Path(word)
    bundled = playbooks_folder() / f"{word}.yaml"
    if not path.exists() and os.sep not in word and bundled.is_file():
        return Found(_read(bundled, f"{word} (bundled)"), Path())
    if not path.is_file():
        names = sorted(each.stem for each in playbooks_folder().glob("*.yaml"))
        what = "is a folder" if path.is_dir() else "there is no such file"
        help = nearest(word, names) or f"give a path, or one of the bundled ones: {', '.join(names)}"
        raise WrongInput([Diagnostic(f"no playbook `{word}`: {what}", help=help)])
    return Found(_read(path, word), path.resolve().parent)


def checked(found: Found, bounds: tuple[Bounds, ...], memory: Memory) -> Playbook:
    """The playbook, without a mistake that can be known. Raises ``WrongInput`` with all of them."""
    playbook = load(found.source, KnownActions(), memory)
    problems = examine(playbook, BUILTIN, bounds, memory)
    if problems:
        raise WrongInput(problems)
    memory.keep()
    return playbook


def _read(path: Path, shown: str) -> Source:
    try:
        return decode(shown, path.read_bytes())
    except OSError as error:
        raise WrongInput([Diagnostic(f"{shown} can't be read: {error.strerror}")]) from error
