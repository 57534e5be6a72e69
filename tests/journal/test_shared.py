"""What all runs of a machine share: the day's orders of a firm, taken one run at a time, and the kill switch."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.made import BASE, NOW, finished, intended, recorder, seen
from runner.engine.stop import Stop
from runner.journal.shared import SharedJournal
from runner.journal.store import Journal
from runner.record.events import OrderLost

BEFORE_THE_ROLL = datetime(2026, 11, 22, 21, 59, 59, tzinfo=UTC)
AFTER_THE_ROLL = datetime(2026, 11, 22, 22, 0, 0, tzinfo=UTC)
IN_SUMMER = (datetime(2026, 7, 1, 20, 59, 59, tzinfo=UTC), datetime(2026, 7, 1, 21, 0, 0, tzinfo=UTC))
TAKER = """
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from journal.made import BASE, PINNED, a_run, intended
from runner.journal.recorder import risk_of
from runner.journal.shared import SharedJournal
from runner.journal.store import Batch, Entry, Journal

folder, name, most = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
journal = Journal(folder)
shared = SharedJournal(journal, folder, BASE, ["halt"])
journal.begin(a_run(name), PINNED)
now = datetime.now(UTC)
for number in range(most):
    with shared.turn():
        count, _ = shared.others_today(f"{name}-{number}", "F", now)
        if count < most:
            risk = risk_of(intended(f"{name}-{number}", at=now), BASE, "5")
            journal.append(Batch(name, number, [Entry("event", "order", "{}")], now, [risk]))
            print(number, flush=True)
"""


def shared(journal: Journal, folder: Path, base_url: str = BASE) -> SharedJournal:
    return SharedJournal(journal, folder, base_url, [base_url])


def test_orders_of_the_day(journal: Journal, stop: Stop, folder: Path) -> None:
    """Counted from their intent on, over all runs; what is known not to have traded is released, and still counts."""
    kept, ours = recorder(journal, stop), shared(journal, folder)
    kept.emit(intended("c1", "a", exposure="5"))
    kept.emit(intended("c2", "b", exposure="2.50"))
    assert ours.others_today("new", "F", NOW) == (2, Decimal("7.50"))
    assert ours.others_today("c1", "F", NOW) == (1, Decimal("2.50"))
    kept.emit(seen("c1", "CANCELED", filled="4", path="a"), OrderLost("b", "c2", "not_sent"))
    assert ours.others_today("new", "F", NOW) == (2, Decimal(2))
    assert ours.others_today("new", "G", NOW) == (0, Decimal(0))
    assert shared(journal, folder, "https://other").others_today("new", "F", NOW) == (0, Decimal(0))


@pytest.mark.parametrize(("last", "first"), [(BEFORE_THE_ROLL, AFTER_THE_ROLL), IN_SUMMER], ids=["winter", "summer"])
def test_the_day_rolls_in_new_york(last: datetime, first: datetime, journal: Journal, stop: Stop, folder: Path) -> None:
    """At 17:00 there, the day's limits are whole again; an order stays in the day in which it was intended."""
    kept, ours = recorder(journal, stop), shared(journal, folder)
    kept.emit(intended("c1", "a", at=last))
    assert ours.others_today("new", "F", last) == (1, Decimal(5))
    assert ours.others_today("new", "F", first) == (0, Decimal(0))
    kept.emit(intended("c2", "b", at=first))
    kept.emit(seen("c1", "FILLED", filled="10", path="a"), finished())
    assert ours.others_today("new", "F", last) == (1, Decimal(5))
    assert ours.others_today("new", "F", first) == (1, Decimal(5))


def test_two_processes_never_take_the_last_order_of_the_day_both(folder: Path) -> None:
    """Counting and recording are one turn: together they take as many as there are, and not one more."""
    tests = Path(__file__).parents[1]
    commands = [[sys.executable, "-c", TAKER, str(folder), name, "25"] for name in ("one", "two", "three")]
    processes = [subprocess.Popen(each, cwd=tests, stdout=subprocess.PIPE, text=True) for each in commands]
    taken = [len(process.communicate(timeout=60)[0].split()) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sum(taken) == 25
    with contextlib.closing(Journal(folder)) as journal:
        assert shared(journal, folder).others_today("new", "F", datetime.now(UTC))[0] == 25


def test_a_halt_is_seen_at_once(journal: Journal, folder: Path) -> None:
    """By every process, and for its own venue."""
    with contextlib.closing(Journal(folder)) as other:
        other.halt([BASE], NOW)
    assert shared(journal, folder).halted_since() == NOW
    assert shared(journal, folder, "https://other").halted_since() is None
