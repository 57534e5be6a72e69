"""``pmx.yaml``: found, and refused if somebody else could have written it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from runner.cli.config_keys import ConfigReading
from runner.diagnostic import Diagnostic
from runner.errors import WrongInput
from runner.settings import ConfigFile

NAME_OF_FILE = "pmx.yaml"


def config_for(start: Path, given: str | None = None) -> ConfigFile | None:
    """The ``pmx.yaml`` that was ``given``, else the first one from the folder ``start`` upwards, else None.

    Raises ``WrongInput`` if the given one isn't there, others could have written it, or something is wrong in it.
    """
    if given is not None:
        return read_config(Path(given))
    folder = start.resolve()
    found = (each / NAME_OF_FILE for each in (folder, *folder.parents))
    return next((read_config(path) for path in found if path.is_file()), None)


def read_config(path: Path) -> ConfigFile:
    """One file, read and checked; raises ``WrongInput``."""
    from runner.playbook.reader import decode, read

    shown = _shown(path)
    source = decode(shown, _own_bytes(path, shown))
    return ConfigReading(source).file(read(source), path.parent.resolve())


def _shown(path: Path) -> str:
    """The path as people know it: from the current folder where it lies inside."""
    whole = path.absolute()
    return str(whole.relative_to(Path.cwd())) if whole.is_relative_to(Path.cwd()) else str(whole)


def _own_bytes(path: Path, shown: str) -> bytes:
    """The file's content; it is looked at and read through one handle, so that nobody can change it in between."""
    try:
        with path.open("rb") as opened:
            _refuse_foreign(os.fstat(opened.fileno()), shown)
            return opened.read()
    except OSError as error:
        raise WrongInput([Diagnostic(f"{shown} can't be read: {error.strerror}")]) from error


def _refuse_foreign(found: os.stat_result, shown: str) -> None:
    if found.st_uid != os.geteuid():
        title, help = f"{shown} belongs to another user", f"make a copy of your own: cp {shown} mine.yaml"
    elif found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        title, help = f"others can write to {shown}", f"chmod go-w {shown}"
    else:
        return
    raise WrongInput([Diagnostic(title, help=f"it decides where orders are sent; {help}")])
