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
    for intended in {each.clord_id: each for each in ledger.intended.values()}.values():
        if not ledger.over(intended.clord_id):
            seen = ledger.seen(intended.clord_id)
            named = seen.order_id if seen else "of unknown id"
            yield (
                f"order {named} (client order id {intended.clord_id}), {intended.symbol}, participant "
                f"{intended.participant or 'none'}, last known state {ledger.state(intended.clord_id)}"
            )


def command(settings: Settings, folder: Path, run_id: str) -> str:
    """What to type to settle a run; it finds the same state directory from wherever it is typed."""
    told = settings.state_dir
    if told is None or told.origin.startswith(_FOUND_AGAIN):
        return f"pmx-run resume {run_id}"
    return f"pmx-run resume {run_id} --state-dir {shlex.quote(str(folder.resolve()))}"
