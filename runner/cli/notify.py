"""``pmx-run notify``: deliver what is still owed to somebody, and say what became of it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from runner.cli.journaling import Book, book_of
from runner.cli.notifying import given_up, named
from runner.cli.settings_options import add_settings_options, gather_here
from runner.errors import ExitCode

if TYPE_CHECKING:
    from runner.journal.outbox import Owed

SUMMARY = "Deliver the notifications that did not arrive yet, now; 3 if one still doesn't."
add_arguments = add_settings_options
_SECONDS = 10.0


def run(options: argparse.Namespace) -> int:
    """Try each once, whenever its next try would be."""
    settings, _ = gather_here(options)
    with book_of(settings) as book:
        lost = list(given_up(book))
        tried = _tried(book)
    failed = [pair for pair in tried if pair[1]]
    for each, error in tried:
        if not error:
            print(f"delivered: {named(each)}")
    for line in (*lost, *(f"still owed: {named(each)}: {error}" for each, error in failed)):
        print(line, file=sys.stderr)
    if not tried and not lost:
        print("nothing is owed")
    return int(ExitCode.ERRORED if failed else ExitCode.PASSED)


def _tried(book: Book) -> Sequence[tuple[Owed, str]]:
    """All that is owed, some at a time, each of it once."""
    from runner.notify.delivering import deliver

    tried: list[tuple[Owed, str]] = []
    while True:
        but = {each.id for each, _ in tried}
        found = deliver(book.journal.outbox, early=True, seconds=_SECONDS, but=but)
        if not found:
            return tried
        tried += found
