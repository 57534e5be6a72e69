"""A run that dies: the next one takes over, `resume` goes on with it, and both say what they found and did."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from reporters.schema import check
from venue.server import Received, Reply, answer

from e2e.conftest import SYMBOL, Exchange, Machine
from e2e.proxy import Proxy

HEAD = "quickly · preprod (127.0.0.1) · as firms/ISV-Participant-Acme/users/alice · account "
PLAYBOOK = f"""
version: 1
name: quickly
limits: {{orders: 3, exposure: 1}}
steps:
  - id: place
    title: Place orders
    for_each: [1, 2]
    action: place_order
    with: {{symbol: {SYMBOL}, side: buy, price: 0.01, quantity: 1}}
    capture: {{placed: result.order.id}}
    cleanup: {{action: cancel_order, with: {{order_id: "{{{{ placed }}}}", symbol: {SYMBOL}}}}}
  - {{id: pause, title: Wait a moment, action: wait, with: {{for: 1500ms}}}}
  - {{id: me, action: whoami}}
"""


@pytest.fixture
def machine(machine: Machine, exchange: Exchange) -> Machine:
    """One that knows the exchange, and has the playbook."""
    machine.env = exchange.env
    (machine.folder / "quickly.yaml").write_text(PLAYBOOK)
    return machine


def with_pause(machine: Machine, pause: str) -> None:
    """The playbook with another pause, for tests that do something meanwhile however busy the machine is."""
    (machine.folder / "quickly.yaml").write_text(PLAYBOOK.replace("1500ms", pause))


@contextlib.contextmanager
def waiting(machine: Machine, *words: str, **more: str) -> Iterator[subprocess.Popen[str]]:
    """A run that has come to its pause."""
    with machine.started("quickly.yaml", *words, **more) as process:
        assert process.stdout
        seen = ""
        while "Wait a moment" not in seen:
            seen += process.stdout.read(1)
        folder = Path(words[words.index("--state-dir") + 1]) if "--state-dir" in words else machine.state
        ends = time.monotonic() + 10
        while '"path":"pause"' not in journaled(folder) and time.monotonic() < ends:
            time.sleep(0.01)
        yield process


def journaled(folder: Path) -> str:
    """The entry that a journal got last."""
    with contextlib.closing(sqlite3.connect(folder / "journal.sqlite3")) as connection:
        rows = connection.execute("SELECT data FROM entries JOIN runs USING (run_id) ORDER BY started_at, sequence")
        return str([*rows][-1][0])


def killed(machine: Machine, *words: str, **more: str) -> str:
    """Kill a run at its pause; its id."""
    with waiting(machine, *words, **more) as process:
        process.send_signal(signal.SIGKILL)
    return str(in_doubt(machine)["run_id"])


def in_doubt(machine: Machine) -> dict[str, object]:
    """The only run that `history --in-doubt --json` knows."""
    (line,) = machine.run("history", "--in-doubt", "--json").stdout.splitlines()
    found: dict[str, object] = json.loads(line)
    return found


def orders(exchange: Exchange, count: int, state: str = "CANCELED") -> list[str]:
    """The ids of the exchange's orders, of which there are so many, all in one state."""
    found = exchange.orders()
    assert [order["state"] for order in found] == [f"ORDER_STATE_{state}"] * count
    return [str(order["id"]) for order in found]


def test_two_at_once(machine: Machine, exchange: Exchange) -> None:
    """The second one ends with 75, names the first, and sends nothing; the first one does not notice."""
    with_pause(machine, "60s")
    with waiting(machine) as first:
        second = machine.run("quickly.yaml")
        assert (second.returncode, second.stdout) == (75, "")
        assert re.search(
            rf"`quickly` is under way already: run \S+ \(process {first.pid}, since .*\) holds its lock", second.stderr
        )
        assert machine.run("resume").returncode == 0
        assert machine.run("history").stdout.splitlines()[0].endswith("  running")
        assert machine.run("history", "--in-doubt").stdout == ""
        first.terminate()
        first.communicate(timeout=60)
        assert first.returncode == 143
    orders(exchange, 2)


def test_another_participant_does_not_wait(machine: Machine) -> None:
    """The lock is one of playbook, venue, participant and account together."""
    with_pause(machine, "60s")
    with waiting(machine):
        done = machine.run("quickly.yaml", "--account", "firms/ISV-Acme/accounts/OTHER")
        assert done.returncode != 75


def test_the_next_run_takes_over(machine: Machine, exchange: Exchange) -> None:
    """It says which run died and when, what was found and done, and then goes its own way; no order is left."""
    run_id = killed(machine)
    died = orders(exchange, 2, "NEW")
    done = machine.run("quickly.yaml", "--report", "json=report.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert orders(exchange, 4)[:2] == died
    lines = done.stdout.splitlines()
    assert re.fullmatch(
        rf"run {run_id} of this playbook died at \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC, after 1 of 3 steps; "
        "it is settled first",
        lines[0],
    )
    assert lines[1:4] == [
        f"  cleaned up after place[1]: {died[1]} CANCELED",
        f"  cleaned up after place[0]: {died[0]} CANCELED",
        f"  settled: order {died[0]} canceled, order {died[1]} canceled",
    ]
    assert lines[4].startswith(HEAD)
    assert lines[-1].startswith("passed: 3 steps in ")
    report = json.loads((machine.folder / "report.json").read_text())
    assert (report["exit_code"], len(report["orders"]), report["resumed_at"]) == (0, 2, [])
    assert machine.run("history", "--in-doubt").stdout == ""


@pytest.mark.parametrize("words", [["--quiet"], ["--report", "json=-"]], ids=["quiet", "report on stdout"])
def test_nothing_is_said_where_nothing_is_wanted(words: list[str], machine: Machine, exchange: Exchange) -> None:
    """All is settled, the new run passed: nobody needs a mail."""
    killed(machine)
    done = machine.run("quickly.yaml", *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert words[0] != "--quiet" or done.stdout == ""
    if done.stdout:
        check(json.loads(done.stdout))
    orders(exchange, 4)


def test_resume_goes_on(machine: Machine, exchange: Exchange) -> None:
    """A heading, and the lines of the steps that are performed now, each with its beginning."""
    run_id = killed(machine)
    done = machine.run("resume", "--report", "json=report.json")
    assert (done.returncode, done.stderr) == (0, "")
    placed = orders(exchange, 2)
    lines = done.stdout.splitlines()
    assert lines[0].startswith(HEAD)
    assert lines[0].endswith(f" · run {run_id} taken up after 1 of 3 steps")
    assert re.fullmatch(r"  pause {10}Wait a moment {22}✔ [\d.]+ m?s", lines[1])
    assert lines[2].startswith("  me             Verify who we are                  ✔ ")
    assert lines[3:5] == [
        f"cleaned up after place[1]: {placed[1]} CANCELED",
        f"cleaned up after place[0]: {placed[0]} CANCELED",
    ]
    assert lines[5].startswith("passed: 3 steps in ")
    report = json.loads((machine.folder / "report.json").read_text())
    check(report)
    assert report["run_id"] == run_id
    assert report["started_at"] < report["resumed_at"][0]
    assert len(report["resumed_at"]) == 1
    again = machine.run("resume")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_cleanup_only(machine: Machine, exchange: Exchange) -> None:
    """It settles and cleans up, names what was not performed, and ends as errored."""
    run_id = killed(machine)
    done = machine.run("resume", run_id, "--cleanup-only")
    assert (done.returncode, done.stderr) == (3, "")
    orders(exchange, 2)
    assert "taken up after 1 of 3 steps; only to settle it and to clean up" in done.stdout
    assert re.search(r"^  me .* – skipped$", done.stdout, re.MULTILINE)
    assert "the rest was not performed" in done.stdout
    again = machine.run("resume", run_id)
    assert (again.returncode, again.stdout) == (0, f"run {run_id} came to its end; there is nothing to do\n")


class Refusing(Proxy):
    """A proxy that refuses every cancel while it is told to."""

    refuses = True

    def _reply(self, request: Received) -> Reply:
        if self.refuses and request.target == "/v1/trading/orders/cancel":
            return answer({"code": 7, "message": "not now", "details": []}, 403)
        return super()._reply(request)


@pytest.mark.parametrize("quiet", [[], ["--quiet"]], ids=["told", "quiet"])
def test_what_can_t_be_settled(quiet: list[str], machine: Machine, exchange: Exchange) -> None:
    """Exit 4 and nothing new sent: each order with its ids, symbol, participant and last state, and what to type."""
    with contextlib.closing(Refusing(exchange.env["PMX_BASE_URL"])) as proxy:
        machine.env = {**exchange.env, "PMX_BASE_URL": proxy.url}
        run_id = killed(machine)
        done = machine.run("quickly.yaml", *quiet)
        assert done.returncode == 4
        assert not quiet or done.stdout == ""
        placed = exchange.orders()
        for order in placed:
            assert (
                f"  order {order['id']} (client order id {order['clordId']}), {SYMBOL}, participant "
                "firms/ISV-Participant-Acme/users/alice, last known state ORDER_STATE_NEW\n"
            ) in done.stderr
        assert f"error: run {run_id} of `quickly` died at " in done.stderr
        assert " and can't be settled yet; nothing new was sent\n" in done.stderr
        assert done.stderr.endswith(f"  = help: look at what it left, then: pmx-run resume {run_id}\n")
        assert len(placed) == 2
        assert machine.run("quickly.yaml", "--quiet").stderr.startswith(
            f"error: run {run_id} of `quickly` ended in doubt"
        )
        told = machine.run("history", "--in-doubt").stdout.splitlines()
        assert told[0].endswith("  in doubt (4)")
        assert [line.split()[1] for line in told[1:3]] == [order["id"] for order in placed]
        assert told[3] == f"    pmx-run resume {run_id}"
        proxy.refuses = False
        done = machine.run("resume", run_id)
        assert (done.returncode, done.stderr) == (3, "")
    orders(exchange, 2)
    assert machine.run("history", "--in-doubt").stdout == ""


def test_settled_by_hand(machine: Machine, exchange: Exchange) -> None:
    """A person has looked: nothing is sent for it any more, and the next run just begins."""
    run_id = killed(machine)
    done = machine.run("resume", run_id, "--by-hand")
    assert (done.returncode, done.stdout) == (
        0,
        f"run {run_id} of `quickly`: a person has looked and settled it by hand\n",
    )
    assert len(exchange.open_orders()) == 2
    done = machine.run("quickly.yaml")
    assert done.returncode == 0
    assert done.stdout.startswith(HEAD)
    assert len(exchange.open_orders()) == 2


def test_the_command_names_the_state_directory_where_it_must(machine: Machine) -> None:
    """One that was given as an option would not be found again without it."""
    elsewhere = machine.folder / "else where"
    with waiting(machine, "--state-dir", str(elsewhere)) as process:
        process.send_signal(signal.SIGKILL)
    told = machine.run("history", "--in-doubt", "--state-dir", "else where").stdout.splitlines()[-1]
    assert re.fullmatch(rf"    pmx-run resume \S+ --state-dir '{elsewhere}'", told)


def test_run_id(machine: Machine, exchange: Exchange) -> None:
    """An id that is running, died, or came to its end: 75, taken up, and its outcome once more; two orders in all."""
    with_pause(machine, "6s")
    with waiting(machine, "--run-id", "nightly-1") as process:
        running = machine.run("quickly.yaml", "--run-id", "nightly-1")
        assert (running.returncode, running.stdout) == (75, "")
        assert "run nightly-1 (process" in running.stderr
        process.send_signal(signal.SIGKILL)
    died = machine.run("quickly.yaml", "--run-id", "nightly-1")
    assert (died.returncode, died.stderr) == (0, "")
    assert " · run nightly-1 taken up after 1 of 3 steps\n" in died.stdout
    orders(exchange, 2)
    over = machine.run("quickly.yaml", "--run-id", "nightly-1", "--report", "json=report.json")
    assert (over.returncode, over.stderr) == (0, "")
    assert re.fullmatch(r"run nightly-1 was performed before: passed: 3 steps in .*\n", over.stdout)
    orders(exchange, 2)
    report = json.loads((machine.folder / "report.json").read_text())
    assert (report["run_id"], len(report["resumed_at"])) == ("nightly-1", 1)
    (machine.folder / "other.yaml").write_text(PLAYBOOK.replace("quickly", "other"))
    other = machine.run("other.yaml", "--run-id", "nightly-1")
    assert (other.returncode, other.stdout) == (2, "")
    assert "run nightly-1 is one of `quickly`" in other.stderr
    orders(exchange, 2)


def test_a_run_id_of_a_failed_run(machine: Machine) -> None:
    """It ends with that run's code again."""
    (machine.folder / "bad.yaml").write_text(
        "version: 1\nname: bad\nsteps:\n  - {id: sums, action: assert, with: {that: [1 + 1 == 3]}}\n"
    )
    codes = [machine.run("bad.yaml", "--run-id", "n", "--quiet").returncode for _ in range(2)]
    assert codes == [1, 1]


def test_embedded(machine: Machine) -> None:
    """The exchange of such a run is gone with its process: void in one line, or passed over by the next run."""
    machine.env = {}
    run_id = killed(machine)
    done = machine.run("quickly.yaml")
    assert done.returncode == 0
    assert done.stdout.startswith("quickly · sandbox (127.0.0.1)")
    done = machine.run("resume")
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        f"run {run_id} of `quickly`: its embedded exchange ended with its process; nothing is owed any more\n",
        "",
    )
    assert machine.run("resume").stdout == ""


def test_embedded_under_way(machine: Machine) -> None:
    """`resume` leaves one alone that is under way."""
    machine.env = {}
    with_pause(machine, "60s")
    with waiting(machine) as process:
        done = machine.run("resume")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        process.terminate()
        process.communicate(timeout=60)
        assert process.returncode == 143


def test_a_run_id_of_an_embedded_run_that_died(machine: Machine) -> None:
    """It can't go on, and it can't be begun again under its id."""
    machine.env = {}
    killed(machine, "--run-id", "n")
    done = machine.run("quickly.yaml", "--run-id", "n")
    assert done.returncode == 3
    assert "its embedded exchange ended with its process; nothing is owed any more" in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [(["nothing"], "there is no run `nothing`"), (["--by-hand"], "--by-hand needs a RUN")],
    ids=["unknown", "by hand"],
)
def test_resume_of_what_is_not_there(words: list[str], message: str, machine: Machine) -> None:
    """Exit 2, and what to do."""
    done = machine.run("resume", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
