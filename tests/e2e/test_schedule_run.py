"""`pmx-run schedule run` as a process: it runs what is due, and a signal in mid-run leaves no order open."""

from __future__ import annotations

import contextlib
import hashlib
import json
import signal
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

from e2e.conftest import QUICKSTART, Exchange, Machine
from e2e.proxy import Proxy
from runner.cli.schedule.ledger import Ledger
from runner.cli.schedule.outcomes import NOBODY
from runner.journal.store import Journal

INSERT = "POST /v1/trading/orders"
SEARCH = "POST /v1/report/orders/search"


SAID = "version: 1\nname: said\nsteps:\n  - {id: a, action: log, with: {message: hello}}\n"


def prepared(machine: Machine, playbook: Path | str, more: str = "", minutes: int = 1) -> str:
    """A schedule of every minute that ran some minutes ago, so that it is due at once; its name in the table."""
    config = machine.folder / "pmx.yaml"
    entry = f"{{playbook: {playbook}, cron: '* * * * *', maintenance: false{more}}}"
    config.write_text(f"reconcile_window: 1s\nschedules: {{often: {entry}}}\n")
    config.chmod(0o600)
    machine.state.mkdir(mode=0o700)
    key = f"{hashlib.sha256(str(machine.folder.resolve()).encode()).hexdigest()[:6]}/often"
    past = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=minutes)
    Ledger(machine.state).enter(key, [past], "schedule-run-1", "ended with 0")
    return key


def test_it_runs_and_ends(machine: Machine) -> None:
    """What is due is run by itself; health is told; SIGTERM ends it with 143, and the table has how the run ended."""
    key = prepared(machine, "said.yaml")
    (machine.folder / "said.yaml").write_text(SAID)
    with machine.started("schedule", "run", "--health", "0") as process:
        assert process.stdout
        url = process.stdout.readline().split()[-1]
        while "ended with 0" not in process.stdout.readline():
            pass
        with urllib.request.urlopen(url, timeout=10) as answer:
            assert json.load(answer)["status"] == "ok"
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (143, "")
    outcomes = {each.outcome for each in Ledger(machine.state).all(key)}
    # A run on a minute's edge holds up the next one.
    assert outcomes - {"skipped: the run before is still under way"} == {"ended with 0"}


def test_a_signal_in_mid_run(machine: Machine, exchange: Exchange) -> None:
    """The run is told, cancels its order and ends; then the scheduler does."""
    key = prepared(machine, QUICKSTART)
    machine.env = exchange.env
    with contextlib.closing(Proxy(exchange.env["PMX_BASE_URL"], SEARCH)) as proxy:
        with machine.started("schedule", "run", PMX_BASE_URL=proxy.url) as process:
            assert proxy.reached.wait(30)
            process.send_signal(signal.SIGTERM)
            out, _ = process.communicate(timeout=60)
        inserted = proxy.counts[INSERT]
    assert process.returncode == 143
    assert "ended with 143" in out
    assert Ledger(machine.state).all(key)[-1].outcome == "ended with 143"
    assert exchange.open_orders() == []
    assert inserted == 1
    with contextlib.closing(Journal(machine.state)) as journal:
        assert [each.status for each in journal.history(None)] == ["interrupted"]


def test_a_second_signal(machine: Machine) -> None:
    """It is handed on, too: the run ends without waiting for what its end still has to do."""
    key = prepared(machine, "slow.yaml")
    finally_ = "finally:\n  - {id: c, action: wait, with: {for: 40s}}\n"
    (machine.folder / "slow.yaml").write_text(f"{SAID}  - {{id: b, action: wait, with: {{for: 5m}}}}\n{finally_}")
    with machine.started("schedule", "run") as process:
        for step in ("b", "finally.c"):
            for _ in range(600):
                if "Waiting" in at_step(machine, step):
                    break
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 143
    assert "ended with 143" in out
    assert Ledger(machine.state).all(key)[-1].outcome == "ended with 143"
    assert at_step(machine, "finally.c") == ["StepStarted", "Waiting", "StepFinished"]


def at_step(machine: Machine, step: str) -> list[str]:
    """The events of a step of the latest run."""
    with contextlib.closing(Journal(machine.state)) as journal:
        runs = journal.history(1)
        entries = journal.entries(runs[0].run_id) if runs else []
    return [json.loads(each.data)["event"] for each in entries if each.kind == "event" and each.path == step]


def test_the_first_tick(machine: Machine) -> None:
    """A schedule that was never kept before has missed nothing: its latest time is run, whatever was before."""
    key = prepared(machine, "said.yaml", ", catch_up: all, within: 1h")
    (machine.state / "ticks.db").unlink()
    (machine.folder / "said.yaml").write_text(SAID)
    assert machine.run("schedule", "tick", "often", "--quiet").returncode == 0
    found = Ledger(machine.state).all(key)
    assert {each.outcome for each in found} == {"ended with 0"}
    assert len(found) <= 2


def test_a_tick_catches_up_on_all(machine: Machine) -> None:
    """What was missed since the last one is run in its sequence, and silently; what is too late is said."""
    key = prepared(machine, "said.yaml", ", catch_up: all, within: 150s", minutes=5)
    (machine.folder / "said.yaml").write_text(SAID)
    done = machine.run("schedule", "tick", "often", "--quiet")
    found = [each.outcome for each in Ledger(machine.state).all(key)]
    missed = found.count(NOBODY)
    ran = len(found) - missed - 1
    assert (done.returncode, done.stdout) == (0, "")
    assert NOBODY in done.stderr
    assert found == ["ended with 0", *[NOBODY] * missed, *["ended with 0"] * ran]
    assert ran >= 2
    with contextlib.closing(Journal(machine.state)) as journal:
        assert len(journal.history(None)) == ran
