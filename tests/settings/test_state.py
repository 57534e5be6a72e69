"""The state directory is made when it is asked for, and closed to others."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from runner.errors import WrongInput
from runner.settings import Options, resolve, state_folder


def asked(folder: Path) -> Path:
    return state_folder(resolve(None, {}, Options(state_dir=str(folder))))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_made_lazily_for_its_owner_alone(tmp_path: Path) -> None:
    """Settings alone make nothing."""
    settings = resolve(None, {"PMX_STATE_DIR": str(tmp_path / "a" / "b")}, Options())
    assert not (tmp_path / "a").exists()
    assert mode(state_folder(settings)) == 0o700


def test_without_a_setting_it_is_the_platform_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder ``pmx`` where this operating system keeps such things."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = state_folder(resolve(None, {}, Options()))
    assert folder.name == "pmx"
    assert folder.is_relative_to(tmp_path)


def test_an_empty_folder_is_taken_over(tmp_path: Path) -> None:
    """It was made for us, so others are shut out."""
    tmp_path.chmod(0o755)
    assert mode(asked(tmp_path)) == 0o700


def test_a_folder_that_others_can_write_to_is_refused(tmp_path: Path) -> None:
    """... with the command to type."""
    (tmp_path / "theirs").touch()
    tmp_path.chmod(0o777)
    with pytest.raises(WrongInput) as caught:
        asked(tmp_path)
    assert str(caught.value) == (
        f"error: others can write to the state directory {tmp_path}\n  = help: chmod 700 {tmp_path}"
    )
    tmp_path.chmod(0o755)
    assert asked(tmp_path) == tmp_path


def test_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    """Exit 2, no traceback."""
    (tmp_path / "file").touch()
    with pytest.raises(WrongInput, match=r"state directory .* can't be used: File exists"):
        asked(tmp_path / "file")
