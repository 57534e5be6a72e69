"""How the exchange remembers what it was told to do, so that it can be brought back by being told again."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Journal(Protocol):
    """Keeps every command, in its order, before anybody is told that it was carried out."""

    def note(self, at: datetime, command: str, arguments: tuple[object, ...], given: str) -> None:
        """Keep a command with the moment it was carried out and the id it gave, if it gave one."""
        ...

    def close(self) -> None:
        """Let go of whatever it is kept in."""
        ...


class Forgetful:
    """Keeps nothing: the exchange lives in memory alone."""

    __slots__ = ()

    def note(self, at: datetime, command: str, arguments: tuple[object, ...], given: str) -> None:
        """Let it go."""

    def close(self) -> None:
        """There is nothing to let go of."""
