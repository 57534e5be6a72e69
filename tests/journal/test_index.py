"""The index beside the entries: always what a fold of the entries gives, whatever happened and whoever wrote it."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from journal.made import BASE, NOW, PINNED, STARTED, a_run, finished, intended, noted, owed, recorder, seen
from runner.engine.ledger import Ledger
from runner.engine.stop import Stop
from runner.journal.recorder import events_of, risk_of
from runner.journal.store import NAME, Journal, Risk
from runner.record.events import CleanupDone, Event, OrderLost, RunFinished, Verdict
from runner.venue.model import TERMINAL_STATES

ids = st.sampled_from(["c1", "c2", "c3", "stranger"])
days = st.integers(0, 3).map(lambda hours: NOW + timedelta(hours=7 + hours))
verdicts: st.SearchStrategy[Verdict] = st.sampled_from(["refused", "not_sent", "not_found", "inconclusive"])
states = st.sampled_from(["NEW", "PENDING_NEW", "PARTIALLY_FILLED", "CANCELED", "FILLED", "REJECTED", "EXPIRED"])
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(
        lambda clord_id, exposure, at: intended(clord_id, f"place-{clord_id}", exposure=exposure, at=at),
        *(st.sampled_from(["c1", "c2", "c3"]), st.sampled_from(["5", "0.01", "1234567.89"]), days),
    ),
    st.builds(
        lambda clord_id, state, filled: seen(clord_id, state, filled=str(filled)), ids, states, st.integers(0, 10)
    ),
    st.builds(lambda clord_id, verdict: OrderLost("order", clord_id, verdict), ids, verdicts),
    st.builds(owed, ids, st.sampled_from(["a", "b"])),
    st.builds(lambda path: CleanupDone(path, path, "done"), st.sampled_from(["a", "b"])),
    st.just(noted()),
    st.builds(finished, st.sampled_from(["passed", "in_doubt", "errored"]), st.sampled_from([0, 3, 4])),
)
lives = st.lists(st.lists(events, max_size=12), min_size=1, max_size=4)
"""What each of the processes of one run said, one after the other."""


@settings(max_examples=25, deadline=None)
@given(lives)
def test_runs_and_risks_are_a_fold_of_the_entries(told: list[list[Event]]) -> None:
    """However often its process died, and whatever it had gathered then."""
    with tempfile.TemporaryDirectory() as name, contextlib.closing(Stop()) as stop:
        with contextlib.closing(Journal(Path(name))) as journal:
            journal.begin(a_run(), PINNED)
            for life in told:
                recorder(journal, stop, journal.entries("r1")).emit(STARTED)
                kept = recorder(journal, stop, journal.entries("r1"))
                for event in life:
                    kept.emit(event)
            recorded = events_of(journal.entries("r1"))
            run = journal.run("r1")
        assert run is not None
        ends = [(each.status, each.exit_code) for each in recorded if isinstance(each, RunFinished)]
        assert (run.status, run.exit_code) == (ends[-1] if ends else (None, None))
        assert _rows(Path(name)) == _folded(recorded)


def _rows(folder: Path) -> set[Risk]:
    with contextlib.closing(sqlite3.connect(folder / NAME)) as connection:
        return {Risk(*row) for row in connection.execute("SELECT * FROM risks")}


def _folded(recorded: tuple[Event, ...]) -> set[Risk]:
    ledger = Ledger()
    for event in recorded:
        ledger.take(event)
    orders = {each.clord_id: each for each in ledger.intended.values()}
    return {risk_of(each, BASE, str(ledger.at_risk(each.clord_id))) for each in orders.values()}


@settings(max_examples=60, deadline=None)
@example([intended("c1", "place-c1"), seen("c1", "NEW", filled="0"), OrderLost("order", "c1", "refused")])
@given(st.lists(events, max_size=20))
def test_what_is_at_risk_is_never_too_little(told: list[Event]) -> None:
    """An order counts in full unless the venue has told its end, or it is known never to have traded."""
    ledger, last = Ledger(), {}
    for event in told:
        ledger.take(event)
        if clord_id := getattr(event, "clord_id", ""):
            last[clord_id] = event
    for order in {each.clord_id: each for each in ledger.intended.values()}.values():
        at_risk, latest = ledger.at_risk(order.clord_id), ledger.seen(order.clord_id)
        assert Decimal(0) <= at_risk <= order.exposure
        if at_risk < order.exposure:
            over = latest is not None and latest.state in TERMINAL_STATES
            assert over or ledger.state(order.clord_id) in {"refused", "not_sent"}
