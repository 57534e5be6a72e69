"""A replace whose process died is settled by looking, and never sent again."""

from __future__ import annotations

import contextlib
import itertools
import signal
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from engine.conftest import Worlds
from engine.exchange import HEALTH, OPEN, Fault, afterwards, first
from engine.test_replaces import REPLACE, REPLACED, agrees, verdicts
from engine.world import ORDER, Ran, World, plan_of, playbook
from runner.engine.run import run
from runner.journal.recorder import JournalRecorder, events_of
from runner.journal.shared import SharedJournal
from runner.journal.store import Journal, Pinned, Run
from runner.record.events import ReplaceIntended
from runner.record.result import fold
from runner.venue.participant import firm_of

BASE = "http://127.0.0.1:8080"


class Killed(BaseException):
    """The process is gone: nothing of ours may catch it."""


def killed() -> None:
    raise Killed


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with contextlib.closing(Journal(tmp_path)) as opened:
        yield opened


Life = Callable[[str], Ran | None]


def lives(world: World, journal: Journal) -> Life:
    """Performs a text under one run's id, each time as a new process; None if that was killed."""
    now = world.clock.now()
    text_of_run = Pinned("0" * 64, "", {})
    journal.begin(Run(world.run_id, "tried", "sandbox", BASE, world.participant, world.account, now, now), text_of_run)

    def live(text: str) -> Ran | None:
        entries = journal.entries(world.run_id)
        recorder = JournalRecorder(
            journal, world.run_id, BASE, world.clock, world.stop, world.redactor, (), tuple(entries)
        )
        try:
            exit_code = run(plan_of(text), world._services(), recorder, world.run_id)
        except Killed:
            return None
        events = events_of(journal.entries(world.run_id))
        return Ran(exit_code, events, fold(events))

    return live


DEATHS: dict[str, tuple[str, Fault, str]] = {
    "before it left": (REPLACE, first(killed), "500"),
    "before its answer": (REPLACE, afterwards(killed), "600"),
}


@pytest.mark.parametrize(("operation", "death", "price"), DEATHS.values(), ids=DEATHS)
def test_settled(operation: str, death: Fault, price: str, world: World, journal: Journal) -> None:
    """Whether the exchange had it shows in the order; it goes out once, and the order is cancelled."""
    live = lives(world, journal)
    world.wire.plan(operation, death)
    assert live(playbook(ORDER + REPLACED)) is None
    ran = live(playbook(ORDER + REPLACED))
    assert ran is not None
    passed = price == "600"
    assert ran.statuses()["higher"] == ("passed" if passed else "errored")
    assert verdicts(ran)[-1] == ("carried_out" if passed else "not_found")
    assert (len(ran.of(ReplaceIntended)), world.wire.count(REPLACE)) == (1, 1)
    order = world.wire.orders()[0]
    assert (order["price"], order["state"], agrees(world, ran)) == (price, "ORDER_STATE_CANCELED", True)


def test_settled_while_it_is_read(world: World, journal: Journal) -> None:
    """One that died while it read the order back goes on reading; what it had sent is not sent again."""
    live = lives(world, journal)
    world.wire.plan(OPEN, None, None, None, first(killed))
    assert live(playbook(ORDER + REPLACED)) is None
    ran = live(playbook(ORDER + REPLACED))
    assert ran is not None
    assert (ran.exit_code, ran.statuses()["higher"], world.wire.count(REPLACE)) == (0, "passed", 1)
    assert (world.wire.states(), agrees(world, ran)) == (["CANCELED"], True)


def test_order_that_ended_meanwhile(world: World, journal: Journal) -> None:
    """An order that filled while nobody was there is told as filled."""
    live = lives(world, journal)
    world.wire.plan(REPLACE, first(killed))
    assert live(playbook(ORDER + REPLACED)) is None
    world.wire.trade("500", "10", world.wire.orders()[0]["symbol"])
    ran = live(playbook(ORDER + REPLACED))
    assert ran is not None
    assert (ran.exit_code, world.wire.states(), world.wire.count(REPLACE)) == (1, ["FILLED"], 1)
    assert "is FILLED: 10 of 10 contracts had traded before the replace" in ran.error("higher")


def test_killed_in_its_cleanup(world: World, journal: Journal) -> None:
    """A replace that undoes another one is not sent again either."""
    back = """    cleanup:
      - {action: replace_order, with: {order_id: "{{ order_id }}", symbol: SYMBOL, price: 0.5}}
"""
    live = lives(world, journal)
    world.wire.plan(REPLACE, None, afterwards(killed))
    assert live(playbook(ORDER + REPLACED + back)) is None
    ran = live(playbook(ORDER + REPLACED + back))
    assert ran is not None
    assert (ran.exit_code, world.wire.count(REPLACE), world.wire.states()) == (0, 2, ["CANCELED"])
    assert agrees(world, ran)


def dies_at_call(world: World, number: int, death: Fault) -> None:
    """The process dies at its so-manieth call, whichever that is."""
    planned, calls = world.wire._fault, itertools.count(1)

    def fault(operation: str) -> Fault:
        return death if next(calls) == number else planned(operation)

    world.wire._fault = fault  # type: ignore[method-assign]


@pytest.mark.parametrize("number", range(1, 18))
def test_killed_at_every_call(number: int, worlds: Worlds, journal: Journal) -> None:
    """Wherever it dies, at either side of any call: no second replace, no order left, and the report agrees."""
    for side in (first(killed), afterwards(killed)):
        world = worlds(run_id=f"run-{number}-{side.__qualname__}")
        live = lives(world, journal)
        dies_at_call(world, number, side)
        ran = live(playbook(ORDER + REPLACED)) or live(playbook(ORDER + REPLACED))
        assert ran is not None
        assert world.wire.count(REPLACE) <= 1
        assert set(world.wire.states()) <= {"CANCELED"}
        assert ran.exit_code in (0, 3)
        if world.wire.orders():
            assert agrees(world, ran)


def test_risks_of_the_day(world: World, journal: Journal, tmp_path: Path) -> None:
    """Of an order and its replaces one order counts in the day, with what is at risk in it by now."""
    live = lives(world, journal)
    lower = REPLACED.replace("higher", "lower").replace("0.6", "0.4").replace("new_", "last_")
    shared = SharedJournal(journal, tmp_path, BASE, "halt")
    firm, now = firm_of(world.participant), world.clock.now()
    world.wire.plan(HEALTH, *(first(lambda: risks.append(shared.others_today("", firm, now))) for _ in range(4)))
    risks: list[tuple[int, Decimal]] = []
    steps = ["", ORDER, REPLACED, lower]
    looks = [f"\n  - {{id: look{at}, action: check_health}}" for at in range(4)]
    ran = live(playbook("".join(step + look for step, look in zip(steps, looks, strict=True))))
    assert ran is not None
    assert risks == [(0, Decimal(0)), (1, Decimal(5)), (1, Decimal(6)), (1, Decimal(4))]
    assert shared.others_today("", firm, now) == (1, Decimal(0))


def test_signal_while_it_is_under_way(world: World) -> None:
    """A signal while the replace is read back ends the run with it settled and the order cancelled."""
    world.wire.plan(REPLACE, afterwards(lambda: world.stop.request(signal.SIGINT)))
    ran = world.run(playbook(ORDER + REPLACED))
    assert (ran.exit_code, world.wire.states(), ran.cleanups) == (130, ["CANCELED"], [("order", "done")])
    assert agrees(world, ran)
