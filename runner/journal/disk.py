"""Whether a folder can hold a journal: ours alone, writable, with room, and on a disk whose locks don't lie."""

from __future__ import annotations

import os
import re
from pathlib import Path

from runner.diagnostic import Diagnostic
from runner.errors import WrongInput

_NETWORK = frozenset(
    (
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "ceph", "glusterfs", "lustre", "beegfs", "gpfs"),
        *("fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.rclone", "fuse.s3fs", "fuse.gcsfuse", "davfs"),
    )
)
_ROOM = 16 * 1024 * 1024
_MOUNTS = Path("/proc/self/mounts")
_ESCAPED = re.compile(r"\\([0-7]{3})")


def claim_folder(folder: Path) -> None:
    """Make sure that a journal can be kept in ``folder``; raises ``WrongInput`` with what to do."""
    kind = file_system_of(folder)
    if kind in _NETWORK:
        raise _wrong(f"the state directory {folder} is on a network file system ({kind}), whose locks can't be trusted")
    try:
        room = os.statvfs(folder)
        if room.f_bavail * room.f_frsize < _ROOM:
            raise _wrong(f"the disk of the state directory {folder} is full", "make room on it, or ")
        _try_to_write(folder)
    except OSError as error:
        raise _wrong(f"the state directory {folder} can't be written: {error.strerror}") from error


def file_system_of(folder: Path, mounts: Path = _MOUNTS) -> str:
    """The type of the file system that holds ``folder``; empty where the system does not tell."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    place = folder.resolve()
    found = ("", "")
    for line in lines:
        _, mounted, kind, *_ = line.split(" ")
        point = _ESCAPED.sub(lambda found: chr(int(found[1], 8)), mounted)
        if place.is_relative_to(point) and len(point) >= len(found[0]):
            found = (point, kind)
    return found[1]


def _try_to_write(folder: Path) -> None:
    probe = folder / f".probe-{os.getpid()}"
    try:
        probe.write_bytes(b"\0")
    finally:
        probe.unlink(missing_ok=True)


def _wrong(title: str, first: str = "") -> WrongInput:
    help = f"what a run owes must survive it: {first}name a folder on a local disk with --state-dir or PMX_STATE_DIR"
    return WrongInput([Diagnostic(title, help=help)])
