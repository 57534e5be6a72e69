"""One run at a time of the same playbook, at the same venue, for the same participant and account.

The lock is the operating system's (``flock``), which the kernel frees however the process dies. Who holds it stands in
the file for people to read.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from runner.errors import Locked
from runner.frozen import frozen


@frozen
class LockKey:
    """What must not run twice at once."""

    playbook: str
    base_url: str
    participant: str
    account: str

    @property
    def file_name(self) -> str:
        """A short name that only this key has."""
        whole = "\n".join((self.playbook, self.base_url, self.participant, self.account))
        return f"{self.playbook}-{hashlib.sha256(whole.encode()).hexdigest()[:16]}.lock"


@contextmanager
def held(folder: Path, key: LockKey, run_id: str, now: datetime) -> Iterator[None]:
    """Hold the lock within the block. Raises ``Locked``, naming the run that holds it."""
    handle = os.open(locks_folder(folder) / key.file_name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _locked(key, os.read(handle, 4096)) from None
        owner = {"run_id": run_id, "pid": os.getpid(), "since": now.isoformat(timespec="seconds")}
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(owner).encode(), 0)
        yield
    finally:
        os.close(handle)


def locks_folder(folder: Path) -> Path:
    """Where the locks of a state directory lie."""
    locks = folder / "locks"
    locks.mkdir(mode=0o700, exist_ok=True)
    return locks


def is_held(folder: Path, key: LockKey) -> bool:
    """Whether a run of this key is under way."""
    try:
        handle = os.open(folder / "locks" / key.file_name, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _locked(key: LockKey, content: bytes) -> Locked:
    try:
        owner = json.loads(content)
        who = f"run {owner['run_id']} (process {owner['pid']}, since {owner['since']})"
    except (ValueError, KeyError, TypeError):
        who = "another run"
    return Locked(
        f"`{key.playbook}` is under way already: {who} holds its lock",
        help="wait until it has ended; two runs of one playbook at once would trip over each other's orders",
    )
