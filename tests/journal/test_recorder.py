"""The recorder on the journal: what is durable when, and that nothing is done or said a second time."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from journal.made import (
    NOW,
    STARTED,
    Time,
    finished,
    intended,
    kinds,
    noted,
    owed,
    recorder,
    seen,
    step_finished,
    step_started,
)
from runner.engine.stop import Stop
from runner.errors import StepErrored
from runner.journal.recorder import events_of
from runner.journal.store import NAME, Entry, Journal
from runner.record.events import (
    CallMade,
    Captured,
    CleanupDone,
    Event,
    OrderLost,
    RunResumed,
    Waiting,
)
from runner.redact import Redactor, Secret


def on_disk(folder: Path) -> list[Entry]:
    """What another process sees of run ``r1``."""
    with contextlib.closing(Journal(folder)) as other:
        return other.entries("r1")


def said(folder: Path) -> list[str]:
    return kinds(events_of(on_disk(folder)))


class Breaking:
    """Lets the journal's disk be full, and have room again."""

    def __init__(self, journal: Journal) -> None:
        self._connection = journal._connection

    def full(self) -> None:
        self._connection.execute("PRAGMA query_only = ON")

    def room(self) -> None:
        self._connection.execute("PRAGMA query_only = OFF")


@pytest.fixture
def disk(journal: Journal) -> Breaking:
    return Breaking(journal)


DURABLE: dict[str, Event] = {
    "run": STARTED,
    "intent": intended(),
    "debt": owed(),
    "lost": OrderLost("order", "c1", "not_found"),
    "settled": CleanupDone("order", "order", "done"),
    "end": finished(),
}
GATHERED: dict[str, Event] = {
    "step": step_started(),
    "step's end": step_finished(),
    "seen": seen(),
    "call": CallMade("order", "GET", "https://x/v1", 200, NOW, 1, None, {"a": [1, "x", None]}),
    "note": noted(),
    "capture": Captured("order", "it", {"a": NOW}),
    "waiting": Waiting("order", "for it", 0.25),
    "resumed": RunResumed(NOW, "on"),
}


@pytest.mark.parametrize("event", DURABLE.values(), ids=DURABLE)
def test_announcements_are_durable_at_once(event: Event, journal: Journal, stop: Stop, folder: Path) -> None:
    """With everything that was gathered before them."""
    kept = recorder(journal, stop)
    kept.emit(noted("before"))
    kept.emit(event)
    assert events_of(on_disk(folder)) == (noted("before"), event)


@pytest.mark.parametrize("event", GATHERED.values(), ids=GATHERED)
def test_the_past_waits_for_the_next_announcement(event: Event, journal: Journal, stop: Stop, folder: Path) -> None:
    """What only tells of the past costs no write of its own, and comes back as it was."""
    kept = recorder(journal, stop)
    kept.emit(event)
    assert on_disk(folder) == []
    kept.emit(owed())
    assert events_of(on_disk(folder))[0] == event


@pytest.mark.parametrize(("seconds", "written"), [(0.1, 0), (1.0, 1)])
def test_nothing_waits_through_a_pause(
    seconds: float, written: int, journal: Journal, stop: Stop, folder: Path
) -> None:
    """Before time is let pass what was gathered is written, unless it is hardly worth it."""
    clock = Time()
    kept = recorder(journal, stop, clock=clock)
    kept.emit(noted())
    kept.sleep_until("order", clock.now() + timedelta(seconds=seconds))
    assert len(on_disk(folder)) == written
    assert clock.moved == pytest.approx(seconds)


def test_not_too_much_waits(journal: Journal, stop: Stop, folder: Path) -> None:
    """However long a run announces nothing, a death loses a hundred events at most."""
    kept = recorder(journal, stop)
    for number in range(1000):
        kept.emit(noted(str(number)))
    assert len(on_disk(folder)) >= 900


def test_events_of_one_emit_are_kept_together(journal: Journal, stop: Stop, disk: Breaking, folder: Path) -> None:
    """An intent and its debt: both, or neither, and nobody hears of them; what was gathered before is not lost."""
    heard: list[Event] = []
    kept = recorder(journal, stop, listeners=[heard.append])
    kept.emit(noted())
    disk.full()
    with pytest.raises(StepErrored, match="can't be written"):
        kept.emit(intended(), owed())
    assert (heard, kept.events, on_disk(folder)) == ([noted()], [noted()], [])
    disk.room()
    kept.emit(CleanupDone("order", "order", "done"))
    assert said(folder) == ["Noted", "CleanupDone"]


def test_what_can_t_be_written_stays_broken(journal: Journal, stop: Stop, disk: Breaking, folder: Path) -> None:
    """Nothing new may be begun any more; what tells of the past is told on, and written as soon as there is room."""
    kept = recorder(journal, stop)
    disk.full()
    kept.emit(CleanupDone("order", "order", "done"))
    assert "can't be written" in str(kept.broken)
    with pytest.raises(StepErrored):
        kept.step("order#1/send", pytest.fail, pytest.fail)
    disk.room()
    with pytest.raises(StepErrored):
        kept.emit(intended())
    kept.emit(finished("errored", 3))
    assert said(folder) == ["CleanupDone", "RunFinished"]
    found = journal.run("r1")
    assert found is not None
    assert (found.status, found.exit_code) == ("errored", 3)


def test_an_end_that_can_t_be_written_is_no_good_end(journal: Journal, stop: Stop, disk: Breaking) -> None:
    """Where the trouble shows with the last event only, its teller is told instead of the listeners; then it may say
    how it ended after all."""
    heard: list[Event] = []
    kept = recorder(journal, stop, listeners=[heard.append])
    disk.full()
    with pytest.raises(StepErrored):
        kept.emit(finished())
    kept.emit(finished("errored", 3))
    assert heard == [finished("errored", 3)]


def test_a_result_is_recorded_and_given_again(journal: Journal, stop: Stop, folder: Path) -> None:
    """What a leaf came to is not made a second time after a death."""
    kept = recorder(journal, stop)
    result = {"status": "passed", "made": {"at": NOW, "list": [1, None, "x"]}}
    assert kept.step("order", lambda: result) == result
    kept.emit(owed())
    again = recorder(journal, stop, on_disk(folder))
    assert again.step("order", pytest.fail) == result


def test_a_read_that_did_not_come_to_its_end_is_made_again(journal: Journal, stop: Stop, folder: Path) -> None:
    """Without ``settle`` a leaf only reads."""
    kept = recorder(journal, stop)
    with pytest.raises(ZeroDivisionError):
        kept.step("look", lambda: 1 / 0)
    kept.emit(owed())
    again = recorder(journal, stop, on_disk(folder))
    assert (again.begun("look"), again.step("look", lambda: 2)) == (False, 2)


def test_what_changes_something_has_a_durable_start(journal: Journal, stop: Stop, folder: Path) -> None:
    """It is there before the act, and the end right after it."""
    kept = recorder(journal, stop)
    before: list[Entry] = []

    def act() -> str:
        before.extend(on_disk(folder))
        return "id-1"

    assert kept.step("order#1/send", act, pytest.fail) == "id-1"
    assert before == [Entry("start", "order#1/send", "null")]
    assert on_disk(folder)[1:] == [Entry("done", "order#1/send", '"id-1"')]


def test_what_was_started_is_settled_and_never_performed_again(journal: Journal, stop: Stop, folder: Path) -> None:
    """A start without an end: whoever comes next asks what became of it, and records the answer."""
    kept = recorder(journal, stop)
    with pytest.raises(KeyboardInterrupt):
        kept.step("order#1/send", _dies, pytest.fail)
    second = recorder(journal, stop, on_disk(folder))
    with pytest.raises(ZeroDivisionError):
        second.step("order#1/send", pytest.fail, lambda: 1 / 0)
    third = recorder(journal, stop, on_disk(folder))
    assert third.step("order#1/send", pytest.fail, lambda: "found") == "found"
    fourth = recorder(journal, stop, on_disk(folder))
    assert fourth.step("order#1/send", pytest.fail, pytest.fail) == "found"


def test_nothing_is_begun_that_can_t_be_recorded(journal: Journal, stop: Stop, disk: Breaking, folder: Path) -> None:
    """The act is not performed, and whoever comes next may perform it."""
    kept = recorder(journal, stop)
    disk.full()
    with pytest.raises(StepErrored):
        kept.step("order#1/send", pytest.fail, pytest.fail)
    disk.room()
    again = recorder(journal, stop, on_disk(folder))
    assert again.step("order#1/send", lambda: "sent", pytest.fail) == "sent"


def test_a_result_with_a_secret_is_made_again(journal: Journal, stop: Stop, folder: Path) -> None:
    """Neither a ``Secret`` nor a text that holds one is ever recorded, in whatever form."""
    secret = Secret('pa"ss word/ü')
    redactor = Redactor([secret])
    kept = recorder(journal, stop, redactor=redactor)
    kept.step("typed", lambda: {"it": secret})
    kept.step("plain", lambda: ["x" + secret.reveal()])
    kept.step("harmless", lambda: ["x"])
    kept.emit(noted(f"with {secret.reveal()}"), owed())
    raw = b"".join(path.read_bytes() for path in folder.glob(f"{NAME}*"))
    assert secret.reveal().encode() not in raw
    assert json.dumps(secret.reveal())[1:-1].encode() not in raw
    assert [each.path for each in on_disk(folder) if each.kind == "done"] == ["harmless"]
    again = recorder(journal, stop, on_disk(folder))
    assert [again.step(path, lambda: "made again") for path in ("typed", "plain")] == ["made again"] * 2


@pytest.mark.parametrize(
    "secret", ["event", "symbol", "Intended", "5", "123456", '"path":"', "$decimal", "passed", "order"]
)
def test_whatever_a_secret_is_the_journal_can_be_read(secret: str, journal: Journal, stop: Stop, folder: Path) -> None:
    """One that is a word or a number of the journal's own makes nothing unreadable."""
    kept = recorder(journal, stop, redactor=Redactor([Secret(secret)]))
    call = CallMade("order", "GET", "https://x/v1", 200, NOW, 123456, None, {"a": 123456, "b": f"is {secret}"})
    told: list[Event] = [
        STARTED,
        step_started(),
        call,
        intended(exposure="123456"),
        owed(),
        seen(),
        step_finished(),
        finished(),
    ]
    kept.emit(*told)
    found = events_of(on_disk(folder))
    assert kinds(found) == kinds(told)
    assert [found[3], found[4], found[6], found[7]] == [told[3], told[4], told[6], told[7]]
    assert len(secret) < 6 or f"is {secret}" not in str(found)


def test_any_text_can_be_kept(journal: Journal, stop: Stop, folder: Path) -> None:
    """Half of a character, as a venue's JSON or a command line can hold, does not stop the journal."""
    kept = recorder(journal, stop)
    kept.step("said", lambda: "\ud83d")
    kept.emit(noted("half \ud83d, nothing \x00, whole 😀"), owed())
    assert events_of(on_disk(folder))[0] == noted("half \ud83d, nothing \x00, whole 😀")
    assert recorder(journal, stop, on_disk(folder)).step("said", pytest.fail) == "\ud83d"


REPEATED: tuple[Event, ...] = (STARTED, step_started(), intended(), owed(), step_finished())
SAID_AGAIN: tuple[Event, ...] = (noted(), seen(), Captured("order", "it", 1), CleanupDone("order", "order", "owed"))


def test_what_a_dead_process_said_is_not_said_again(journal: Journal, stop: Stop, folder: Path) -> None:
    """Nor heard: beginnings, intents, debts and ends are said once a step; what happens anew is said anew."""
    recorder(journal, stop).emit(*REPEATED, *SAID_AGAIN)
    heard: list[Event] = []
    again = recorder(journal, stop, on_disk(folder), listeners=[heard.append])
    assert tuple(again.earlier) == (*REPEATED, *SAID_AGAIN)
    again.emit(*REPEATED, *SAID_AGAIN, step_started("other"))
    assert heard == [*SAID_AGAIN, step_started("other")]
    assert again.events == [*again.earlier, *heard]
    again.emit(finished())
    assert len(on_disk(folder)) == len(again.events)


def test_a_step_that_goes_on_is_heard_to_begin(journal: Journal, stop: Stop, folder: Path) -> None:
    """Whoever listens to this process knows nothing of what the dead one showed; it is kept once."""
    recorder(journal, stop).emit(step_started("a"), step_finished("a"), step_started("b"), owed())
    heard: list[Event] = []
    again = recorder(journal, stop, on_disk(folder), listeners=[heard.append])
    again.emit(step_started("a"))
    again.emit(step_started("b"))
    again.emit(step_finished("b"), finished())
    assert heard == [step_started("b"), step_finished("b"), finished()]
    assert said(folder).count("StepStarted") == 2


BEGUN = {
    "place[2]#1/send": {"place[2]#1/send", "place[2]", "place"},
    "order#1/send": {"order#1/send", "order"},
    "order.cleanup[0]#1/send": {"order.cleanup[0]#1/send", "order.cleanup[0]", "order.cleanup"},
}


@pytest.mark.parametrize(("leaf", "begun"), BEGUN.items(), ids=BEGUN)
def test_begun_at_or_below_a_path(leaf: str, begun: set[str], journal: Journal, stop: Stop, folder: Path) -> None:
    """By this process, and by the ones before it."""
    kept = recorder(journal, stop)
    kept.step(leaf, lambda: 1, pytest.fail)
    again = recorder(journal, stop, on_disk(folder))
    paths = begun | {"place[1]", "place[20]", "other", "orders", "orde", "place[2]#2/send"}
    for each in (kept, again):
        assert {path for path in paths if each.begun(path)} == begun


@pytest.mark.parametrize("error", [BrokenPipeError(), KeyError("x")], ids=["pipe", "bug"])
def test_a_listener_that_fails_hears_no_more(error: Exception, journal: Journal, stop: Stop, folder: Path) -> None:
    """The others do, and everything is kept."""
    heard: list[Event] = []
    calls: list[Event] = []

    def fails(event: Event) -> None:
        calls.append(event)
        raise error

    kept = recorder(journal, stop, listeners=[fails, heard.append])
    kept.emit(noted(), owed())
    assert (len(calls), heard, said(folder)) == (1, [noted(), owed()], ["Noted", "CleanupOwed"])


def test_threads_take_turns(journal: Journal, stop: Stop, folder: Path) -> None:
    """Items that go on at once: every event and every leaf is there once, in a sequence without gaps."""
    heard: list[Event] = []
    kept = recorder(journal, stop, listeners=[heard.append])
    failures: list[BaseException] = []

    def item(number: int) -> None:
        try:
            for turn in range(10):
                path = f"place[{number}]"
                kept.emit(noted(f"{number}/{turn}", path))
                kept.step(f"{path}#{turn}/send", lambda: f"{number}-{turn}", pytest.fail)  # noqa: B023
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=item, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept.emit(finished())
    assert failures == []
    found = on_disk(folder)
    assert list(events_of(found)) == heard
    assert len(found) == 8 * 10 * 3 + 1
    with contextlib.closing(sqlite3.connect(folder / NAME)) as other:
        numbers = [number for (number,) in other.execute("SELECT sequence FROM entries ORDER BY sequence")]
    assert numbers == list(range(len(found)))


def test_being_asked_to_stop(journal: Journal, stop: Stop) -> None:
    """It tells what the signal's handler noted."""
    kept = recorder(journal, stop)
    assert not kept.cancelled()
    stop.request(15)
    assert kept.cancelled()


def _dies() -> str:
    raise KeyboardInterrupt
