"""One trial: a run that is disturbed at a point, ``resume`` twice, and a look at what is left."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from runner.cli import resume as resuming
from runner.cli import run as running
from runner.cli.chaos.doom import Doom
from runner.cli.chaos.exchange import LOSING, LOST, Exchange
from runner.cli.chaos.judging import Evidence, Violation, open_paths, violations
from runner.cli.chaos.points import Point, Reach
from runner.cli.chaos.processes import in_a_process
from runner.cli.performing import Carriers
from runner.errors import PmxError, shown
from runner.frozen import frozen
from runner.journal.recorder import events_of
from runner.journal.store import NAME, Journal, Run
from runner.record.result import RunResult, fold
from runner.venue.operations import OPERATIONS

# The exchange of a trial has no rate limits, and a killed run should not wait for any.
_RATES = ", ".join(f"{each.name}: off" for each in OPERATIONS.values() if each.bucket is not None)
_CONFIG = f"reconcile_window: 500ms\nrates: {{{_RATES}}}\n"
_LATE = "resume_within: 1ms\n"
_INPUT = "PMX_INPUT_"


@frozen
class Script:
    """What every trial runs: a playbook, its ``-i`` words, its file of inputs, and the steps that are agreed to.

    ``late`` is whether ``resume`` comes when nothing further may be changed, ``cleanup_only`` whether it only settles
    and cleans up, as the next run of the playbook does it.
    """

    playbook: str
    inputs: tuple[str, ...] = ()
    inputs_file: str | None = None
    agreed: tuple[str, ...] = ()
    late: bool = False
    cleanup_only: bool = False

    def run_words(self) -> list[str]:
        """The command line of a run but for its settings."""
        given = [word for each in self.inputs for word in ("-i", each)]
        return [self.playbook, *given, *self.resume_words()]

    def resume_words(self) -> list[str]:
        """What ``resume`` has to be given once more."""
        agreed = [word for each in self.agreed for word in ("--confirm", each)]
        return [*(["--inputs", self.inputs_file] if self.inputs_file else []), *agreed]


@frozen
class Undisturbed:
    """What a run comes to that nobody kills. ``left_open`` are the paths of the orders that it leaves open."""

    exit_code: int
    reach: Reach
    orders: int
    left_open: frozenset[str]
    said: str


@frozen
class Tried:
    """What came of one trial. ``reached`` is False where the run ended before it came to its point."""

    point: Point
    reached: bool
    resumed: int
    orders: int
    violations: tuple[Violation, ...]
    said: str


class Stage:
    """Where trials take place, one after the other: an exchange, and a state directory for each of them."""

    def __init__(self, script: Script, folder: Path) -> None:
        self._script = script
        self._folder = folder
        self._remembered = folder / "remembered"
        self._exchange: Exchange | None = None

    def close(self) -> None:
        """Stop the exchange."""
        if self._exchange is not None:
            self._exchange.stop()

    def undisturbed(self, *, losing: bool) -> Undisturbed:
        """Run without a kill; ``losing`` the answer of each call that changes an order."""
        trial, doom = self._trial(), Doom(None)
        told = trial.folder / "reach.json"

        def tell() -> None:
            told.write_text(json.dumps([doom.reach.writes, doom.reach.calls]), encoding="utf-8")

        with trial.exchange.armed(LOSING) if losing else nullcontext():
            code = trial.run(doom.carriers(), tell)
        if not self._remembered.exists() and (kept := trial.state / "remembered" / "playbooks").exists():
            shutil.copytree(kept, self._remembered / "playbooks")
        reach = Reach(*json.loads(told.read_text(encoding="utf-8"))) if told.exists() else Reach((), ())
        orders, result = trial.orders(), trial.result()
        left_open = open_paths(orders, result) if result else frozenset[str]()
        return Undisturbed(code, reach, len(orders), left_open, trial.said())

    def tried(self, points: Iterable[Point], left_open: frozenset[str]) -> Iterator[Tried]:
        """Each point in turn; closes the stage at the end."""
        try:
            for point in points:
                trial = self._trial()
                shutil.copytree(self._remembered, trial.state / "remembered")
                yield _tried(trial, point, left_open)
                shutil.rmtree(trial.folder)
        finally:
            self.close()

    def _trial(self) -> Trial:
        return Trial(self._script, self._fresh_exchange(), self._folder)

    def _fresh_exchange(self) -> Exchange:
        """The exchange of the trial before, if nothing is left of that one; else another one."""
        if self._exchange is not None and not self._exchange.as_new:
            self._exchange.stop()
            self._exchange = None
        if self._exchange is None:
            self._exchange = Exchange()
        return self._exchange


class Trial:
    """A run, what takes it up, and what is left. Its run's id is new, and with it each client order id."""

    def __init__(self, script: Script, exchange: Exchange, folder: Path) -> None:
        self.exchange = exchange
        self.folder = folder / uuid.uuid4().hex[:12]
        self.state = self.folder / "state"
        self.state.mkdir(mode=0o700, parents=True)
        self._script = script
        self._config = self.folder / "pmx.yaml"
        self._config.write_text(_CONFIG + (_LATE if script.late else ""), encoding="utf-8")
        self._outputs: list[Path] = []
        self._before = {order["id"] for order in exchange.orders()}

    def run(self, carriers: Carriers, at_end: Callable[[], None] = lambda: None) -> int:
        """Run the playbook in a process of its own, which calls ``at_end`` if it gets there: its exit code."""

        def act(words: Sequence[str]) -> int:
            code = running.run(_options(running, words), carriers)
            at_end()
            return code

        return self._performed("run", act, [*self._script.run_words(), "--run-id", self.folder.name])

    def resume(self) -> int:
        """Let another process bring to its end what the one before left: its exit code."""
        words = [*self._script.resume_words(), *(["--cleanup-only"] if self._script.cleanup_only else [])]
        return self._performed("resume", lambda words: resuming.run(_options(resuming, words)), words)

    def evidence(self) -> Evidence:
        """``resume`` twice, and all that can be known then."""
        resumed = self.resume()
        between = self.exchange.now()
        again = self.resume()
        calls_again = self.exchange.calls_since(between)
        run: Run | None = self._asked(lambda journal: journal.run(self.folder.name))
        return Evidence(resumed, again, run.status if run else None, self.result(), self.orders(), calls_again)

    def orders(self) -> list[dict[str, Any]]:
        """The exchange's own record of this trial's orders."""
        return [order for order in self.exchange.orders() if order["id"] not in self._before]

    def result(self) -> RunResult | None:
        """What the journal's events come to, None if the run never began."""
        entries = self._asked(lambda journal: journal.entries(self.folder.name))
        return fold(events_of(entries)) if entries else None

    def said(self) -> str:
        """All that the commands of this trial printed, each below its name."""
        texts = (path.read_text(encoding="utf-8", errors="replace") for path in self._outputs)
        return "\n".join(text.rstrip("\n") for text in texts)

    def _performed(self, name: str, act: Callable[[Sequence[str]], int], words: Sequence[str]) -> int:
        output = self.folder / f"{len(self._outputs)}.txt"
        output.write_text(f"--- {name}\n", encoding="utf-8")
        self._outputs.append(output)
        return in_a_process(lambda: _said(act, [*words, "--config", str(self._config)]), self._environ(), output)

    def _environ(self) -> dict[str, str]:
        """The exchange's variables and the user's inputs; no setting of the user's has a say here."""
        kept = {name: value for name, value in os.environ.items() if name[:4] != "PMX_" or name.startswith(_INPUT)}
        return {**kept, **self.exchange.variables, "PMX_ENV": "sandbox", "PMX_STATE_DIR": str(self.state)}

    def _asked(self, question: Callable[[Journal], Any]) -> Any:
        """What the journal answers, None if there is none yet."""
        if not (self.state / NAME).exists():
            return None
        journal = Journal(self.state)
        try:
            return question(journal)
        finally:
            journal.close()


def _tried(trial: Trial, point: Point, left_open: frozenset[str]) -> Tried:
    fault = LOSING if point.losing else None if point.kills else {**LOST, "operation": "*", "calls": [point.number]}
    with trial.exchange.armed(fault) if fault else nullcontext():
        code = trial.run(Doom(point).carriers())
    evidence = trial.evidence()
    found = tuple(violations(evidence, left_open))
    reached = code == -signal.SIGKILL or not point.kills
    return Tried(point, reached, evidence.resumed, len(evidence.orders), found, trial.said())


def _options(command: Any, words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="pmx-run")
    command.add_arguments(parser)
    return parser.parse_args(words)


def _said(act: Callable[[Sequence[str]], int], words: Sequence[str]) -> int:
    """As on the command line: what is raised is told, and becomes the exit code."""
    try:
        return act(words)
    except PmxError as error:
        print(shown(error))
        return error.exit_code
