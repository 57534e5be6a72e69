"""A whole run in the test's own process: a playbook's text, the real client and engine, and time that a test moves."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any, TypeVar, cast

from cryptography.hazmat.primitives import serialization as form
from sandbox.bench import ALICE, ALICES, BASE, TOKEN_URL, symbol

from engine.exchange import MovedClock, Wire
from engine.memory import MemoryRecorder
from runner.actions import BUILTIN
from runner.cli.playbooks import KnownActions
from runner.engine.asking import Nobody, Person
from runner.engine.pacing import Pace
from runner.engine.run import run
from runner.engine.shared import Shared
from runner.engine.stop import Stop
from runner.engine.world import Services
from runner.plan import Bounds, Plan, build, examine, personal_texts
from runner.plan.inputs import Given, resolve_inputs
from runner.playbook.including import NotFound, Opened, with_included
from runner.playbook.load import Forgetful, load
from runner.playbook.model import Playbook
from runner.record.events import CleanupDone, Event, OrderIntended, StepStatus, Surroundings
from runner.record.result import RunResult, StepResult, fold
from runner.redact import Redactor, Secret
from runner.sandbox import world as sandbox_world
from runner.settings import PinSettings
from runner.source import Source
from runner.venue.auth import Credentials, KeyText
from runner.venue.desk import Venue
from runner.venue.pins import PinGuard, Pins
from runner.venue.transport import Transport

SYMBOL = symbol("kc")
T = TypeVar("T")

ORDER = """
  - id: order
    action: place_order
    with: {symbol: SYMBOL, side: buy, price: 0.5, quantity: 10}
    capture: {order_id: result.order.id}
    cleanup: {action: cancel_order, with: {order_id: "{{ order_id }}", symbol: SYMBOL}}
"""
"""A step that places a resting order and owes its cancel."""

FAILING = """
  - {id: wrong, action: assert, with: {that: [1 == 2]}}
"""


def playbook(steps: str, *, head: str = "", tail: str = "") -> str:
    """A playbook's whole text around some steps, indented by two; ``SYMBOL`` stands for a listed instrument's."""
    return f"version: 1\nname: tried\n{head}\nsteps:\n{steps}\n{tail}\n".replace("SYMBOL", SYMBOL)


class Drawer:
    """Playbooks that are included, by their names."""

    top = "tried.yaml"

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files

    def open(self, path: str, beside: Opened) -> Opened:
        if path not in self._files:
            raise NotFound("there is no such file")
        return Opened(Source(f"playbooks/{path}", self._files[path]), path)


def written_of(text: str, files: Mapping[str, str] = {}) -> Playbook:
    """A playbook's text as written, with the ``files`` that it includes."""
    source, memory = Source("playbooks/tried.yaml", text), Forgetful()
    top = load(source, KnownActions(), memory)
    shelf = Drawer(files)
    return with_included(top, Opened(source, shelf.top), shelf, lambda each: load(each, KnownActions(), memory))


def plan_of(
    text: str,
    inputs: Mapping[str, str] | None = None,
    bounds: Iterable[Bounds] = (),
    secrets: Mapping[str, str] = {},
    files: Mapping[str, str] = {},
) -> Plan:
    """The plan of a text without a mistake; ``secrets`` come from a file of inputs, ``files`` are included."""
    memory, settings = Forgetful(), tuple(bounds)
    written = written_of(text, files)
    problems = [each for each in examine(written, BUILTIN, settings, memory) if each.severity == "error"]
    assert not problems, "\n\n".join(each.picture() for each in problems)
    given = resolve_inputs(written.inputs, Given(inputs or {}, secrets, "inputs.yaml", {}))
    return build(written, BUILTIN, given, settings, memory)


@dataclass(frozen=True)
class Ran:
    """What a run came to."""

    exit_code: int
    events: tuple[Event, ...]
    result: RunResult

    @property
    def status(self) -> str:
        assert self.result.finished is not None
        return self.result.finished.status

    def step(self, id: str) -> StepResult:
        """A step by its id, one of an included playbook as ``caller/id``."""
        rows = self.result.steps
        *callers, last = id.split("/")
        for caller in callers:
            rows = next(each for each in rows if each.started.id == caller).steps
        return next(each for each in rows if each.started.id == last)

    def statuses(self) -> dict[str, StepStatus]:
        return {each.started.id: each.status for each in self.result.steps}

    def error(self, id: str) -> str:
        """What a step's row says went wrong."""
        finished = self.step(id).finished
        assert finished is not None
        return finished.error.message if finished.error else ""

    def of(self, kind: type[T]) -> list[T]:
        return [each for each in self.events if isinstance(each, kind)]

    def captured(self, id: str) -> Mapping[str, Any]:
        return self.step(id).captures

    @property
    def cleanups(self) -> list[tuple[str, str]]:
        return [(each.step, each.status) for each in self.of(CleanupDone)]

    @property
    def intended(self) -> list[OrderIntended]:
        return self.of(OrderIntended)


class Trusting:
    """A memory of keys that has seen them all: the check of a key's primes costs more than a run here."""

    def knows(self, digest: str) -> bool:
        return True

    def learn(self, digest: str) -> None:
        raise AssertionError("all keys are known")


@dataclass
class Agreeing:
    """A person at a terminal, who answers after some ``seconds``; None is no answer at all."""

    yes: bool | None = True
    seconds: float = 0.0
    clock: MovedClock | None = None
    asked: list[str] = field(default_factory=list)
    there: bool = True

    def agreed(self, path: str) -> bool:
        return False

    def answer(self, question: str, seconds: float, go_on: Callable[[], None]) -> bool | None:
        self.asked.append(question)
        if self.clock is not None:
            self.clock.wait(min(self.seconds, seconds))
        go_on()
        return self.yes if self.seconds <= seconds else None


class Alone:
    """A machine without other runs."""

    def turn(self) -> AbstractContextManager[None]:
        return nullcontext()

    def others_today(self, clord_id: str, firm: str, now: datetime) -> tuple[int, Decimal]:
        return 0, Decimal(0)

    def halted_since(self) -> datetime | None:
        return None


@dataclass
class World:
    """One machine, one exchange, one clock."""

    wire: Wire
    clock: MovedClock
    stop: Stop = field(default_factory=Stop)
    redactor: Redactor = field(default_factory=Redactor)
    random: random.Random = field(default_factory=lambda: random.Random(20261122))
    participant: str = ALICE
    account: str = ALICES
    reconcile_window: float = 20.0
    run_id: str = "run-1"
    base_url: str = BASE
    shared: Shared = field(default_factory=Alone)
    pace: Pace | None = None
    pins: PinSettings = field(default_factory=PinSettings)
    listeners: list[Callable[[Event], None]] = field(default_factory=list)
    files: Mapping[str, str] = field(default_factory=dict)
    person: Person = field(default_factory=Nobody)

    def run(self, text: str, inputs: Mapping[str, str] | None = None, secrets: Mapping[str, str] = {}) -> Ran:
        """Perform a playbook's text."""
        return self.perform(plan_of(text, inputs, secrets=secrets, files=self.files))

    def perform(self, plan: Plan) -> Ran:
        for value in plan.inputs.values():
            if isinstance(value, Secret):
                self.redactor.learn(value)
        for text in personal_texts(plan):
            self.redactor.learn_name(text)
        recorder = MemoryRecorder(self.clock, self.stop, self.listeners)
        exit_code = run(plan, self._services(), recorder, self.run_id)
        return Ran(exit_code, tuple(recorder.events), fold(recorder.events))

    def terminate(self) -> None:
        """The operator's SIGTERM."""
        self.stop.request(signal.SIGTERM)

    def _services(self) -> Services:
        numbers = count(1)
        venue = self._venue()
        return Services(
            clock=self.clock,
            stop=self.stop,
            venue=lambda: venue,
            clock_offset_ms=lambda: self.wire.clock_offset_ms,
            redactor=self.redactor,
            random=self.random,
            new_uuid=lambda: f"00000000-0000-4000-8000-{next(numbers):012}",
            surroundings=Surroundings("sandbox", "127.0.0.1", self.participant, self.account),
            base_url=self.base_url,
            reconcile_window=self.reconcile_window,
            tool_version="0.0",
            shared=self.shared,
            pace=self.pace,
            pins=PinGuard(Pins(self.pins)),
            person=self.person,
        )

    def _venue(self) -> Venue:
        pem = self.wire.keys.client.private_bytes(
            form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
        ).decode()
        credentials = Credentials(sandbox_world.CLIENT_ID, KeyText(Secret(pem)), TOKEN_URL, BASE)
        return Venue(credentials, self.base_url, cast(Transport, self.wire), self.clock, self.redactor, Trusting())
