"""`pmx-run chaos` as a command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LIFECYCLE = Path(__file__).parent / "playbooks" / "lifecycle.yaml"


def chaos(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "runner", "chaos", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_one_point() -> None:
    """`--only` tries one point, and `--verbose` shows what the run and each resume printed."""
    done = chaos(str(LIFECYCLE), "--only", "call-3-after", "--verbose")
    assert (done.returncode, done.stderr) == (0, "")
    assert "call-3-after: killed after a call (POST /v1/trading/orders)" in done.stdout
    assert done.stdout.count("--- resume\n") == 2
    assert done.stdout.splitlines()[-1].startswith("kept: 1 trial, 1 kill: 0 double orders, 0 orders left open")


def test_wrong_playbook(tmp_path: Path) -> None:
    """A playbook that can't be run says why, as `pmx-run run` does, and nothing is tried."""
    (tmp_path / "wrong.yaml").write_text("version: 1\nname: wrong\nsteps: []\n", encoding="utf-8")
    done = chaos(str(tmp_path / "wrong.yaml"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")


def test_wrong_point() -> None:
    """A point that can't be is refused at once, with what one looks like."""
    done = chaos("quickstart", "--only", "write-7")
    assert (done.returncode, done.stdout) == (2, "")
    assert "`--only write-7` names no point" in done.stderr
    assert "write-7-before" in done.stderr


def test_orders_left_on_purpose(tmp_path: Path) -> None:
    """An order that the playbook leaves open is no broken promise, however often it is left."""
    text = LIFECYCLE.read_text(encoding="utf-8").partition("    cleanup:")[0]
    (tmp_path / "leaves.yaml").write_text(text, encoding="utf-8")
    done = chaos(str(tmp_path / "leaves.yaml"), "--sample", "3", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["counts"]["orders left open"] == 0
