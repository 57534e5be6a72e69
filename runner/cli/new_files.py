"""Files that a command makes for somebody: never over one that is there."""

from __future__ import annotations

import os
from pathlib import Path

from runner.diagnostic import Diagnostic
from runner.errors import WrongInput

_READABLE = 0o644


def write(path: Path, text: str) -> None:
    """Make a file that only its owner can write to: a ``pmx.yaml`` that others can write to is refused by a run.

    Raises ``WrongInput``.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _READABLE), "wb") as made:
            made.write(text.encode())
    except OSError as error:
        raise WrongInput([Diagnostic(f"{path} can't be made: {error.strerror}")]) from error
