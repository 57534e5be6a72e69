"""Every wrong playbook under ``wrong/`` is refused with exactly the picture in the text file beside it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runner.cli.main import dispatch

FOLDER = Path(__file__).parent / "wrong"
WRONG = sorted(FOLDER.glob("*.yaml"))


@pytest.fixture
def venue(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[socket.socket]:
    """An address that all settings lead to, and where nobody may ever knock."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.setenv("PMX_ENV", "preprod")
        monkeypatch.setenv("PMX_BASE_URL", url)
        monkeypatch.setenv("PMX_AUTH_URL", f"{url}/oauth/token")
        monkeypatch.setenv("PMX_CLIENT_ID", "client")
        monkeypatch.setenv("PMX_PRIVATE_KEY", "never read")
        monkeypatch.setenv("PMX_PARTICIPANT_ID", "firms/f/users/u")
        monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "state"))
        monkeypatch.chdir(FOLDER.parent)
        yield server


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_a_wrong_playbook_is_refused_with_its_picture(
    path: Path,
    command: str,
    venue: socket.socket,
    golden: Callable[[Path, str], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """All problems are shown at once, each with its place, what is wrong and what to do; exit 2, nothing is sent."""
    code = dispatch([command, f"wrong/{path.name}"])
    shown = capsys.readouterr()
    golden(path.with_suffix(".txt"), shown.err)
    assert (code, shown.out) == (2, "")
    with pytest.raises(BlockingIOError):
        venue.accept()


def test_there_are_many_kinds() -> None:
    """Each picture's first words tell its kind; the collection covers at least 40 of them."""
    kinds = {
        " ".join(word for word in line.split()[1:] if "`" not in word and not any(each.isdigit() for each in word))
        for path in WRONG
        for line in path.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
        if line.startswith("error: ")
    }
    assert len(WRONG) >= 150
    assert len(kinds) >= 40
