"""What somebody has yet to be told of: kept in the journal until it arrived, or is too old to be worth telling."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Container, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from runner.frozen import frozen

_COLUMNS = "id, run_id, event, channel, message, owed_at, until, next_at, tries, error"
_CLAIMED = timedelta(seconds=30)
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)
_KEPT = timedelta(days=30)

Read = Callable[[str, tuple[object, ...]], list[tuple[Any, ...]]]
Writing = Callable[[], AbstractContextManager[sqlite3.Connection]]


@frozen
class Owed:
    """One message for one channel (both JSON's text); ``id`` is the same however often it is tried.

    From ``until`` on it is given up. ``error`` is why the last of its ``tries`` failed.
    """

    id: str
    run_id: str
    event: str
    channel: str
    message: str
    owed_at: datetime
    until: datetime
    next_at: datetime
    tries: int = 0
    error: str = ""


class Outbox:
    """The table of the journal; safe to share between threads and processes.

    Raises ``StepErrored`` where it can't be read and ``NotRecorded`` where it can't be written.
    """

    def __init__(self, read: Read, writing: Writing) -> None:
        self._read = read
        self._writing = writing

    def owe(self, messages: Sequence[Owed]) -> None:
        """Keep them, unless one of the same id was kept before; what came to its end a month ago is forgotten."""
        with self._writing() as connection:
            for each in messages:
                times = (_text(each.owed_at), _text(each.until), _text(each.next_at))
                row = (each.id, each.run_id, each.event, each.channel, each.message, *times, each.tries, each.error)
                sql = f"INSERT OR IGNORE INTO notices ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
                connection.execute(sql, row)
                old = (_text(each.owed_at - _KEPT),)
                connection.execute("DELETE FROM notices WHERE state != 'owed' AND owed_at < ?", old)

    def supersede(self, channel: str, event: str) -> None:
        """What is owed to this channel of events that begin so is not worth telling any more."""
        with self._writing() as connection:
            sql = "UPDATE notices SET state = 'given_up' WHERE state = 'owed' AND channel = ? AND event LIKE ?"
            connection.execute(sql, (channel, f"{event}%"))

    def owed(self) -> list[Owed]:
        """All that has not arrived, oldest first."""
        return [_owed(row) for row in self._read(f"SELECT {_COLUMNS} FROM notices {_WHERE_OWED}", ())]  # noqa: S608

    def claim(self, now: datetime, most: int, *, early: bool = False, but: Container[str] = ()) -> list[Owed]:
        """Some of what is due ``but`` for these ids, the latest first, for this process alone for half a minute.

        ``early`` takes what is waiting for its next try, too, but not what another process has claimed just now.
        """
        if not self.owed():
            return []
        with self._writing() as connection:
            due = now + _LONGEST_WAIT if early else now
            sql = f"SELECT {_COLUMNS} FROM notices WHERE state = 'owed' AND next_at <= ? AND claimed <= ?"  # noqa: S608
            found = connection.execute(f"{sql} ORDER BY owed_at DESC", (_text(due), _text(now)))
            rows = [row for row in found if row[0] not in but][:most]
            claimed = [(_text(now + _CLAIMED), row[0]) for row in rows]
            connection.executemany("UPDATE notices SET claimed = ? WHERE id = ?", claimed)
        return [_owed(row) for row in rows]

    def settle(self, arrived: Sequence[Owed], failed: Sequence[tuple[Owed, str]], now: datetime) -> None:
        """Record what became of what was claimed; a failed one is tried again later and later."""
        with self._writing() as connection:
            sql = "UPDATE notices SET state = 'delivered', tries = tries + 1 WHERE id = ?"
            connection.executemany(sql, [(each.id,) for each in arrived])
            waits = [(error, _text(now + _wait(each.tries)), each.id) for each, error in failed]
            sql = "UPDATE notices SET tries = tries + 1, error = ?, next_at = ?, claimed = '' WHERE id = ?"
            connection.executemany(sql, waits)

    def give_up(self, now: datetime) -> list[Owed]:
        """Those whose time is over; they are not tried any more, and given here once."""
        late = [each for each in self.owed() if each.until <= now]
        if not late:
            return []
        with self._writing() as connection:
            sql = "UPDATE notices SET state = 'given_up' WHERE id = ? AND state = 'owed'"
            return [each for each in late if connection.execute(sql, (each.id,)).rowcount]


_WHERE_OWED = "WHERE state = 'owed' ORDER BY owed_at"


def _owed(row: tuple[Any, ...]) -> Owed:
    times = map(datetime.fromisoformat, row[5:8])
    return Owed(*row[:5], *times, *row[8:])


def _text(at: datetime) -> str:
    """A time that sorts as text."""
    return at.isoformat(timespec="microseconds")


def _wait(tries: int) -> timedelta:
    return min(_FIRST_WAIT * (1 << min(tries, 10)), _LONGEST_WAIT)
