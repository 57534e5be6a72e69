"""`--jobs N`: several playbooks at once, each with its own words kept together."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from e2e.conftest import ROOT, Exchange, Machine

WAITING = """
version: 1
name: NAME
steps:
  - {id: begin, action: log, with: {message: begin of NAME}}
  - {id: pause, action: wait, with: {for: FOR}}
  - {id: check, action: assert, with: {that: [CHECK]}}
finally:
  - {id: last, action: log, with: {message: end of NAME}}
"""


def write(folder: Path, name: str, *, wait: str = "1s", check: str = "1 == 1") -> str:
    text = WAITING.replace("NAME", name).replace("FOR", wait).replace("CHECK", check)
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return f"{name}.yaml"


@pytest.fixture
def served(exchange: Exchange, machine: Machine) -> Machine:
    machine.env = exchange.env
    return machine


def test_outputs_are_kept_together(served: Machine) -> None:
    """They go on at once, each tells of itself in one piece, and a joint report has them in the call's sequence."""
    names = ["a", "b", "c"]
    words = [write(served.folder, name) for name in names]
    done = served.run(*words, "--jobs", "3", "--report", "json=all.json")
    assert (done.returncode, done.stderr) == (0, "")
    told = [line.split()[-1] for line in done.stdout.splitlines() if line.startswith("    note")]
    assert sorted(told[::2]) == names
    assert told[::2] == told[1::2]
    runs = json.loads((served.folder / "all.json").read_text())["runs"]
    assert [run["playbook"]["name"] for run in runs] == names
    began = [run["started_at"] for run in runs]
    ended = [next(step for step in run["steps"] if step["id"] == "last")["started_at"] for run in runs]
    assert max(began) < min(ended), "they did not go on at once"


def test_no_more_than_asked_for(served: Machine) -> None:
    """Two of three, and the third when one of them has ended."""
    words = [write(served.folder, name, wait="300ms") for name in "abc"]
    done = served.run(*words, "--jobs", "2", "--report", "json=all.json")
    assert done.returncode == 0
    runs = json.loads((served.folder / "all.json").read_text())["runs"]
    began = sorted(run["started_at"] for run in runs)
    ended = sorted(next(step for step in run["steps"] if step["id"] == "last")["started_at"] for run in runs)
    assert began[2] >= ended[0]


def test_the_gravest_code_counts(served: Machine) -> None:
    """A failed one keeps no other, and is heard with `--quiet`, whole."""
    words = [write(served.folder, "good", wait="1ms"), write(served.folder, "bad", wait="1ms", check="1 == 2")]
    done = served.run(*words, "--jobs", "2", "--quiet")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("bad · ")
    assert "good" not in done.stderr


def test_one_that_is_wrong_stops_all(served: Machine) -> None:
    """Before any starts."""
    (served.folder / "wrong.yaml").write_text("version: 1\nname: wrong\n", encoding="utf-8")
    done = served.run(write(served.folder, "good"), "wrong.yaml", "--jobs", "2")
    assert (done.returncode, done.stdout) == (2, "")


def test_a_playbook_has_one_lock(served: Machine) -> None:
    """Given twice it runs once; the other one says who is in its way."""
    word = write(served.folder, "same", wait="1s")
    done = served.run(word, word, "--jobs", "2")
    assert done.returncode == 75
    assert "`same` is under way already" in done.stderr
    assert done.stdout.count("passed: ") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_signal_stops_all(number: signal.Signals, served: Machine) -> None:
    """Those under way end in good order, the next one does not begin."""
    words = [write(served.folder, name, wait="50s") for name in "abc"]
    with served.started(*words, "--jobs", "2") as process:
        folder = served.state / "locks"
        while not folder.is_dir() or len([*folder.iterdir()]) < 2:
            time.sleep(0.01)
        time.sleep(0.3)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 128 + number, out + err
    assert out.count("interrupted: ") == 2
    assert out.count("end of ") == 2


def test_each_cleans_up_its_own(served: Machine, exchange: Exchange) -> None:
    """Orders, debts and the journal of two runs don't meet."""
    text = (ROOT / "playbooks" / "quickstart.yaml").read_text(encoding="utf-8")
    for name in ("one", "two", "three"):
        own = text.replace("name: quickstart", f"name: {name}").partition("  - id: found")[0]
        (served.folder / f"{name}.yaml").write_text(own, encoding="utf-8")
    done = served.run("one.yaml", "two.yaml", "three.yaml", "--jobs", "3")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("cleaned up after order") == 3
    assert exchange.open_orders() == []
    assert len(exchange.orders()) == 3


@pytest.mark.parametrize("word", ["0", "51", "two", "-1", "", "²"])
def test_a_number_is_wanted(word: str, served: Machine) -> None:
    """From 1 to 50."""
    done = served.run(write(served.folder, "a"), f"--jobs={word}")
    assert (done.returncode, done.stdout) == (2, "")
    assert "from 1 to 50" in done.stderr
