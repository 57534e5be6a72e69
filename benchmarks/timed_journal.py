"""A run that writes down how many seconds it spent in the journal. Arguments: a file for that, and a playbook."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

_spent = 0.0


def main() -> int:
    """Perform the playbook as the program does."""
    from runner.cli.main import dispatch

    began = perf_counter()
    import sqlite3  # noqa: F401

    from runner.journal.store import Journal

    loaded = perf_counter() - began
    for name in ("__init__", "begin", "append", "_read", "close"):
        setattr(Journal, name, _timed(getattr(Journal, name)))
    code = dispatch(sys.argv[2:])
    Path(sys.argv[1]).write_text(str(loaded + _spent), encoding="utf-8")
    return code


def _timed(method: Callable[..., Any]) -> Callable[..., Any]:
    def timed(*arguments: object, **options: object) -> object:
        global _spent
        began = perf_counter()
        try:
            return method(*arguments, **options)
        finally:
            _spent += perf_counter() - began

    return timed


if __name__ == "__main__":
    sys.exit(main())
