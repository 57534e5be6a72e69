"""The log of all calls: the latest ones whole, and how many there were of each kind since the start."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, replace
from datetime import datetime

KEPT = 10_000
_LONGEST = 200
UNKNOWN = "unknown route"


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One call. ``status`` is 0 where nothing was answered; ``committed`` says whether the exchange saw the call."""

    sequence: int
    at: datetime
    method: str
    path: str
    operation: str
    participant: str
    status: int
    committed: bool
    faults: tuple[str, ...]


class CallLog:
    """Grows to ten thousand calls and no further; the oldest go first."""

    __slots__ = ("_calls", "_counts", "_sequence")

    def __init__(self) -> None:
        self._calls: deque[LoggedCall] = deque(maxlen=KEPT)
        self._counts: Counter[tuple[str, int]] = Counter()
        self._sequence = 0

    def next_sequence(self) -> int:
        """The number of the call that begins now, from 1."""
        self._sequence += 1
        return self._sequence

    def add(self, call: LoggedCall) -> None:
        """Log a call when it has been answered."""
        shown = replace(call, path=call.path[:_LONGEST], participant=call.participant[:_LONGEST])
        self._calls.append(shown)
        self._counts[call.operation, call.status] += 1

    def after(self, sequence: int) -> list[LoggedCall]:
        """The calls with a greater number, in their sequence."""
        return sorted((call for call in self._calls if call.sequence > sequence), key=lambda call: call.sequence)

    def counts(self) -> dict[str, dict[str, int]]:
        """How many calls of each operation ended with each status, since the start."""
        found: dict[str, dict[str, int]] = {}
        for (operation, status), count in sorted(self._counts.items()):
            found.setdefault(operation, {})[str(status)] = count
        return found
