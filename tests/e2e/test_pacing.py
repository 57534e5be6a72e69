"""Processes of one machine stay inside the venue's rate limits together, and say when they wait for them."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sandbox.control import Control

from e2e.conftest import Machine, Start

TOLD = "for the venue's rate limit of search_orders"


@pytest.fixture
def limited(exchanges: Start, machine: Machine) -> Callable[[str], Control]:
    """A machine and an exchange that both put a limit on searches."""

    def make(rate: str) -> Control:
        machine.env = exchanges("--rate", f"SearchOrders={rate}").env
        (machine.folder / "pmx.yaml").write_text(f"rates: {{search_orders: {rate}}}\n")
        (machine.folder / "pmx.yaml").chmod(0o600)
        return Control(machine.env)

    return make


def playbooks(folder: Path, number: int, searches: int) -> Iterator[Path]:
    """Different ones, so that they may run at the same time."""
    steps = "".join(f"  - {{id: search_{n}, action: search_orders}}\n" for n in range(searches))
    for n in range(number):
        path = folder / f"searching-{n}.yaml"
        path.write_text(f"version: 1\nname: searching-{n}\nsteps:\n{steps}")
        yield path


def on_terminals(machine: Machine, files: Sequence[Path]) -> list[tuple[int, str]]:
    """Run all of them at once, each on a terminal of its own: exit codes, and what was on the screens."""
    with ThreadPoolExecutor(len(files)) as pool:
        return list(pool.map(lambda file: _on_terminal(machine, file), files))


def _on_terminal(machine: Machine, file: Path) -> tuple[int, str]:
    screen, terminal = pty.openpty()
    command = [sys.executable, "-m", "runner", str(file), "--env", "preprod"]
    environ = machine.environ(COLUMNS="160", TERM="xterm")
    shown = b""
    with subprocess.Popen(
        command, env=environ, cwd=machine.folder, stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal
    ) as process:
        os.close(terminal)
        # Linux ends what is read from a terminal that nobody has open any more with an error.
        with contextlib.suppress(OSError):
            while read := os.read(screen, 65_536):
                shown += read
        os.close(screen)
    return process.returncode, shown.decode()


def searched(control: Control) -> list[int]:
    """How each search was answered."""
    return [call["status"] for call in control.calls() if call["path"] == "/v1/report/orders/search"]


def test_three_processes(limited: Callable[[str], Control], machine: Machine) -> None:
    """A sample of the next: three playbooks at once, six searches each, at six a second."""
    control = limited("6/s")
    ran = on_terminals(machine, list(playbooks(machine.folder, 3, 6)))
    assert [code for code, _ in ran] == [0] * 3, ran
    assert searched(control) == [200] * 18


def test_waiting_is_shown(limited: Callable[[str], Control], machine: Machine) -> None:
    """A person at a terminal sees why nothing happens."""
    control = limited("0.5/s")
    ((code, shown),) = on_terminals(machine, list(playbooks(machine.folder, 1, 2)))
    assert (code, searched(control)) == (0, [200, 200]), shown
    assert f"{TOLD} (0.5 a second)" in shown


@pytest.mark.proof
def test_ten_processes(
    limited: Callable[[str], Control], machine: Machine, record_property: Callable[[str, object], None]
) -> None:
    """Ten playbooks at once, twenty searches each, at twelve a second: the exchange never answers 429, all
    pass, and their screens say that they wait."""
    control = limited("12/s")
    ran = on_terminals(machine, list(playbooks(machine.folder, 10, 20)))
    assert [code for code, _ in ran] == [0] * 10, ran
    statuses = searched(control)
    record_property("processes", len(ran))
    record_property("searches", len(statuses))
    record_property("answered 429", statuses.count(429))
    told = sum(f"{TOLD} (12 a second)" in shown for _, shown in ran)
    record_property("processes that told a wait", told)
    assert statuses == [200] * 200
    assert told > 5
