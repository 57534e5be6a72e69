"""Whether what is written to a folder will still be there tomorrow, as far as this machine tells."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from runner.frozen import frozen

_MOUNTS = Path("/proc/self/mountinfo")
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})
_OF_A_CONTAINER = frozenset({"overlay", "aufs"})
_EMPTIED = ("/tmp", "/private/tmp", "/dev/shm", "/run")  # noqa: S108 - nothing is written there


@frozen
class Mount:
    """A volume: the folder where it is mounted and the kind of its file system, such as ``ext4``."""

    folder: Path
    kind: str


def mounts() -> tuple[Mount, ...]:
    """The volumes of this machine in the sequence of their mounting; none where the system doesn't tell."""
    try:
        text = _MOUNTS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    return tuple(mounts_in(text))


def mounts_in(text: str) -> Iterator[Mount]:
    """The volumes that a text tells of; its form is Linux's (proc(5), ``/proc/PID/mountinfo``)."""
    for line in text.splitlines():
        head, dash, tail = line.partition(" - ")
        if dash and len(head.split()) > 4:
            folder = head.split()[4].replace("\\040", " ").replace("\\134", "\\")
            yield Mount(Path(folder), tail.split()[0])


def passing(folder: Path, known: tuple[Mount, ...]) -> str:
    """Why a folder does not last, in a few words; empty if nothing speaks against it."""
    own = mount_of(folder, known)
    if own is not None and own.kind in _IN_MEMORY:
        return f"{own.folder} is a {own.kind}: it lies in memory, and is gone with the next start of the machine"
    if own is not None and own.kind in _OF_A_CONTAINER:
        return f"{own.folder} is a container's own layer ({own.kind}), and is gone with the container"
    emptied = (Path(each) for each in (*_EMPTIED, tempfile.gettempdir()))
    found = next((each for each in emptied if folder.is_relative_to(each)), None)
    return f"{found} is emptied now and then, at the latest when the machine starts" if found else ""


def mount_of(folder: Path, known: tuple[Mount, ...]) -> Mount | None:
    """The volume on which a folder lies: the innermost one, and of several there the last."""
    around = [each for each in known if folder.is_relative_to(each.folder)]
    return max(reversed(around), key=lambda each: len(each.folder.parts), default=None)
