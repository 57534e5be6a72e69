"""The exchange's memory in a file: every command in its order, and what is needed to begin anew from the first.

A command is kept before anybody is told that it was carried out. The exchange depends on its commands and their
moments alone, so that carrying them out again brings it back, ids included. Without a wait for the disk at every
command: a killed program loses nothing, a machine that loses power may lose the last moments.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

from runner.sandbox.exchange.orders import Amendment, OrderRequest

_FORMAT = 1
_TABLES = """
CREATE TABLE birth (format INTEGER NOT NULL, at TEXT NOT NULL, seed INTEGER NOT NULL, liquidity TEXT NOT NULL);
CREATE TABLE commands (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, name TEXT NOT NULL, arguments TEXT NOT NULL, given TEXT NOT NULL
);
"""
_KINDS: dict[str, type[Any]] = {"OrderRequest": OrderRequest, "Amendment": Amendment}


class StorageError(Exception):
    """The file cannot be used: it is another program's, an exchange of another version wrote it, or it is in use."""


@dataclass(frozen=True, slots=True)
class Birth:
    """How an exchange began: its first moment, the seed of its ids, its liquidity."""

    at: datetime
    seed: int
    liquidity: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A command that was carried out, and the id it gave."""

    at: datetime
    command: str
    arguments: tuple[object, ...]
    given: str


class Storage:
    """A database file with one exchange in it."""

    def __init__(self, path: Path) -> None:
        """Open or make the file. Raises StorageError."""
        # An exchange in memory starts without a database.
        import sqlite3

        self.path = path
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0.1)
        except sqlite3.Error as error:
            raise StorageError(f"{path}: {error}") from error
        try:
            self._prepare()
        except (sqlite3.Error, StorageError) as error:
            self.close()
            raise StorageError(str(error) if isinstance(error, StorageError) else f"{path}: {error}") from error

    def begin(self, birth: Birth) -> Birth:
        """How the exchange in the file began; an empty file begins as told. Raises StorageError."""
        found = self._connection.execute("SELECT format, at, seed, liquidity FROM birth").fetchone()
        if found is None:
            values = (_FORMAT, birth.at.isoformat(), birth.seed, birth.liquidity)
            self._connection.execute("INSERT INTO birth VALUES (?, ?, ?, ?)", values)
            return birth
        if found[0] != _FORMAT:
            raise StorageError(f"{self.path}: an exchange of another version wrote it")
        return Birth(datetime.fromisoformat(found[1]), found[2], found[3])

    def commands(self) -> Iterator[Kept]:
        """All commands in their order."""
        rows = self._connection.execute("SELECT at, name, arguments, given FROM commands ORDER BY number")
        for at, name, arguments, given in rows:
            decoded = tuple(_decoded(argument) for argument in json.loads(arguments))
            yield Kept(datetime.fromisoformat(at), name, decoded, given)

    def note(self, at: datetime, command: str, arguments: tuple[object, ...], given: str) -> None:
        """Keep a command."""
        text = json.dumps([_encoded(argument) for argument in arguments], separators=(",", ":"))
        self._connection.execute(
            "INSERT INTO commands (at, name, arguments, given) VALUES (?, ?, ?, ?)",
            (at.isoformat(), command, text, given),
        )

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def _prepare(self) -> None:
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=NORMAL"):
            self._connection.execute(f"PRAGMA {pragma}")
        found = {name for (name,) in self._connection.execute("SELECT name FROM sqlite_master")}
        if not found:
            self._connection.executescript(_TABLES)
        elif found != {"birth", "commands"}:
            raise StorageError(f"{self.path}: this is another program's file")
        # A write takes the lock for good: two exchanges never share a file.
        self._connection.execute("PRAGMA user_version=1")


def _encoded(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        members = {field.name: _encoded(getattr(value, field.name)) for field in fields(value)}
        return {"kind": type(value).__name__, "members": members}
    return value.isoformat() if isinstance(value, datetime) else value


def _decoded(value: object) -> object:
    if not isinstance(value, dict) or "kind" not in value:
        return value
    kind = _KINDS[value["kind"]]
    hints = _hints(value["kind"])
    return kind(**{name: _member(hints[name], member) for name, member in value["members"].items()})


@cache
def _hints(name: str) -> dict[str, Any]:
    return get_type_hints(_KINDS[name])


def _member(hint: Any, member: Any) -> Any:
    """A member as its class wants it: an enum for a number, a moment for a text."""
    if isinstance(hint, type) and issubclass(hint, int) and hint not in (int, bool):
        return hint(member)
    if hint == datetime | None:
        return datetime.fromisoformat(member) if member else None
    return member
