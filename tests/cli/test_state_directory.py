"""A state directory in which no journal can be kept: a clear answer, exit 2, and nobody is called."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from journal.made import PINNED, a_run
from venue.server import Server

from runner.cli.main import dispatch
from runner.journal.store import NAME, Journal
from runner.venue.keys import new_pair

PLAYBOOK = "version: 1\nname: tiny\nsteps:\n  - {id: me, action: whoami}\n"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pem() -> str:
    return new_pair()[0].reveal()


@pytest.fixture
def venue() -> Iterator[Server]:
    """An address where nobody may knock."""
    server = Server()
    yield server
    server.close()
    assert server.connections == 0


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pem: str, venue: Server) -> Path:
    """Settings that are good but for the state directory, which is made and empty."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("PMX_")]:
        monkeypatch.delenv(name)
    key = tmp_path / "key.pem"
    key.touch(mode=0o600)
    key.write_text(pem)
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    settings = {
        "ENV": "preprod",
        "BASE_URL": venue.url,
        "AUTH_URL": f"{venue.url}/oauth/token",
        "CLIENT_ID": "somebody",
        "PRIVATE_KEY_PATH": str(key),
        "PARTICIPANT_ID": "firms/F/users/alice",
        "STATE_DIR": str(folder),
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"PMX_{name}", value)
    (tmp_path / "tiny.yaml").write_text(PLAYBOOK)
    return folder


def no_parent(state: Path) -> None:
    state.rmdir()
    state.symlink_to(state.parent / "gone" / "state")


def a_file(state: Path) -> None:
    state.rmdir()
    state.touch()


def below_a_file(state: Path) -> None:
    a_file(state)
    os.environ["PMX_STATE_DIR"] = str(state / "deeper")


def writable_by_others(state: Path) -> None:
    (state / "theirs").touch()
    state.chmod(0o777)


def no_database(state: Path) -> None:
    (state / NAME).write_text("a shopping list\n" * 100)


def newer(state: Path) -> None:
    with contextlib.closing(sqlite3.connect(state / NAME)) as connection:
        connection.execute("PRAGMA user_version = 99")


def folder_for_journal(state: Path) -> None:
    (state / NAME).mkdir()


def file_for_locks(state: Path) -> None:
    (state / "locks").touch()


TABLE: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "no parent": (no_parent, "the state directory STATE can't be used: ", "--state-dir DIR"),
    "a file": (a_file, "the state directory STATE can't be used: File exists", "--state-dir DIR"),
    "below a file": (below_a_file, "the state directory STATE/deeper can't be used: Not a directory", "--state-dir"),
    "others": (writable_by_others, "others can write to the state directory STATE", "chmod 700 STATE"),
    "no database": (no_database, f"the journal STATE/{NAME} can't be used: file is not a database", "move it away"),
    "newer": (newer, f"the journal STATE/{NAME} can't be used: it was written by a newer pmx-run", "nothing was sent"),
    "folder": (folder_for_journal, f"the journal STATE/{NAME} can't be used: unable to open", "nothing was sent"),
    "locks": (file_for_locks, "can't be taken: File exists", "nothing was sent"),
}


@pytest.mark.parametrize(("spoil", "title", "help"), TABLE.values(), ids=TABLE)
def test_exit_2(
    spoil: Callable[[Path], None], title: str, help: str, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong, and what to do about it; no line of a run."""
    spoil(state)
    assert dispatch(["tiny.yaml"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert title.replace("STATE", str(state)) in shown.err
    assert help.replace("STATE", str(state)) in shown.err
    assert "Traceback" not in shown.err


def test_network_disk(state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Named by its kind."""
    monkeypatch.setattr("runner.journal.disk.file_system_of", lambda _: "nfs4")
    assert dispatch(["tiny.yaml"]) == 2
    assert f"the state directory {state} is on a network file system (nfs4)" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["resume"], ["history"], ["halt"], ["unhalt"]], ids=" ".join)
def test_other_commands_say_the_same(words: list[str], state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """None of them shows a traceback, or begins a new journal beside a broken one."""
    no_database(state)
    assert dispatch(words) == 2
    assert "file is not a database" in capsys.readouterr().err


READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
SMALL_WITH_JOURNAL = 'cp "$0"/* . && mount -t tmpfs -o size=8m,mode=700 tmpfs "$0" && cp journal.* "$0" && exec "$@"'
SMALL = 'mount -t tmpfs -o size=8m,mode=700 tmpfs "$0" && exec "$@"'


def mounted(mount: str, state: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """pmx-run with another disk at the state directory's place, which nobody else sees."""
    unshare = shutil.which("unshare")
    own = [unshare or "unshare", "--user", "--map-root-user", "--mount"]
    if unshare is None or subprocess.run([*own, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount in a namespace of their own")
    program = [sys.executable, "-m", "runner", *words]
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [*own, "sh", "-c", mount, str(state), *program]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("mount", "title"),
    [(READ_ONLY, "the state directory STATE can't be written: Read-only file system"), (SMALL, "STATE is full")],
    ids=["read-only", "small"],
)
def test_mounted(mount: str, title: str, state: Path) -> None:
    """A disk that can't be written to at all, and one that is as good as full."""
    done = mounted(mount, state, "tiny.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert title.replace("STATE", str(state)) in done.stderr
    assert "--state-dir" in done.stderr


def test_history_of_a_disk_without_room(state: Path) -> None:
    """Whoever has to look what is owed can do so."""
    with contextlib.closing(Journal(state)) as journal:
        journal.begin(a_run(), PINNED)
    done = mounted(SMALL_WITH_JOURNAL, state, "history")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("2026-11-22 14:00:00  r1  tried  preprod  killed\n")


def test_everything_that_is_made_is_its_owner_s_alone(tmp_path: Path) -> None:
    """A whole run with an open umask: folders 700, files 600, `remembered/` and locks too."""
    state = tmp_path / "a" / "state"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PMX_")}
    program = [sys.executable, "-m", "runner", "quickstart", "--quiet"]
    subprocess.run(
        program, env=environ | {"PMX_STATE_DIR": str(state)}, cwd=tmp_path, umask=0, check=True, capture_output=True
    )
    made = {str(path.relative_to(tmp_path)): path for path in [state, *state.rglob("*")]}
    assert {"a/state/locks", "a/state/remembered", f"a/state/{NAME}"} <= set(made)
    modes = {name: stat.S_IMODE(path.stat().st_mode) for name, path in made.items()}
    assert modes == {name: 0o700 if path.is_dir() else 0o600 for name, path in made.items()}
