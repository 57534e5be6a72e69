"""The state directory: where the journal, locks and what is remembered between runs lie."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from runner.diagnostic import Diagnostic
from runner.errors import WrongInput
from runner.settings.model import Settings

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def state_folder(settings: Settings) -> Path:
    """The state directory, made now (mode 0700) if it was not there.

    Raises ``WrongInput`` where it can't be made, belongs to another user or can be written by others.
    """
    folder = state_path(settings)
    try:
        make_private(folder)
        _claim(folder)
    except OSError as error:
        raise _wrong(f"the state directory {folder} can't be used: {error.strerror}") from error
    return folder


def state_path(settings: Settings) -> Path:
    """Where the state directory is or will be; nothing is made."""
    return _platform_folder() if settings.state_dir is None else settings.state_dir.value


def make_private(folder: Path) -> None:
    """Make a folder and those above it that are missing, each for its owner alone; raises ``OSError``."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
    if not folder.is_dir():
        folder.mkdir()


def _platform_folder() -> Path:
    import platformdirs

    return Path(platformdirs.user_state_dir("pmx", appauthor=False))


def _claim(folder: Path) -> None:
    """Refuse a folder that others have a hand in; an empty one was made for us and is closed to them."""
    found = folder.stat()
    if found.st_uid != os.geteuid():
        raise _wrong(f"the state directory {folder} belongs to another user", "name one of your own: --state-dir DIR")
    if found.st_mode & _OTHERS and not any(folder.iterdir()):
        folder.chmod(0o700)
    elif found.st_mode & _OTHERS_WRITE:
        raise _wrong(f"others can write to the state directory {folder}", f"chmod 700 {folder}")


def _wrong(title: str, help: str = "name another one: --state-dir DIR or PMX_STATE_DIR") -> WrongInput:
    return WrongInput([Diagnostic(title, help=help)])
