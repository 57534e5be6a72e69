"""Nothing secret leaves a run, whatever the exchange does to it, and whatever we do wrong ourselves."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from leaks import leaks
from sandbox.control import Control

from e2e import secrets
from e2e.conftest import QUICKSTART, Exchange, Machine, serving

ARMED = pytest.mark.parametrize("fault", secrets.FAULTS)


@pytest.fixture(scope="module")
def shared() -> Iterator[Exchange]:
    """One exchange for all runs: what one of them leaves there is of no concern to the next."""
    with serving("--rates", "off") as exchange:
        yield exchange


@pytest.fixture
def arm(shared: Exchange) -> Iterator[Callable[[str, int], None]]:
    """Arms one fault, and takes it back."""
    control = Control(shared.env)

    def strike(fault: str, seed: int) -> None:
        control.arm(fault, **secrets.armed(fault, seed))

    yield strike
    control.disarm()


def test_the_search_finds_what_leaks() -> None:
    """Or all of this would prove nothing."""
    for marker in (secrets.ODD, secrets.PRINTABLE):
        assert leaks(marker, f"x{marker}y".encode())
        assert leaks(marker, repr(marker).encode())
    assert not leaks(secrets.ODD, b"nothing of it")


def test_the_run_is_a_good_one(shared: Exchange, machine: Machine) -> None:
    """Without a fault it comes to its end, with all that it knows masked."""
    left = secrets.perform(machine, shared, "--verbose")
    assert (left.exit_code, left.leaks()) == (0, {})
    assert b"****" in left.data


@pytest.mark.parametrize("fault", secrets.sample(3))
def test_a_sample_of_faults(fault: str, arm: Callable[[str, int], None], shared: Exchange, machine: Machine) -> None:
    """Stdout, stderr, the report and the state directory of a run in trouble."""
    arm(fault, 1)
    left = secrets.perform(machine, shared, "--verbose")
    assert left.exit_code in {0, 1, 3, 4, 5}
    assert left.leaks() == {}


@pytest.mark.proof
@ARMED
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("key_as_text", [False, True], ids=["key in a file", "key in the environment"])
@pytest.mark.parametrize("words", [(), ("--verbose",), ("--quiet",)], ids=["plain", "verbose", "quiet"])
def test_every_fault(
    words: tuple[str, ...],
    key_as_text: bool,
    seed: int,
    fault: str,
    arm: Callable[[str, int], None],
    shared: Exchange,
    machine: Machine,
    record_property: Callable[[str, object], None],
) -> None:
    """Each fault of the sandbox at different calls, for a key in a file and one in the environment."""
    arm(fault, seed)
    left = secrets.perform(machine, shared, *words, key_as_text=key_as_text)
    assert left.exit_code in {0, 1, 3, 4, 5}
    assert left.leaks() == {}
    record_property("runs", 1)
    record_property("secrets looked for", len(left.markers))
    record_property("bytes searched", len(left.data))


DIE = """
import sys
from runner.redact import alive
def die(*_, **__):
    known = [each.reveal() for each in alive()]
    raise RuntimeError("\\n".join([*known, *map(repr, known)]), known) from KeyError(*known)
"""
CRASHES = {
    "in an action": "import runner.venue.endpoints as it; it.whoami = die",
    "in the client": "import runner.venue.desk as it; it.raise_for = die",
    "while signing": "import runner.venue.auth as it; it._read = die",
    "in the terminal's reporter": "import runner.reporters.terminal as it; it.StepReporter._show = die",
    "in the report": "import runner.reporters.json_report as it; it.text = die",
    "in the engine": "import runner.engine.run as it; it._Run._ending = die",
    "while planning": "import runner.plan.build, sys; it = sys.modules['runner.plan.build']; it._Planner._step = die",
    "before a secret is one": "import runner.plan.inputs as it; it._secret = lambda _, given: die(given)",
}

WHILE_TELLING = {"in the terminal's reporter", "in the report"}


@pytest.mark.parametrize(
    ("crash", "verbose"), [*((crash, ["--verbose"]) for crash in CRASHES), ("in the engine", []), ("in an action", [])]
)
def test_a_crash_of_our_own(crash: str, verbose: list[str], shared: Exchange, machine: Machine) -> None:
    """An exception full of secrets, wherever it is raised: exit 3, told as our mistake, without one of them.

    One in what only tells of the run leaves the run its own exit code.
    """
    code = f"{DIE}{CRASHES[crash]}\nfrom runner.__main__ import main\nsys.exit(main())"
    left = secrets.perform(machine, shared, *verbose, key_as_text=True, program=("-c", code))
    assert left.exit_code == (0 if crash in WHILE_TELLING else 3)
    assert left.leaks() == {}
    assert b"pmx-run made a mistake of its own: " in left.data
    assert (b"Traceback" in left.data) <= bool(verbose)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="the list of processes is read from /proc")
def test_the_embedded_exchange_is_told_nothing(machine: Machine) -> None:
    """Neither its command line nor its environment holds a variable of ours."""
    with machine.started(str(QUICKSTART), PMX_PRIVATE_KEY="k3y-m4rker", **secrets.inputs()) as process:
        seen = b""
        for child in children(process.pid):
            seen += child
        process.communicate(timeout=60)
    assert b"runner.sandbox" in seen
    assert b"PMX_" not in seen
    for marker in (secrets.ODD, secrets.PRINTABLE, "k3y-m4rker"):
        assert not leaks(marker, seen)


def children(parent: int) -> Iterator[bytes]:
    """What the system tells of each process that ``parent`` starts, once it is the program that it will be."""
    known: set[str] = set()
    patience = time.monotonic() + 30
    while not known and time.monotonic() < patience:
        with contextlib.suppress(OSError):
            for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
                told = Path(f"/proc/{child}/cmdline").read_bytes()
                if b"runner.sandbox" in told:
                    known.add(child)
                    yield told + Path(f"/proc/{child}/environ").read_bytes()
        os.sched_yield()
