"""One run of a playbook at a time, whatever becomes of the process that runs it."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from journal.made import NOW
from runner.errors import Locked, WrongInput
from runner.journal.locks import LockKey, held, is_held

KEY = LockKey("quickstart", "https://x", "firms/f/users/u", "")
OTHERS = {
    "playbook": LockKey("other", "https://x", "firms/f/users/u", ""),
    "venue": LockKey("quickstart", "https://y", "firms/f/users/u", ""),
    "participant": LockKey("quickstart", "https://x", "firms/f/users/w", ""),
    "account": LockKey("quickstart", "https://x", "firms/f/users/u", "firms/f/accounts/a"),
    "shifted": LockKey("quickstart", "https://xfirms/f/users/u", "", ""),
}
HOLDER = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from runner.journal.locks import LockKey, held
with held(Path(sys.argv[1]), LockKey("quickstart", "https://x", "firms/f/users/u", ""), "first", datetime.now(UTC)):
    print("held", flush=True)
    time.sleep(600)
"""


@contextlib.contextmanager
def holder(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that holds the lock."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"held\n"
            yield process
        finally:
            process.kill()


def test_a_second_run_is_told_who_holds_it(folder: Path) -> None:
    """It names the first run, its process and its time, and has exit code 75."""
    with (
        held(folder, KEY, "first", NOW),
        pytest.raises(Locked, match=rf"run first \(process {os.getpid()}, since 2026-11-22 14:00:00 UTC\)") as locked,
        held(folder, KEY, "second", NOW),
    ):
        pytest.fail("both hold it")
    assert locked.value.exit_code == 75


def test_another_process_is_told_too(folder: Path) -> None:
    """The lock is not one of this process alone."""
    with (
        holder(folder) as other,
        pytest.raises(Locked, match=rf"run first \(process {other.pid}, "),
        held(folder, KEY, "second", NOW),
    ):
        pytest.fail("both hold it")


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_other_keys_are_free(other: LockKey, folder: Path) -> None:
    """Another playbook, venue, participant or account is another matter."""
    with held(folder, KEY, "first", NOW):
        assert not is_held(folder, other)
        with held(folder, other, "second", NOW):
            assert is_held(folder, other)


def test_a_killed_process_frees_it(folder: Path) -> None:
    """SIGKILL of the holder leaves nothing to clear away by hand, and its name is not taken for the next one's."""
    with holder(folder) as process:
        assert is_held(folder, KEY)
        process.send_signal(signal.SIGKILL)
        process.wait()
        with held(folder, KEY, "second", NOW), pytest.raises(Locked, match="run second"), held(folder, KEY, "3", NOW):
            pytest.fail("both hold it")
    assert not is_held(folder, KEY)


def test_looking_does_not_take_it(folder: Path) -> None:
    """Whoever only looks (`history`) never makes a run that begins at that moment believe in another one."""
    with held(folder, KEY, "before", NOW):
        pass
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.0005):
            is_held(folder, KEY)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for number in range(200):
            with held(folder, KEY, str(number), NOW):
                assert is_held(folder, KEY)
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def test_only_its_owner_can_read_it(folder: Path) -> None:
    """Folder 700, file 600, whatever the umask is."""
    before = os.umask(0)
    try:
        with held(folder, KEY, "first", NOW):
            pass
    finally:
        os.umask(before)
    locks = folder / "locks"
    assert stat.S_IMODE(locks.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in locks.iterdir()} == {0o600}


def test_where_none_can_be_made(folder: Path) -> None:
    """A clear answer, with what to do, before anything is sent."""
    (folder / "locks").touch()
    with pytest.raises(WrongInput, match=r"lock .* can't be taken: File exists"), held(folder, KEY, "1", NOW):
        pytest.fail("it is held")
