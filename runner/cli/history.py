"""``pmx-run history``: past runs from the journal, newest first, those in doubt with what is left of them.

``pmx-run history prune`` forgets old ones.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta

from runner.cli.journaling import Book, book_of
from runner.cli.leftovers import command, left_of
from runner.cli.notifying import deliver_owed
from runner.cli.past import status_of
from runner.cli.settings_options import add_settings_options, gather_here
from runner.diagnostic import Diagnostic
from runner.errors import WrongInput
from runner.journal.recorder import events_of
from runner.journal.store import Run, Wanted
from runner.value import WrongValue, counted, milliseconds

SUMMARY = "Past runs, newest first; with --in-doubt those of which something may be left at the venue."
_DEFAULT_LIMIT = 20
_ENDED = ("passed", "failed", "errored", "refused", "in_doubt", "interrupted")
_NOT_ENDED = ("running", "killed")
_MOST_AT_ONCE = 100_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How many, which, and in which form."""
    parser.add_argument(
        "word", nargs="?", choices=("prune",), metavar="prune", help="forget runs older than `retention` days"
    )
    add_settings_options(parser)
    parser.add_argument("--playbook", metavar="NAME", help="only runs of this playbook")
    states = (*_ENDED, *_NOT_ENDED)
    help = f"only runs that ended so, or did not: {', '.join(states)}"
    parser.add_argument("--status", choices=states, metavar="STATUS", help=help)
    parser.add_argument("--since", type=_moment, metavar="TIME", help="only from 2026-11-22, 2026-11-22T14:00 or 7d on")
    parser.add_argument("--in-doubt", action="store_true", help="only runs that were killed or ended in doubt")
    parser.add_argument("--limit", type=_some, metavar="N", help=f"at most so many (default {_DEFAULT_LIMIT})")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--dry-run", action="store_true", help="with prune: say what would be forgotten")


def run(options: argparse.Namespace) -> int:
    """Print a line for each run."""
    _check(options)
    settings, _ = gather_here(options)
    with book_of(settings, reading=options.word is None or options.dry_run) as book:
        runs = _pruned(book, options) if options.word else _found(book, options)
        if options.json:
            for each in runs:
                print(json.dumps(_plain(book, each)))
        else:
            print("".join(f"{line}\n" for line in _table(book, runs)), end="")
            if options.word:
                print(_said(runs, settings.retention.value, dry=options.dry_run))
        sys.stdout.flush()
        deliver_owed(book)
    return 0


def _check(options: argparse.Namespace) -> None:
    """Prune and the list have their own options."""
    of_list = (options.playbook, options.status, options.since, options.limit, options.in_doubt, options.env)
    if options.word and any(of_list):
        help = "it goes by age alone; `retention` in pmx.yaml says how many days are kept"
        raise WrongInput([Diagnostic("`history prune` forgets old runs whatever they are", help=help)])
    if options.dry_run and not options.word:
        raise WrongInput([Diagnostic("--dry-run goes with prune", help="pmx-run history prune --dry-run")])


def _some(text: str) -> int:
    """A number of runs, one at least."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("give a number of runs, 1 or more")
    return int(text)


def _moment(text: str) -> datetime:
    """A date or a time, in UTC as the table shows them unless it says otherwise, or how long ago."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        try:
            return datetime.now(UTC) - timedelta(milliseconds=milliseconds(text))
        except (WrongValue, OverflowError):
            message = "give a date (2026-11-22), a time (2026-11-22T14:00) or how long ago (12h, 7d)"
            raise argparse.ArgumentTypeError(message) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def _found(book: Book, options: argparse.Namespace) -> Sequence[Run]:
    """The runs that are wanted, newest first. Whether one without an end was killed, its lock alone can tell."""
    limit = options.limit or _DEFAULT_LIMIT
    ended = options.status if options.status in _ENDED else None
    wanted = Wanted(
        options.playbook, options.env, ended, options.since, options.in_doubt or options.status in _NOT_ENDED
    )
    if not wanted.open:
        return book.journal.history(limit, wanted)
    found = (each for each in book.journal.history(None, wanted) if _is_meant(status_of(book, each), options))
    return [each for each, _ in zip(found, range(limit), strict=False)]


def _is_meant(status: str, options: argparse.Namespace) -> bool:
    """What is under way needs nobody, so it is not in doubt."""
    return options.status in (None, status) and not (options.in_doubt and status == "running")


def _pruned(book: Book, options: argparse.Namespace) -> Sequence[Run]:
    """Old runs, which are forgotten by now unless this is a rehearsal."""
    from runner.journal.pruning import expired, forget

    now, days = datetime.now(UTC), book.settings.retention.value
    runs = expired(book.journal, now, days, _MOST_AT_ONCE)
    if not options.dry_run:
        forget(book.journal, runs, now, days)
    return runs


def _said(runs: Sequence[Run], days: int, *, dry: bool) -> str:
    done = "would be forgotten" if dry else "forgotten"
    if not runs:
        return f"no run is older than {counted(days, 'day')}"
    return f"{counted(len(runs), 'run')} older than {counted(days, 'day')} {done}"


def _table(book: Book, runs: Sequence[Run]) -> Iterator[str]:
    """A line for each run, in columns, with what may be left of it below."""
    widths = [max((len(text) for text in column), default=0) for column in zip(*map(_columns, runs), strict=True)]
    for run in runs:
        status, code = status_of(book, run), "" if run.exit_code is None else f" ({run.exit_code})"
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
    return {**data, **times, "status": status_of(book, run)}
