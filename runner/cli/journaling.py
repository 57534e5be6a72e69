"""The journal of a state directory as the commands use it, and the keys under which its runs are known."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runner.frozen import frozen
from runner.journal.locks import LockKey
from runner.journal.store import Journal, Run
from runner.settings import Settings, state_folder


@frozen
class Book:
    """The journal and the folder that it lies in, with its locks."""

    folder: Path
    journal: Journal


@contextmanager
def book_of(settings: Settings) -> Iterator[Book]:
    """The journal within the block. Raises ``WrongInput`` where none can be kept, before anything is sent."""
    folder = state_folder(settings)
    journal = Journal(folder)
    try:
        yield Book(folder, journal)
    finally:
        journal.close()


def lock_key(run: Run) -> LockKey:
    """What must not run twice at once."""
    return LockKey(run.playbook, run.base_url, run.participant, run.account)


def halt_key(settings: Settings, *, embedded: bool) -> str:
    """What a halt holds for: the base URL, or the environment's name where every run brings its own exchange."""
    if embedded or settings.base_url is None:
        return f"environment {settings.environment.value}"
    return settings.base_url.value
