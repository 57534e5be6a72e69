"""What each state of an instrument allows: the table of ``docs/sandbox.md`` (institutional/refdata/overview)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from runner.sandbox.exchange.terms import InstrumentState

State = InstrumentState


@dataclass(frozen=True)
class Allowed:
    """What may be done. ``match`` is when orders trade: ``yes``, ``no``, or once the state is left for another."""

    insert: bool
    replace: bool
    cancel: bool
    match: str
    left_for: InstrumentState = State.OPEN

    @property
    def words(self) -> list[str]:
        """As the page has them."""
        return [*("yes" if each else "no" for each in (self.insert, self.replace, self.cancel)), self.match]


NOTHING = Allowed(insert=False, replace=False, cancel=False, match="no")
STATES: Mapping[InstrumentState, Allowed] = {
    State.PENDING: NOTHING,
    State.PREOPEN: Allowed(insert=True, replace=True, cancel=True, match="on opening"),
    State.OPEN: Allowed(insert=True, replace=True, cancel=True, match="yes"),
    State.MATCH_AND_CLOSE_AUCTION: Allowed(
        insert=True, replace=True, cancel=True, match="on leaving", left_for=State.CLOSED
    ),
    State.SUSPENDED: Allowed(insert=False, replace=False, cancel=True, match="no"),
    State.HALTED: NOTHING,
    State.CLOSED: NOTHING,
    State.EXPIRED: NOTHING,
    State.TERMINATED: NOTHING,
}
