"""The journal on disk: append-only, whole or not at all, and seen by every process at once."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from journal.made import BASE, NOW, PINNED, a_run
from runner.errors import Locked, StepErrored, WrongInput
from runner.journal.store import NAME, Batch, Entry, Journal, Pinned, Risk

ODD = 'ü \u2028 \\ " \x00 😀'


def entry(data: str = "1", path: str = "a") -> Entry:
    return Entry("event", path, data)


def risk(clord_id: str, exposure: str, day: str = "2026-11-22", base_url: str = BASE, firm: str = "F") -> Risk:
    return Risk(clord_id, base_url, firm, day, exposure)


def test_what_was_appended_is_read_back_in_sequence(journal: Journal) -> None:
    """Entries of one run, in the sequence in which they were made, whatever they hold."""
    first = [entry(json.dumps(ODD, ensure_ascii=False), "ü"), Entry("start", "b", "null")]
    second = [Entry("done", "b", "[1]")]
    journal.append(Batch("r1", 0, first, NOW))
    journal.append(Batch("r1", 2, second, NOW))
    assert journal.entries("r1") == first + second


def test_runs_do_not_see_each_other(journal: Journal) -> None:
    """Each has entries of its own under the same numbers."""
    journal.begin(a_run("r2"), PINNED)
    journal.append(Batch("r1", 0, [entry("1")], NOW))
    journal.append(Batch("r2", 0, [entry("2")], NOW))
    assert [each.data for each in journal.entries("r2")] == ["2"]
    assert journal.entries("r3") == []


def test_another_process_sees_it_at_once(journal: Journal, folder: Path) -> None:
    """A second connection sees every append that returned."""
    journal.append(Batch("r1", 0, [entry()], NOW))
    with contextlib.closing(Journal(folder)) as other:
        assert other.entries("r1") == [entry()]


@pytest.mark.parametrize("bad", [[entry(), Entry("event", "\ud800", "1")], [entry(), entry(), entry()]])
def test_an_append_is_whole_or_not_at_all(bad: list[Entry], journal: Journal) -> None:
    """A text that can't be kept, or a number that is taken, refuses the first entry, the index and the risk, too."""
    journal.append(Batch("r1", 2, [entry()], NOW))
    later = NOW + timedelta(hours=1)
    with pytest.raises((StepErrored, UnicodeError)):
        journal.append(Batch("r1", 0, bad, later, [risk("c1", "5")], ("passed", 0)))
    found = journal.run("r1")
    assert found is not None
    assert (journal.entries("r1"), found.last_at, found.status) == ([entry()], NOW, None)
    assert journal.others_of_day(risk("", "")) == []
    journal.append(Batch("r1", 0, [entry()], later))


def test_a_run_is_known_from_its_beginning(journal: Journal) -> None:
    """With all that it is taken up again with, and nothing of an end."""
    pinned = Pinned("1" * 64, f"text {ODD}", {"inputs": {"a": [None, ODD]}})
    journal.begin(a_run("r2", seconds=1), pinned)
    assert journal.run("r2") == a_run("r2", seconds=1)
    assert journal.pinned("r2") == pinned
    assert journal.run("r3") is None


def test_a_run_id_is_taken_once(journal: Journal) -> None:
    """Two processes with one id: the second one can't begin, and changes nothing."""
    with pytest.raises(Locked, match="another run's"):
        journal.begin(a_run("r1", playbook="other"), Pinned("2" * 64, "other", {}))
    assert journal.pinned("r1") == PINNED


def test_texts_are_kept_once(journal: Journal, folder: Path) -> None:
    """A thousand runs of one playbook keep its text once."""
    for number in range(2, 5):
        journal.begin(a_run(f"r{number}"), PINNED)
    with contextlib.closing(sqlite3.connect(folder / NAME)) as other:
        assert other.execute("SELECT count(*) FROM texts").fetchone() == (1,)


def test_open_until_it_ends_well(journal: Journal) -> None:
    """A run is open from its beginning to an end that settles it; oldest first."""
    for number in range(2, 6):
        journal.begin(a_run(f"r{number}", seconds=-number), PINNED)
    journal.append(Batch("r2", 0, [entry()], NOW, (), ("in_doubt", 4)))
    journal.append(Batch("r3", 0, [entry()], NOW, (), ("errored", 3)))
    assert [each.run_id for each in journal.open_runs()] == ["r5", "r4", "r2", "r1"]
    assert [each.open for each in journal.open_runs()] == [True] * 4


def test_history_is_newest_first(journal: Journal) -> None:
    """By the time of their beginning, to the microsecond."""
    times = {"r2": -1.0, "r3": 0.000001, "r4": 0.5, "r5": 2.0}
    for run_id, seconds in times.items():
        journal.begin(a_run(run_id, seconds=seconds), PINNED)
    assert [each.run_id for each in journal.history(4)] == ["r5", "r4", "r3", "r1"]


def test_the_last_sign_of_life(journal: Journal) -> None:
    """Each append says when the run was last alive."""
    later = NOW + timedelta(seconds=90)
    journal.append(Batch("r1", 0, [entry()], later))
    found = journal.run("r1")
    assert found is not None
    assert (found.started_at, found.last_at) == (NOW, later)


def test_risks_count_once_as_told_last(journal: Journal) -> None:
    """One of the same day, venue and firm counts for the others, never for itself."""
    rows = [
        *(risk("c1", "5"), risk("c2", "1.50"), risk("c3", "9", day="2026-11-23")),
        *(risk("c4", "9", base_url="other"), risk("c5", "9", firm="G"), risk("c1", "0")),
    ]
    journal.append(Batch("r1", 0, [entry()], NOW, rows))
    assert sorted(journal.others_of_day(risk("new", ""))) == ["0", "1.50"]
    assert journal.others_of_day(risk("c2", "")) == ["0"]


def test_a_halt_stands_until_it_is_lifted(journal: Journal) -> None:
    """Since its first moment, for its venues alone, whichever of them is asked for."""
    journal.halt(["v", "w"], NOW)
    journal.halt(["v", "x"], NOW + timedelta(hours=1))
    assert [journal.halted_since([each]) for each in "vwy"] == [NOW, NOW, None]
    assert journal.halted_since(["y", "x"]) == NOW + timedelta(hours=1)
    journal.unhalt(["v", "w", "y"])
    assert [journal.halted_since([each]) for each in "vw"] == [None, None]
    assert journal.halted_since(["x", "v"]) == NOW + timedelta(hours=1)


def test_a_full_disk_is_told(journal: Journal) -> None:
    """A journal that can't grow refuses with what to do, keeps what it has, and takes more when there is room."""
    connection = journal._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(StepErrored, match="database or disk is full") as caught:
        journal.append(Batch("r1", 0, [entry(json.dumps("x" * 100_000))], NOW))
    assert "make room on the disk" in caught.value.help
    assert journal.entries("r1") == []
    connection.execute("PRAGMA max_page_count = 100000")
    journal.append(Batch("r1", 0, [entry()], NOW))
    assert journal.entries("r1") == [entry()]


def garbage(path: Path) -> None:
    path.write_bytes(b"not a database, and long enough to be sure of it" * 100)


def newer(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


def somebody_s(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE runs (mine TEXT)")


def a_folder(path: Path) -> None:
    path.mkdir()


UNUSABLE: dict[str, tuple[Callable[[Path], None], str]] = {
    "no database": (garbage, "file is not a database"),
    "newer": (newer, "written by a newer pmx-run"),
    "another program's": (somebody_s, "another program's"),
    "a folder": (a_folder, "unable to open database file"),
}


@pytest.mark.parametrize(("make", "message"), UNUSABLE.values(), ids=UNUSABLE)
def test_what_is_no_journal_is_refused(make: Callable[[Path], None], message: str, folder: Path) -> None:
    """Exit 2 with its path and what to do; it is left as it was, and it can be moved away and replaced."""
    make(folder / NAME)
    before = b"" if (folder / NAME).is_dir() else (folder / NAME).read_bytes()
    with pytest.raises(WrongInput, match=message) as caught:
        Journal(folder)
    assert str(folder / NAME) in str(caught.value)
    assert "nothing was sent" in str(caught.value)
    if before:
        assert (folder / NAME).read_bytes() == before
    (folder / NAME).rename(folder / "away")
    Journal(folder).close()
