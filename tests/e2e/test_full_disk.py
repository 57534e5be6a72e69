"""A disk that is full in mid-run: nothing is begun that could not be recorded, and what was begun is cleaned up."""

from __future__ import annotations

import subprocess
import sys

import pytest

from e2e.conftest import ROOT, Exchange, Machine

FIVE = ROOT / "tests" / "chaos" / "playbooks" / "five.yaml"


@pytest.mark.parametrize("kibibytes", [72, 84, 96, 108, 120, 132])
def test_files_that_may_not_grow(kibibytes: int, exchange: Exchange, machine: Machine) -> None:
    """The operating system refuses every byte beyond a size (`ulimit -f`): no order stays open, the exit code says how
    far it came, and once there is room `resume` ends it with every order there once."""
    machine.env = exchange.env
    (machine.folder / "pmx.yaml").write_text("reconcile_window: 500ms\n", encoding="utf-8")
    command = [sys.executable, "-m", "runner", str(FIVE), "--config", "pmx.yaml"]
    limited = ["bash", "-c", f'ulimit -f {kibibytes}; exec "$@"', "bash", *command]
    done = subprocess.run(
        limited, env=machine.environ(), cwd=machine.folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode in {0, 2, 3}, done.stdout + done.stderr
    assert exchange.open_orders() == []
    if done.returncode:
        assert "disk" in done.stdout + done.stderr
    resumed = machine.run("resume", "--config", "pmx.yaml")
    assert resumed.returncode in {0, 3}, resumed.stdout + resumed.stderr
    assert exchange.open_orders() == []
    sent = [order["clordId"] for order in exchange.orders()]
    assert len(sent) == len(set(sent)) <= 5
