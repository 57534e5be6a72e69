"""The journal of a state directory as the commands use it, and the keys under which its runs are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from runner.frozen import frozen
from runner.journal.locks import LockKey
from runner.journal.store import Journal, Run
from runner.settings import Settings, state_folder


@frozen
class Book:
    """The journal and the folder that it lies in, with its locks, and the settings that led there."""

    folder: Path
    journal: Journal
    settings: Settings


@contextmanager
def book_of(
    settings: Settings, opened: Callable[[Path], Journal] | None = None, *, reading: bool = False
) -> Iterator[Book]:
    """The journal within the block, as ``opened`` opens it; for ``reading`` alone on a full disk, too.

    Raises ``WrongInput`` where none can be kept, before anything is sent.
    """
    folder = state_folder(settings)
    journal = opened(folder) if opened else Journal(folder, reading=reading)
    try:
        yield Book(folder, journal, settings)
    finally:
        journal.close()


@contextmanager
def held_if_open(book: Book, listed: Run, now: datetime) -> Iterator[Run | None]:
    """A run's lock within the block, and the run as it is by then: None if it came to its end since it was listed."""
    from runner.journal.locks import held

    with held(book.folder, lock_key(listed), listed.run_id, now):
        found = book.journal.run(listed.run_id)
        yield found if found is not None and found.open else None


def lock_key(run: Run) -> LockKey:
    """What must not run twice at once."""
    return LockKey(run.playbook, run.base_url, run.participant, run.account)


def halt_keys(settings: Settings) -> tuple[str, ...]:
    """What a halt holds for: the environment by its name, which is always known, and whatever else acts at its URL."""
    named = f"environment {settings.environment.value}"
    return (named,) if settings.base_url is None else (named, settings.base_url.value)
