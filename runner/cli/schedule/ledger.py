"""What became of each tick: a table in the state directory, which several processes may share.

Whoever enters a tick first has claimed it; what was claimed by a process that died can be taken over.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from runner.frozen import frozen

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

_TABLE = """
CREATE TABLE IF NOT EXISTS ticks (
    schedule TEXT NOT NULL, at TEXT NOT NULL, owner TEXT NOT NULL, outcome TEXT,
    PRIMARY KEY (schedule, at)
) WITHOUT ROWID
"""
_KEPT = timedelta(days=400)
_WAIT_SECONDS = 30.0
RUNNING = "running"
_KEPT_FROM = "kept from here on"
"""Stands where a schedule was kept for the first time, at no tick of it: what is missed from then on is missed."""


@frozen
class Entered:
    """A tick in the table (UTC); ``outcome`` is ``running`` until it came to an end."""

    schedule: str
    at: datetime
    owner: str
    outcome: str


class Ledger:
    """The table of one state directory; each method is one transaction. Schedules go by a name that only they have."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "ticks.db"
        with self._open() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(_TABLE)
        self._path.chmod(0o600)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        import sqlite3

        with closing(sqlite3.connect(self._path, timeout=_WAIT_SECONDS)) as connection, connection:
            connection.execute("PRAGMA synchronous = FULL")
            yield connection

    def enter(self, schedule: str, ticks: Iterable[datetime], owner: str, outcome: str) -> list[datetime]:
        """Enter ticks with one outcome; those that nobody had entered before."""
        with self._open() as connection:
            sql = "INSERT OR IGNORE INTO ticks VALUES (?, ?, ?, ?)"
            rows = ((each, (schedule, each.isoformat(), owner, outcome)) for each in ticks)
            return [each for each, row in rows if connection.execute(sql, row).rowcount]

    def end(self, tick: Entered, outcome: str) -> None:
        """Say what became of a tick that was running."""
        with self._open() as connection:
            sql = "UPDATE ticks SET outcome = ? WHERE schedule = ? AND at = ? AND outcome = ?"
            connection.execute(sql, (outcome, tick.schedule, tick.at.isoformat(), RUNNING))

    def take_over(self, tick: Entered, owner: str) -> bool:
        """Claim a tick whose owner died; False if somebody else did before."""
        with self._open() as connection:
            sql = "UPDATE ticks SET owner = ? WHERE schedule = ? AND at = ? AND owner = ? AND outcome = ?"
            values = (owner, tick.schedule, tick.at.isoformat(), tick.owner, RUNNING)
            return connection.execute(sql, values).rowcount == 1

    def running(self) -> list[Entered]:
        """Every tick that came to no end yet."""
        return self._read("WHERE outcome = ?", (RUNNING,))

    def known_to(self, schedule: str, now: datetime) -> datetime:
        """The moment up to which a schedule is accounted for: its latest tick, ``now`` if it was never kept before."""
        latest = "WHERE schedule = ? ORDER BY at DESC LIMIT 1"
        if not self._read(latest, (schedule,)):
            self.enter(schedule, [now], "", _KEPT_FROM)
        return self._read(latest, (schedule,))[0].at

    def all(self, schedule: str) -> list[Entered]:
        """Every tick of a schedule that is kept, oldest first."""
        return self._read("WHERE schedule = ? AND outcome != ? ORDER BY at", (schedule, _KEPT_FROM))

    def prune(self, now: datetime) -> None:
        """Forget what is older than 400 days."""
        with self._open() as connection:
            connection.execute("DELETE FROM ticks WHERE at < ? AND outcome != ?", ((now - _KEPT).isoformat(), RUNNING))

    def _read(self, clause: str, values: tuple[str, ...]) -> list[Entered]:
        with self._open() as connection:
            rows = connection.execute(f"SELECT schedule, at, owner, outcome FROM ticks {clause}", values).fetchall()  # noqa: S608 - clauses of ours
        return [Entered(schedule, datetime.fromisoformat(at), owner, outcome) for schedule, at, owner, outcome in rows]
