"""`pmx-run schedule run` as a process: it runs what is due, and a signal in mid-run leaves no order open."""

from __future__ import annotations

import contextlib
import hashlib
import json
import signal
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

from e2e.conftest import QUICKSTART, Exchange, Machine
from e2e.proxy import Proxy
from runner.cli.schedule.ledger import Ledger
from runner.journal.store import Journal

INSERT = "POST /v1/trading/orders"
SEARCH = "POST /v1/report/orders/search"


def prepared(machine: Machine, playbook: Path | str) -> str:
    """A schedule of every minute that ran a minute ago, so that it is due at once; its name in the table."""
    config = machine.folder / "pmx.yaml"
    entry = f"{{playbook: {playbook}, cron: '* * * * *', maintenance: false}}"
    config.write_text(f"reconcile_window: 1s\nschedules: {{often: {entry}}}\n")
    config.chmod(0o600)
    machine.state.mkdir(mode=0o700)
    key = f"{hashlib.sha256(str(machine.folder.resolve()).encode()).hexdigest()[:6]}/often"
    past = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=1)
    Ledger(machine.state).enter(key, [past], "schedule-run-1", "ended with 0")
    return key


def test_it_runs_and_ends(machine: Machine) -> None:
    """What is due is run by itself; health is told; SIGTERM ends it with 143, and the table has how the run ended."""
    key = prepared(machine, "said.yaml")
    (machine.folder / "said.yaml").write_text(
        "version: 1\nname: said\nsteps:\n  - {id: a, action: log, with: {message: hello}}\n"
    )
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
    assert {each.outcome for each in Ledger(machine.state).all(key)} == {"ended with 0"}


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
