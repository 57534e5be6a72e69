"""What ``halt`` and ``unhalt`` share: which venue is meant, and the journal that all runs look into."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from runner.cli.journaling import book_of, halt_key
from runner.cli.settings_options import gather_here
from runner.frozen import frozen
from runner.journal.store import Journal


@frozen
class Meant:
    """The journal, the key of the venue in it, and its name for people."""

    journal: Journal
    key: str
    shown: str


@contextmanager
def halting(options: argparse.Namespace) -> Iterator[Meant]:
    """What is meant, within the block.

    Problems with credentials do not matter here: a kill switch works with whatever settings there are.
    """
    settings, _ = gather_here(options)
    where = f" ({settings.base_url.value})" if settings.base_url else ""
    with book_of(settings) as book:
        key = halt_key(settings, embedded=settings.base_url is None)
        yield Meant(book.journal, key, f"{settings.environment.value}{where}")
