"""What a run may have left at the venue, and the command that settles it, as a person needs them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from runner.engine.ledger import Ledger
from runner.record.events import Event
from runner.settings import Settings

_FOUND_AGAIN = "environment variable"


def left_of(events: Sequence[Event]) -> Iterator[str]:
    """Each order of a run whose end nobody has seen: ids, symbol, participant, last known state."""
    ledger = Ledger()
    for event in events:
        ledger.take(event)
    for trail in ledger.trails:
        if not trail.over:
            order, seen = trail.order, trail.seen
            named = seen.order_id if seen else "of unknown id"
            clord_id = (seen and seen.clord_id) or order.clord_id
            yield (
                f"order {named} (client order id {clord_id}), {order.symbol}, participant "
                f"{order.participant or 'none'}, last known state {trail.state}"
            )


def command(settings: Settings, folder: Path, run_id: str) -> str:
    """What to type to settle a run; it finds the same state directory from wherever it is typed."""
    told = settings.state_dir
    if told is None or told.origin.startswith(_FOUND_AGAIN):
        return f"pmx-run resume {run_id}"
    return f"pmx-run resume {run_id} --state-dir {shlex.quote(str(folder.resolve()))}"
