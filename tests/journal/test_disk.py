"""Where a journal can be kept: on a local disk with room, for its owner alone."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from journal.made import NOW, PINNED, a_run
from runner.errors import WrongInput
from runner.journal.disk import claim_folder, file_system_of
from runner.journal.store import NAME, Batch, Entry, Journal

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
proc /proc proc rw 0 0
server:/home HOME/net nfs4 rw 0 0
server:/more HOME/net/local/far cifs rw 0 0
/dev/sdb1 HOME/net/local xfs rw 0 0
//nas/x HOME/with\\040space smb3 rw 0 0
tmpfs HOME/över tmpfs rw 0 0
"""
PLACES = {
    "state": "ext4",
    "net": "nfs4",
    "net/state/deep": "nfs4",
    "network": "ext4",
    "net/local/state": "xfs",
    "net/local/far/state": "cifs",
    "with space/state": "smb3",
    "över/state": "tmpfs",
}


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    path = tmp_path / "mounts"
    path.write_text(MOUNTS.replace("HOME", str(tmp_path)), encoding="utf-8")
    return path


@pytest.mark.parametrize(("place", "kind"), PLACES.items(), ids=PLACES)
def test_the_file_system_of_a_folder(place: str, kind: str, mounts: Path, tmp_path: Path) -> None:
    """That of the innermost mount around it, whether the folder is there or not."""
    assert file_system_of(tmp_path / place, mounts) == kind


def test_through_a_link(mounts: Path, tmp_path: Path) -> None:
    """A link to a network disk leads to a network disk."""
    (tmp_path / "link").symlink_to(tmp_path / "net")
    assert file_system_of(tmp_path / "link" / "state", mounts) == "nfs4"


def test_where_the_system_does_not_tell(tmp_path: Path) -> None:
    """Other systems have no such file: nothing is known, and nothing refused."""
    assert file_system_of(tmp_path, tmp_path / "nothing") == ""


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs", "9p", "ceph"])
def test_a_network_disk_is_refused(kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its locks lie, so nothing is sent from there; the message says what to do."""
    monkeypatch.setattr("runner.journal.disk.file_system_of", lambda _: kind)
    with pytest.raises(WrongInput, match=rf"on a network file system \({kind}\)") as caught:
        Journal(folder)
    assert "--state-dir" in str(caught.value)
    assert list(folder.iterdir()) == []


def test_a_disk_without_room_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is sent, rather than half-way."""
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_bavail=100, f_frsize=4096))
    with pytest.raises(WrongInput, match="is full") as caught:
        claim_folder(folder)
    assert "make room" in str(caught.value)


def test_a_folder_that_is_gone_is_refused(folder: Path) -> None:
    """With the system's own reason."""
    with pytest.raises(WrongInput, match="can't be written: No such file or directory"):
        claim_folder(folder / "gone")


def test_a_journal_of_somebody_else_s_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another user can write may never be believed."""
    Journal(folder).close()
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    with pytest.raises(WrongInput, match="belongs to another user"):
        Journal(folder)


@pytest.fixture
def _no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_no_umask")
def test_only_its_owner_can_read_it(folder: Path) -> None:
    """The file and those that SQLite puts beside it have mode 600, whatever the umask is, and the umask stays."""
    with contextlib.closing(Journal(folder)) as journal:
        journal.begin(a_run(), PINNED)
        journal.append(Batch("r1", 0, [Entry("event", "a", "1")], NOW))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == dict.fromkeys([NAME, f"{NAME}-wal", f"{NAME}-shm"], 0o600)
    assert os.umask(0) == 0


@pytest.mark.usefixtures("_no_umask")
def test_one_that_others_can_read_is_closed_to_them(folder: Path) -> None:
    """A backup that was put back, say."""
    Journal(folder).close()
    (folder / NAME).chmod(0o644)
    with contextlib.closing(Journal(folder)) as journal:
        journal.begin(a_run(), PINNED)
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
