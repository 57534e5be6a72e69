"""The file of reference data: for one exchange and firm, whole, and nobody else's to read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from runner.cli.instrument_file import InstrumentFile

URL = "https://api.example.com"


def test_it_is_kept(tmp_path: Path) -> None:
    """Read back as it was, mode 600, nothing beside it."""
    file = InstrumentFile(tmp_path / "instruments", URL, "Acme")
    file.keep({"kc": [1.5, {"symbol": "kc"}]})
    assert InstrumentFile(tmp_path / "instruments", URL, "Acme").recall() == {"kc": [1.5, {"symbol": "kc"}]}
    (path,) = (tmp_path / "instruments").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(("url", "firm"), [("https://api.other.example.com", "Acme"), (URL, "Other"), (URL, "")])
def test_each_exchange_and_firm_has_its_own(url: str, firm: str, tmp_path: Path) -> None:
    """Scales of one are never taken for those of another."""
    InstrumentFile(tmp_path, URL, "Acme").keep({"kc": [1, {}]})
    assert InstrumentFile(tmp_path, url, firm).recall() == {}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\udcff"])
def test_a_damaged_file(text: str, tmp_path: Path) -> None:
    """It costs a call and nothing else."""
    file = InstrumentFile(tmp_path, URL, "Acme")
    file.keep({})
    (path,) = tmp_path.iterdir()
    path.write_bytes(text.encode(errors="surrogateescape"))
    assert file.recall() == {}


def test_a_folder_that_can_not_be_written(tmp_path: Path) -> None:
    """Nothing is kept, and nobody is bothered."""
    (tmp_path / "taken").write_text("")
    file = InstrumentFile(tmp_path / "taken", URL, "Acme")
    file.keep({"kc": [1, {}]})
    assert file.recall() == {}


def test_files_of_long_ago_are_taken_away(tmp_path: Path) -> None:
    """Those of exchanges that nobody asked for ten minutes."""
    old, young = (InstrumentFile(tmp_path, f"http://127.0.0.1:{port}", "") for port in (1, 2))
    old.keep({"kc": [1, {}]})
    for path in tmp_path.iterdir():
        os.utime(path, (0, 0))
    young.keep({"kc": [2, {}]})
    assert (old.recall(), young.recall()) == ({}, {"kc": [2, {}]})
