"""One run at a time of the same playbook, at the same venue, for the same participant and account.

The lock is the operating system's (``flock``), which the kernel frees however the process dies. Who holds it stands in
the file for people to read.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from runner.diagnostic import Diagnostic
from runner.errors import Locked, WrongInput
from runner.frozen import frozen

_LOOKS = 200
_PAUSE_SECONDS = 0.001


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
    with opened_lock(folder, key.file_name) as handle:
        if not _taken(handle):
            raise _locked(key, os.read(handle, 4096))
        owner = {"run_id": run_id, "pid": os.getpid(), "since": f"{now:%Y-%m-%d %H:%M:%S} UTC"}
        _write(handle, json.dumps(owner).encode())
        try:
            yield
        finally:
            _write(handle, b"")


def is_held(folder: Path, key: LockKey) -> bool:
    """Whether a run of this key is under way."""
    try:
        handle = os.open(folder / "locks" / key.file_name, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        # Shared, so that two who look at once don't see each other.
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


@contextmanager
def opened_lock(folder: Path, name: str) -> Iterator[int]:
    """A lock's file within the block, nobody's yet. Raises ``WrongInput`` where there can be none."""
    locks = folder / "locks"
    try:
        locks.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(locks / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        help = "nothing was sent; look at that folder, or name another state directory: --state-dir DIR"
        title = f"the lock {locks / name} can't be taken: {error.strerror}"
        raise WrongInput([Diagnostic(title, help=help)]) from error
    try:
        yield handle
    finally:
        os.close(handle)


def _taken(handle: int) -> bool:
    """Take the lock. Somebody who only looks has it for a moment: that is waited for."""
    for _ in range(_LOOKS):
        with suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(_PAUSE_SECONDS)
    return False


def _write(handle: int, owner: bytes) -> None:
    """Who holds it, for people; the lock holds without it."""
    with suppress(OSError):
        os.ftruncate(handle, 0)
        os.pwrite(handle, owner, 0)


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
