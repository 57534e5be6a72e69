"""The journal: one SQLite file with every run's entries, append-only.

A run's result, the history and every report are folds of these entries; the other tables only index them, or keep what
a run is taken up again with. What must not be lost is durable (``synchronous=FULL``, in write-ahead mode) before the
act that it announces.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from runner.diagnostic import Diagnostic
from runner.errors import Locked, NotRecorded, StepErrored, WrongInput
from runner.frozen import frozen
from runner.journal.disk import claim_folder
from runner.journal.outbox import Outbox
from runner.journal.tables import VERSIONS
from runner.record.codec import text_of_data

NAME = "journal.sqlite3"
_BUSY_SECONDS = 60.0
_LATER = "nothing new is begun that could not be recorded; make room on the disk, then `pmx-run resume`"
_LOOK = "look at its disk and at who may write there, or name another state directory: --state-dir DIR"
_MOVE_AWAY = "move it away to keep it for a look, or name another state directory: --state-dir DIR"

_WANTED = """
WHERE (? IS NULL OR playbook = ?) AND (? IS NULL OR environment = ?) AND (? IS NULL OR status = ?)
  AND started_at >= ? AND (NOT ? OR status IS NULL OR status = 'in_doubt')
ORDER BY started_at DESC LIMIT ?
"""

Kind = Literal["event", "start", "done"]


@frozen
class Entry:
    """One thing that was recorded: an event, or the start or end of a leaf of the work. ``data`` is JSON's text."""

    kind: Kind
    path: str
    data: str


@frozen
class Run:
    """One run as the index has it; ``status`` and ``exit_code`` are None until it comes to its end."""

    run_id: str
    playbook: str
    environment: str
    base_url: str
    participant: str
    account: str
    started_at: datetime
    last_at: datetime
    status: str | None = None
    exit_code: int | None = None

    @property
    def open(self) -> bool:
        """Whether something may be left to settle: it is under way, was killed, or ended in doubt."""
        return self.status is None or self.status == "in_doubt"


@frozen
class Wanted:
    """Which runs of the history; what is None may be anything. ``open``: only those that may need somebody."""

    playbook: str | None = None
    environment: str | None = None
    status: str | None = None
    since: datetime | None = None
    open: bool = False


@frozen
class Pinned:
    """What a run is taken up again with: the playbook's text by its hash, and JSON data of the caller's own."""

    sha256: str
    text: str
    data: Any


@frozen
class Risk:
    """What an order may have cost or may yet cost, in dollars as text, and the venue's trade day that it counts to.

    What a replace adds to its order is a risk of its own, written with a plus sign (``+1.50``): it is no further order.
    """

    clord_id: str
    base_url: str
    firm: str
    trade_day: str
    exposure: str


@frozen
class Batch:
    """What is written together, all of it or nothing. ``first`` numbers the first of the entries."""

    run_id: str
    first: int
    entries: Sequence[Entry]
    at: datetime
    risks: Sequence[Risk] = ()
    ended: tuple[str, int] | None = None


class Journal:
    """The journal of one state directory; safe to share between threads.

    Where it is there already and ``reading`` alone is wanted, a disk without room does not matter.
    Raises ``WrongInput`` where it can't be kept (``claim_folder``), ``StepErrored`` where it can't be read, and
    ``NotRecorded`` where it can't be written.
    """

    def __init__(self, folder: Path, *, reading: bool = False) -> None:
        self.path = folder / NAME
        if not (reading and self.path.exists()):
            claim_folder(folder)
        self._turn = threading.RLock()
        self._connection = _open(self.path)
        self.outbox = Outbox(self._read, self._writing)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def begin(self, run: Run, pinned: Pinned) -> None:
        """Record that a run exists; durable. Raises ``Locked`` for an id that another run has."""
        row = (run.run_id, run.playbook, run.environment, run.base_url, run.participant, run.account)
        times = (run.started_at.isoformat(), run.last_at.isoformat())
        with self._writing() as connection:
            sql = "INSERT OR IGNORE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)"
            if not connection.execute(sql, row + times).rowcount:
                raise Locked(f"the run id {run.run_id} is another run's", help="give each run an id of its own")
            connection.execute("INSERT OR IGNORE INTO texts VALUES (?, ?)", (pinned.sha256, pinned.text))
            data = text_of_data(pinned.data)
            connection.execute("INSERT INTO pins VALUES (?, ?, ?)", (run.run_id, pinned.sha256, data))

    def append(self, batch: Batch) -> None:
        """Append entries with all that belongs to them; durable when this returns."""
        rows = [
            (batch.run_id, number, entry.kind, entry.path, entry.data)
            for number, entry in enumerate(batch.entries, start=batch.first)
        ]
        risks = [(each.clord_id, each.base_url, each.firm, each.trade_day, each.exposure) for each in batch.risks]
        with self._writing() as connection:
            connection.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", rows)
            if risks:
                connection.executemany(
                    "INSERT INTO risks VALUES (?, ?, ?, ?, ?) "
                    "ON CONFLICT (clord_id) DO UPDATE SET exposure = excluded.exposure",
                    risks,
                )
            connection.execute("UPDATE runs SET last_at = ? WHERE run_id = ?", (batch.at.isoformat(), batch.run_id))
            if batch.ended is not None:
                sql = "UPDATE runs SET status = ?, exit_code = ? WHERE run_id = ?"
                connection.execute(sql, (*batch.ended, batch.run_id))

    def entries(self, run_id: str) -> list[Entry]:
        """Everything that was recorded of a run, in sequence."""
        sql = "SELECT kind, path, data FROM entries WHERE run_id = ? ORDER BY sequence"
        return [Entry(*row) for row in self._read(sql, (run_id,))]

    def run(self, run_id: str) -> Run | None:
        """One run, None if there is none of that id."""
        return next(self._runs("WHERE run_id = ?", (run_id,)), None)

    def pinned(self, run_id: str) -> Pinned:
        """What a run is taken up again with."""
        sql = "SELECT sha256, text, pinned FROM pins JOIN texts USING (sha256) WHERE run_id = ?"
        ((sha256, text, data),) = self._read(sql, (run_id,))
        return Pinned(sha256, text, json.loads(data))

    def open_runs(self) -> list[Run]:
        """Runs that something may be left to settle of, oldest first."""
        return list(self._runs("WHERE status IS NULL OR status = 'in_doubt' ORDER BY started_at", ()))

    def history(self, limit: int | None, wanted: Wanted = Wanted()) -> list[Run]:  # noqa: B008 - it is frozen
        """The latest runs, newest first; all of them without a limit."""
        values = (
            *(wanted.playbook, wanted.playbook, wanted.environment, wanted.environment, wanted.status, wanted.status),
            *(wanted.since.isoformat() if wanted.since else "", wanted.open, -1 if limit is None else limit),
        )
        return list(self._runs(_WANTED, values))

    def ended_before(self, moment: datetime, limit: int, skipped: int = 0) -> list[Run]:
        """Runs that came to their end before ``moment`` with nothing in doubt, oldest first, after those skipped."""
        clause = (
            "WHERE started_at < ? AND last_at < ? AND status IS NOT NULL AND status != 'in_doubt' "
            "ORDER BY started_at, run_id LIMIT ? OFFSET ?"
        )
        return list(self._runs(clause, (moment.isoformat(), moment.isoformat(), limit, skipped)))

    def forget(self, run_ids: Sequence[str]) -> None:
        """Take away runs with all that was recorded of them; one that is open by now is left alone."""
        with self._writing() as connection:
            for run_id in run_ids:
                sql = "DELETE FROM runs WHERE run_id = ? AND status IS NOT NULL AND status != 'in_doubt'"
                if connection.execute(sql, (run_id,)).rowcount:
                    connection.execute("DELETE FROM entries WHERE run_id = ?", (run_id,))
                    connection.execute("DELETE FROM pins WHERE run_id = ?", (run_id,))
                    connection.execute("DELETE FROM notices WHERE run_id = ?", (run_id,))

    def forget_leftovers(self, before: str) -> None:
        """Take away what orders of trade days before this one (an ISO date) could lose, and texts of no run."""
        with self._writing() as connection:
            connection.execute("DELETE FROM texts WHERE sha256 NOT IN (SELECT sha256 FROM pins)")
            connection.execute("DELETE FROM risks WHERE trade_day < ?", (before,))

    def outcome_before(self, run: Run) -> str | None:
        """How the last run of the same playbook and environment before this one ended, interrupted ones aside."""
        sql = (
            "SELECT status FROM runs WHERE playbook = ? AND environment = ? AND started_at <= ? AND run_id != ? "
            "AND status IS NOT NULL AND status != 'interrupted' ORDER BY started_at DESC LIMIT 1"
        )
        values = (run.playbook, run.environment, run.started_at.isoformat(), run.run_id)
        return next((str(status) for (status,) in self._read(sql, values)), None)

    def others_of_day(self, risk: Risk) -> list[str]:
        """The exposure, in dollars as text, of each order of the same trade day besides this one."""
        sql = "SELECT exposure FROM risks WHERE base_url = ? AND firm = ? AND trade_day = ? AND clord_id != ?"
        key = (risk.base_url, risk.firm, risk.trade_day, risk.clord_id)
        return [exposure for (exposure,) in self._read(sql, key)]

    def halt(self, venues: Sequence[str], at: datetime) -> None:
        """Refuse new orders at these venues from now on; one that is halted already stays so since then."""
        with self._writing() as connection:
            rows = [(venue, at.isoformat()) for venue in venues]
            connection.executemany("INSERT OR IGNORE INTO halts VALUES (?, ?)", rows)

    def unhalt(self, venues: Sequence[str]) -> None:
        """Allow orders again."""
        with self._writing() as connection:
            connection.executemany("DELETE FROM halts WHERE venue = ?", [(venue,) for venue in venues])

    def halted_since(self, venues: Sequence[str]) -> datetime | None:
        """Since when no orders may be sent to one of these; None if they may."""
        marks = ", ".join("?" * len(venues))
        ((since,),) = self._read(f"SELECT min(at) FROM halts WHERE venue IN ({marks})", tuple(venues))  # noqa: S608
        return None if since is None else datetime.fromisoformat(since)

    def _runs(self, clause: str, values: tuple[object, ...]) -> Iterator[Run]:
        for row in self._read(f"SELECT * FROM runs {clause}", values):  # noqa: S608 - our own clauses
            fields: list[Any] = list(row)
            fields[6:8] = map(datetime.fromisoformat, row[6:8])
            yield Run(*fields)

    def _read(self, sql: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        try:
            with self._turn:
                return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise StepErrored(f"the journal {self.path} can't be read: {error}", help=_LATER) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction that takes the write lock at once, so that it can't be refused half-way."""
        with self._turn:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise NotRecorded(f"the journal {self.path} can't be written: {error}", help=_LATER) from error
            finally:
                if self._connection.in_transaction:
                    with suppress(sqlite3.Error):
                        self._connection.execute("ROLLBACK")


def _open(path: Path) -> sqlite3.Connection:
    before = os.umask(0o077)
    try:
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise _unusable(path, str(error), _LOOK) from error
    try:
        _claim(path, connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        _create(connection)
    except (sqlite3.Error, WrongInput) as error:
        connection.close()
        if isinstance(error, WrongInput):
            raise
        help = _LOOK if isinstance(error, sqlite3.OperationalError) else _MOVE_AWAY
        raise _unusable(path, str(error), help) from error
    finally:
        os.umask(before)
    return connection


def _claim(path: Path, connection: sqlite3.Connection) -> None:
    """Refuse a file that is not ours to write, as long as it is as it was."""
    found = path.stat()
    if found.st_uid != os.geteuid():
        raise _unusable(path, "it belongs to another user", _MOVE_AWAY)
    if found.st_mode & 0o077:
        path.chmod(0o600)
    # In this sequence: another process may be making the tables now, with their version.
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(VERSIONS):
        raise _unusable(path, "it was written by a newer pmx-run", "use that one, or another --state-dir DIR")
    if tables and not version:
        raise _unusable(path, "it is another program's", _MOVE_AWAY)


def _create(connection: sqlite3.Connection) -> None:
    if connection.execute("PRAGMA user_version").fetchone()[0] == len(VERSIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for tables in VERSIONS[version:]:
        for statement in tables.split(";"):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(VERSIONS)}")
    connection.execute("COMMIT")


def _unusable(path: Path, why: str, help: str) -> WrongInput:
    return WrongInput([Diagnostic(f"the journal {path} can't be used: {why}", help=f"nothing was sent; {help}")])
