"""What may befall the next call on demand: events of a real exchange that no client can bring about by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Surprises:
    """What happens during one call.

    ``late_reject``: the order that the call enters is taken and then rejected with this text, and a replace is taken
    and never carried out. ``fill_during_cancel``: the order that the call cancels is filled before the cancel takes
    effect, by this wire quantity, 0 for all of it.
    ``stale``: the call does not see orders that were entered within this span.
    """

    late_reject: str = ""
    fill_during_cancel: int | None = None
    stale: timedelta = timedelta(0)


NONE = Surprises()
