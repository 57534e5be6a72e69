"""A playbook that includes another one, as processes: killed in its midst, and asked before it goes on."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from reporters.schema import check

from e2e.conftest import SYMBOL, Exchange, Machine

TOP = """
version: 1
name: whole
limits: {orders: 2, exposure: 1}
steps:
  - {id: sure, action: confirm, with: {message: Place two orders?}}
  - id: both
    for_each: [1, 2]
    action: run_playbook
    with: {path: parts/placing.yaml, inputs: {quantity: "{{ item }}"}}
    capture: {placed: result.outputs.order_id}
  - {id: me, action: whoami}
outputs: {placed: placed}
"""
PLACING = f"""
version: 1
name: placing
inputs: {{quantity: {{type: decimal}}}}
limits: {{orders: 1, exposure: 0.5}}
steps:
  - id: order
    action: place_order
    with: {{symbol: {SYMBOL}, side: buy, price: 0.01, quantity: "{{{{ inputs.quantity }}}}"}}
    capture: {{placed: result.order.id}}
    cleanup: {{action: cancel_order, with: {{order_id: "{{{{ placed }}}}", symbol: {SYMBOL}}}}}
  - {{id: pause, action: wait, with: {{for: PAUSE}}}}
finally:
  - {{id: said, action: log, with: {{message: "{{{{ inputs.quantity }}}} is over"}}}}
outputs: {{order_id: placed}}
"""


@pytest.fixture
def machine(machine: Machine, exchange: Exchange) -> Machine:
    """One that knows the exchange, and has the playbooks."""
    machine.env = exchange.env
    (machine.folder / "whole.yaml").write_text(TOP)
    (machine.folder / "parts").mkdir()
    with_pause(machine, "10ms")
    return machine


def with_pause(machine: Machine, pause: str) -> None:
    (machine.folder / "parts" / "placing.yaml").write_text(PLACING.replace("PAUSE", pause))


def killed(machine: Machine, place: str, **more: str) -> None:
    """Kill a run once the journal has come to a place."""
    with machine.started("whole.yaml", "--confirm", "sure", **more) as process:
        ends = time.monotonic() + 30
        while f'"path":"{place}"' not in journaled(machine) and time.monotonic() < ends:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)


def journaled(machine: Machine) -> str:
    """All that the journal has by now."""
    path = machine.state / "journal.sqlite3"
    if not path.exists():
        return ""
    with contextlib.closing(sqlite3.connect(path)) as connection, contextlib.suppress(sqlite3.Error):
        return "".join(data for (data,) in connection.execute("SELECT data FROM entries"))
    return ""


def reported(machine: Machine) -> dict[str, Any]:
    """The report that was written, held against its schema."""
    found: dict[str, Any] = json.loads((machine.folder / "report.json").read_text())
    check(found)
    return found


def test_it_is_one_run(machine: Machine, exchange: Exchange) -> None:
    """Orders are told by the whole way to their steps, rows stand below their callers, and nothing is left."""
    done = machine.run("whole.yaml", "--confirm", "sure", "--report", "json=report.json")
    assert (done.returncode, done.stderr) == (0, "")
    report = reported(machine)
    assert [order["step"] for order in report["orders"]] == ["both[0]/order", "both[1]/order"]
    assert [cleanup["step"] for cleanup in report["cleanups"]] == ["both[0]/order", "both[1]/order"]
    both = report["steps"][1]
    assert [[step["id"] for step in item["steps"]] for item in both["items"]] == [["order", "pause", "said"]] * 2
    assert len(report["outputs"]["placed"]) == 2
    assert exchange.open_orders() == []


@pytest.mark.parametrize("place", ["both[0]/pause", "both[1]/pause"])
def test_resume_goes_on_inside(machine: Machine, exchange: Exchange, place: str) -> None:
    """Though its files are gone; nobody is asked again, no order is sent twice, and none is left."""
    with_pause(machine, "1500ms")
    killed(machine, place)
    shutil.rmtree(machine.folder / "parts")
    (machine.folder / "whole.yaml").unlink()
    done = machine.run("resume", "--report", "json=report.json")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    report = reported(machine)
    assert [order["step"] for order in report["orders"]] == ["both[0]/order", "both[1]/order"]
    assert [cleanup["status"] for cleanup in report["cleanups"]] == ["done", "done"]
    assert (len(exchange.orders()), exchange.open_orders()) == (2, [])


def test_the_next_run_settles_it(machine: Machine, exchange: Exchange) -> None:
    """What the dead one owed inside of included playbooks is cleaned up first, last owed first."""
    with_pause(machine, "1500ms")
    killed(machine, "both[1]/pause")
    with_pause(machine, "10ms")
    done = machine.run("whole.yaml", "--confirm", "sure")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[1].startswith("  cleaned up after both[1]/order: ")
    assert lines[2].startswith("  cleaned up after both[0]/order: ")
    assert (len(exchange.orders()), exchange.open_orders()) == (4, [])


def test_cleanup_only(machine: Machine, exchange: Exchange) -> None:
    """It settles what is owed inside, and begins no further step."""
    with_pause(machine, "1500ms")
    killed(machine, "both[0]/pause")
    done = machine.run("resume", "--cleanup-only")
    assert "cleaned up after both[0]/order: " in done.stdout
    assert (len(exchange.orders()), exchange.open_orders()) == (1, [])


@pytest.mark.parametrize("place", ["both[0]/pause", "both[1]/pause"])
def test_a_secret_that_is_missing_by_then(machine: Machine, exchange: Exchange, place: str) -> None:
    """It stops what needs it; what an included playbook owes is cleaned up all the same."""
    top = TOP.replace("name: whole", "name: whole\ninputs: {key: {type: string, secret: true}}")
    handed = '{quantity: "{{ item }}", key: "{{ inputs.key }}"}'
    (machine.folder / "whole.yaml").write_text(top.replace('{quantity: "{{ item }}"}', handed))
    with_pause(machine, "1500ms")
    included = machine.folder / "parts" / "placing.yaml"
    text = included.read_text().replace("decimal}}", "decimal}, key: {type: string, secret: true}}")
    needing = "  - {id: needing, action: set, with: {key: '{{ inputs.key }}'}}\nfinally:"
    included.write_text(text.replace("finally:", needing))
    killed(machine, place, PMX_INPUT_KEY="hunter22")
    done = machine.run("resume")
    assert done.returncode == 3, done.stdout
    assert "hunter22" not in done.stdout + journaled(machine)
    assert (len(exchange.orders()), exchange.open_orders()) == (1 if place == "both[0]/pause" else 2, [])


def test_a_changed_included_file_is_noticed(machine: Machine) -> None:
    """Though the playbook itself was found good before."""
    assert machine.run("check", "whole.yaml").returncode == 0
    assert machine.run("check", "whole.yaml").returncode == 0
    included = machine.folder / "parts" / "placing.yaml"
    included.write_text(included.read_text().replace("quantity: {type: decimal}", "amount: {type: decimal}"))
    done = machine.run("check", "whole.yaml")
    assert done.returncode == 2
    assert "unknown input `quantity` of `parts/placing.yaml`" in done.stderr
    assert "unknown input `quantity`\n --> parts/placing.yaml" in done.stderr.replace("  -->", " -->")


def test_the_projects_folder(machine: Machine) -> None:
    """A path may lead anywhere below the folder of `pmx.yaml`, and nowhere else."""
    below = machine.folder / "project" / "daily"
    below.mkdir(parents=True)
    (machine.folder / "project" / "parts").mkdir()
    shutil.copy(machine.folder / "parts" / "placing.yaml", machine.folder / "project" / "parts")
    (below / "whole.yaml").write_text(TOP.replace("parts/", "../parts/"))
    assert machine.run("check", "project/daily/whole.yaml").returncode == 2
    (machine.folder / "project" / "pmx.yaml").write_text("{}\n")
    assert machine.run("check", "project/daily/whole.yaml").returncode == 0


WRONG = {
    "unknown": ("shure", "did you mean `sure`?"),
    "of another kind": ("me", "its action is `whoami`"),
    "below": ("both/order", "its action is `place_order`"),
}


@pytest.mark.parametrize(("word", "help"), WRONG.values(), ids=WRONG)
def test_a_word_that_confirms_nothing(machine: Machine, exchange: Exchange, word: str, help: str) -> None:
    """Is a mistake, said before anything is sent."""
    done = machine.run("whole.yaml", "--confirm", word)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"`--confirm {word}` names no step that asks to be confirmed" in done.stderr
    assert help in done.stderr


@contextlib.contextmanager
def at_terminal(machine: Machine, *words: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """pmx-run at a terminal of its own; the end that a person sees and types at."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "runner", *words]
    environ = machine.environ(TERM="xterm", COLUMNS="100")
    with subprocess.Popen(
        command, env=environ, cwd=machine.folder, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        try:
            yield ours, process
        finally:
            process.kill()
            os.close(ours)


def seen(terminal: int, until: str = "") -> str:
    """What a person sees: until some words stand there, or to the end."""
    shown, ends = "", time.monotonic() + 30
    while (not until or until not in shown) and time.monotonic() < ends:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                shown += os.read(terminal, 4096).decode(errors="replace")
            except OSError:
                break
    return shown


@pytest.mark.parametrize(("typed", "code", "count"), [("y", 0, 2), ("yes", 0, 2), ("n", 5, 0), ("", 5, 0)])
def test_at_a_terminal(machine: Machine, exchange: Exchange, typed: str, code: int, count: int) -> None:
    """The question names environment, step and message, and stands still; only `y` and `yes` go on."""
    with at_terminal(machine, "whole.yaml") as (terminal, process):
        assert "preprod (127.0.0.1) · sure: Place two orders? [y/N] " in seen(terminal, "[y/N] ")
        time.sleep(0.4)
        assert not select.select([terminal], [], [], 0)[0]
        os.write(terminal, f"{typed}\n".encode())
        seen(terminal)
        assert process.wait(30) == code
    assert (len(exchange.orders()), exchange.open_orders()) == (count, [])


def test_a_signal_while_a_person_is_asked(machine: Machine) -> None:
    """Ctrl-C is no answer: the run is interrupted."""
    with at_terminal(machine, "whole.yaml") as (terminal, process):
        seen(terminal, "[y/N] ")
        process.send_signal(signal.SIGINT)
        seen(terminal)
        assert process.wait(30) == 130
