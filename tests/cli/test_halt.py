"""``pmx-run halt`` and ``unhalt``: a kill switch that works with whatever settings there are."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest

from runner.cli.main import dispatch
from runner.journal.store import Journal

URL = "https://api.uat.example.test"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and no settings from outside."""
    for name in [name for name in os.environ if name.startswith("PMX_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "state"


def halted(state: Path, *keys: str) -> bool:
    """Whether a run with these keys would refuse its orders."""
    with contextlib.closing(Journal(state)) as journal:
        return journal.halted_since(keys) is not None


def test_by_name_and_by_address(
    state: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every run of the environment, and every other that leads to the same place; no other one."""
    monkeypatch.setenv("PMX_BASE_URL", URL)
    assert dispatch(["halt", "--env", "uat"]) == 0
    assert capsys.readouterr().out == (
        f"halted: no run sends an order to uat ({URL}) any more; cleanups go on. `pmx-run unhalt` lifts it.\n"
    )
    assert halted(state, "environment uat")
    assert halted(state, "environment other", URL)
    assert not halted(state, "environment other", "https://elsewhere")
    assert dispatch(["unhalt", "--env", "uat"]) == 0
    assert capsys.readouterr().out.startswith(f"orders to uat ({URL}) are allowed again; they were refused since 20")
    assert not halted(state, "environment uat", URL)


def test_unhalt_of_what_is_not_halted(capsys: pytest.CaptureFixture[str]) -> None:
    """It says so, and that is no error."""
    assert dispatch(["unhalt", "--env", "preprod"]) == 0
    assert capsys.readouterr().out == "preprod (https://api.preprod.polymarketexchange.com) was not halted.\n"


@pytest.mark.parametrize(
    "config", ["environments: [", "nonsense: 1\n", "environments: {uat: {base_url: nowhere}}\n", "\x00"], ids=repr
)
def test_with_broken_settings(config: str, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A ``pmx.yaml`` that can't be read does not keep anybody from halting by name; what is wrong is told."""
    Path("pmx.yaml").write_text(config)
    assert dispatch(["halt", "--env", "uat"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("halted: no run sends an order to uat")
    assert halted(state, "environment uat")
    Path("pmx.yaml").unlink()
    assert dispatch(["unhalt", "--env", "uat"]) == 0
    assert not halted(state, "environment uat")


def test_without_credentials(state: Path) -> None:
    """A key that is gone, or open to everybody, does not matter here."""
    Path("pmx.yaml").write_text("environments: {preprod: {client_id: x, private_key_path: gone.pem}}\n")
    assert dispatch(["halt", "--env", "preprod"]) == 0
    assert halted(state, "environment preprod")
