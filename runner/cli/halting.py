"""What ``halt`` and ``unhalt`` share: which venue is meant, and the journal that all runs look into."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from runner.cli.journaling import book_of, halt_keys
from runner.cli.settings_options import gather_here, settings_options
from runner.errors import WrongInput
from runner.frozen import frozen
from runner.journal.store import Journal
from runner.settings import Settings, gather


@frozen
class Meant:
    """The journal, the keys of the venue in it, and its name for people."""

    journal: Journal
    keys: tuple[str, ...]
    shown: str


@contextmanager
def halting(options: argparse.Namespace) -> Iterator[Meant]:
    """What is meant, within the block; a kill switch works with whatever settings there are."""
    settings = _settings(options)
    where = f" ({settings.base_url.value})" if settings.base_url else ""
    with book_of(settings) as book:
        yield Meant(book.journal, halt_keys(settings), f"{settings.environment.value}{where}")


def _settings(options: argparse.Namespace) -> Settings:
    """Missing or wrong credentials do not matter here, and a ``pmx.yaml`` that can't be read is left out."""
    try:
        return gather_here(options)[0]
    except WrongInput as wrong:
        print(f"{wrong}\n\ngoing on without that file: look whether the right environment is named", file=sys.stderr)
        return gather(None, os.environ, settings_options(options))[0]
