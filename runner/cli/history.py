"""``pmx-run history``: past runs from the journal, newest first, and those in doubt with what is left of them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import datetime

from runner.cli.journaling import Book, book_of, lock_key
from runner.cli.leftovers import command, left_of
from runner.cli.settings_options import add_settings_options, gather_here
from runner.journal.locks import is_held
from runner.journal.recorder import events_of
from runner.journal.store import Run

SUMMARY = "Past runs, newest first; with --in-doubt those of which something may be left at the venue."
_DEFAULT_LIMIT = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How many, which, and in which form."""
    add_settings_options(parser)
    parser.add_argument("--in-doubt", action="store_true", help="only runs that were killed or ended in doubt")
    parser.add_argument("--limit", type=_some, default=_DEFAULT_LIMIT, metavar="N", help="at most so many (default 20)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(options: argparse.Namespace) -> int:
    """Print a line for each run."""
    settings, _ = gather_here(options)
    with book_of(settings, reading=True) as book:
        runs = _in_doubt(book, options.limit) if options.in_doubt else book.journal.history(options.limit)
        if options.json:
            for each in runs:
                print(json.dumps(_plain(book, each)))
        else:
            print("".join(f"{line}\n" for line in _table(book, list(runs))), end="")
    return 0


def _some(text: str) -> int:
    """A number of runs, one at least."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("give a number of runs, 1 or more")
    return int(text)


def _in_doubt(book: Book, limit: int) -> Iterable[Run]:
    """Those that need somebody, newest first: what is under way needs nobody."""
    found = [each for each in reversed(book.journal.open_runs()) if _status(book, each) != "running"]
    return found[:limit]


def _status(book: Book, run: Run) -> str:
    if run.status is not None:
        return run.status
    return "running" if is_held(book.folder, lock_key(run)) else "killed"


def _table(book: Book, runs: list[Run]) -> Iterator[str]:
    """A line for each run, in columns, with what may be left of it below."""
    widths = [max((len(text) for text in column), default=0) for column in zip(*map(_columns, runs), strict=True)]
    for run in runs:
        status, code = _status(book, run), "" if run.exit_code is None else f" ({run.exit_code})"
        named = (text.ljust(width) for text, width in zip(_columns(run), widths, strict=True))
        yield "  ".join((f"{run.started_at:%Y-%m-%d %H:%M:%S}", *named, f"{status.replace('_', ' ')}{code}"))
        if run.open and status != "running":
            yield from (f"    {line}" for line in _left(book, run))


def _columns(run: Run) -> tuple[str, str, str]:
    return run.run_id, run.playbook, run.environment


def _left(book: Book, run: Run) -> Iterator[str]:
    """Each order whose end nobody has seen, and what to type."""
    yield from left_of(events_of(book.journal.entries(run.run_id)))
    yield command(book.settings, book.folder, run.run_id)


def _plain(book: Book, run: Run) -> dict[str, object]:
    data = {each.name: getattr(run, each.name) for each in fields(run)}
    times = {name: value.isoformat() for name, value in data.items() if isinstance(value, datetime)}
    return {**data, **times, "status": _status(book, run)}
