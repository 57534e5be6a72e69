"""Past runs, looked up in the journal by their ids."""

from __future__ import annotations

from dataclasses import replace

from runner.cli.journaling import Book, lock_key
from runner.diagnostic import Diagnostic
from runner.errors import WrongInput
from runner.journal.locks import is_held
from runner.journal.recorder import events_of
from runner.journal.store import Run
from runner.record.result import RunResult, fold


def past_run(book: Book, run_id: str) -> RunResult:
    """The result of a run as far as it came. Raises ``WrongInput`` for an id of none, and for one without events."""
    run = book.journal.run(run_id)
    if run is None:
        help = "`pmx-run history` lists the runs of this state directory"
        raise WrongInput([Diagnostic(f"there is no run `{run_id}`", help=help)])
    under_way = status_of(book, run) == "running"
    events = events_of(book.journal.entries(run_id))
    if not events:
        raise WrongInput([Diagnostic(f"the run `{run_id}` ended before it began: there is nothing to tell of it")])
    return replace(fold(events), under_way=under_way)


def status_of(book: Book, run: Run) -> str:
    """How a run ended; ``running`` or ``killed`` for one that did not."""
    if run.status is not None:
        return run.status
    return "running" if is_held(book.folder, lock_key(run)) else "killed"
