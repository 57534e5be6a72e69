"""``pmx-run history``: past runs from the journal, newest first, and those in doubt with what is left of them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import datetime

from runner.cli.journaling import Book, book_of, lock_key
from runner.cli.settings_options import add_settings_options, gather_here
from runner.engine.ledger import Ledger
from runner.journal.locks import is_held
from runner.journal.recorder import events_of
from runner.journal.store import Run

SUMMARY = "Past runs, newest first; with --in-doubt those of which something may be left at the venue."
_DEFAULT_LIMIT = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How many, which, and in which form."""
    add_settings_options(parser)
    parser.add_argument("--in-doubt", action="store_true", help="only runs that were killed or ended in doubt")
    parser.add_argument("--limit", type=int, default=_DEFAULT_LIMIT, metavar="N", help="at most so many (default 20)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(options: argparse.Namespace) -> int:
    """Print a line for each run."""
    settings, _ = gather_here(options)
    with book_of(settings) as book:
        runs = _in_doubt(book, options.limit) if options.in_doubt else book.journal.history(options.limit)
        for each in runs:
            print(json.dumps(_plain(book, each)) if options.json else "\n".join(_lines(book, each)))
    return 0


def _in_doubt(book: Book, limit: int) -> Iterable[Run]:
    """Those that need somebody, newest first: what is under way needs nobody."""
    found = [each for each in reversed(book.journal.open_runs()) if _status(book, each) != "running"]
    return found[:limit]


def _status(book: Book, run: Run) -> str:
    if run.status is not None:
        return run.status
    return "running" if is_held(book.folder, lock_key(run)) else "killed"


def _lines(book: Book, run: Run) -> Iterator[str]:
    code = "" if run.exit_code is None else f" ({run.exit_code})"
    status = _status(book, run)
    yield f"{run.started_at:%Y-%m-%d %H:%M:%S}  {run.run_id}  {run.playbook}  {run.environment}  {status}{code}"
    if run.open and status != "running":
        yield from (f"    {line}" for line in _left(book, run))


def _left(book: Book, run: Run) -> Iterator[str]:
    """Each order whose end nobody has seen, and what to type."""
    ledger = Ledger()
    for event in events_of(book.journal.entries(run.run_id)):
        ledger.take(event)
    for intended in ledger.intended.values():
        if not ledger.over(intended.clord_id):
            seen = ledger.seen(intended.clord_id)
            named = seen.order_id if seen else "of unknown id"
            yield (
                f"order {named} (client order id {intended.clord_id}), {intended.symbol}, participant "
                f"{intended.participant}, last known state {ledger.state(intended.clord_id)}"
            )
    yield f"pmx-run resume {run.run_id}"


def _plain(book: Book, run: Run) -> dict[str, object]:
    data = {each.name: getattr(run, each.name) for each in fields(run)}
    times = {name: value.isoformat() for name, value in data.items() if isinstance(value, datetime)}
    return {**data, **times, "status": _status(book, run)}
