"""Small files that processes change in turns: one line each, under an operating-system lock.

The kernel frees the lock (``flock``) however a process dies, and a line is written by one call, so that nobody finds
half of it. A file that can't be used is no reason to fail: what would stand in it is then kept in this process alone.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
_FORGOTTEN_AFTER = 86_400.0
_LARGEST = 65_536
_TRIES = 1_000
_PAUSE = 0.001


class SharedFiles:
    """The files of one folder; ``folder`` is None where nothing is shared."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._own: dict[str, str] = {}

    def change(self, name: str, act: Callable[[str], tuple[str, T]]) -> T:
        """``act`` gets the line of a file (empty if there is none) and says what stands there afterwards.

        It may be called a second time, if its first result could not be written.
        """
        if self._folder is not None:
            with contextlib.suppress(OSError):
                return _change(self._folder / name, act)
        self._own[name], result = act(self._own.get(name, ""))
        return result


def _change(path: Path, act: Callable[[str], tuple[str, T]]) -> T:
    with _locked(path) as handle:
        found = os.pread(handle, _LARGEST, 0)
        line, result = act(found.partition(b"\n")[0].decode(errors="replace"))
        # What a longer line leaves behind this one's end is not read again.
        os.pwrite(handle, f"{line}\n".encode(), 0)
    if not found:
        with contextlib.suppress(OSError):
            _forget_old(path.parent)
    return result


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The file, ours alone within the block. Raises ``OSError``, after a second if somebody does not let go of it."""
    for _ in range(_TRIES):
        handle = _opened(path)
        try:
            if _lock(handle):
                yield handle
                return
        finally:
            os.close(handle)
        time.sleep(_PAUSE)
    raise TimeoutError(f"{path} is locked")


def _opened(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
    try:
        return os.open(path, flags, 0o600)
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(path, flags, 0o600)


def _lock(handle: int) -> bool:
    """Whether the file is ours now, and is still the one that others find by its name."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return os.fstat(handle).st_nlink > 0


def _forget_old(folder: Path) -> None:
    """Take away what nobody used for a day: exchanges on ports that were free for once leave their files behind."""
    before = time.time() - _FORGOTTEN_AFTER
    for path in folder.iterdir():
        if path.stat().st_mtime < before:
            with _locked(path) as handle:
                if os.fstat(handle).st_mtime < before:
                    path.unlink()
