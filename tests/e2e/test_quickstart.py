"""The main job: the bundled quickstart on the embedded exchange, and unchanged on exchanges elsewhere."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from reporters.schema import check

from e2e.conftest import QUICKSTART, Exchange, Machine, Start


def test_embedded(machine: Machine) -> None:
    """One command, nothing set: seven green steps, exit 0, nothing on stderr, and a report that fits its schema."""
    done = machine.run("quickstart", "--report", "json=report.json")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("quickstart · sandbox (127.0.0.1) · as firms/")
    assert [line.split()[0] for line in lines[1:8]] == [
        "token",
        "me",
        "instruments",
        "balance",
        "order",
        "found",
        "cancelled",
    ]
    assert all(" ✔ " in line for line in lines[1:8])
    assert lines[8].startswith("passed: 7 steps in ")
    report = json.loads((machine.folder / "report.json").read_text())
    check(report)
    assert report["orders"][0]["state"] == "ORDER_STATE_CANCELED"


@pytest.mark.parametrize("dialect", ["published", "seed"])
def test_elsewhere(dialect: str, exchanges: Start, machine: Machine) -> None:
    """The same playbook passes against an exchange of its own, reached by the variables that it prints."""
    exchange = exchanges("--dialect", dialect)
    machine.env = exchange.env
    done = machine.run(str(QUICKSTART), "--env", "preprod")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("quickstart · preprod (127.0.0.1)")
    assert [order["state"] for order in exchange.orders()] == ["ORDER_STATE_CANCELED"]


def test_report_on_stdout(machine: Machine) -> None:
    """`--report json=-` puts the report on stdout, and nothing else."""
    done = machine.run("quickstart", "--report", "json=-")
    assert (done.returncode, done.stderr) == (0, "")
    check(json.loads(done.stdout))


def test_quiet(machine: Machine) -> None:
    """`--quiet` says nothing of a good run."""
    done = machine.run("quickstart", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("lines", [0, 1, 4])
def test_reader_that_goes_away(lines: int, exchange: Exchange, machine: Machine) -> None:
    """Whoever reads stdout may leave: the run goes on to its end, says nothing, and leaves no order."""
    with subprocess.Popen(
        [sys.executable, "-m", "runner", str(QUICKSTART)],
        env=machine.environ(**exchange.env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        for _ in range(lines):
            process.stdout.readline()
        process.stdout.close()
        assert (process.wait(30), process.stderr.read()) == (0, "")
    assert [order["state"] for order in exchange.orders()] == ["ORDER_STATE_CANCELED"]
