"""A program that lives to be killed: it writes one run into a journal and prints what it was told is durable.

Arguments: the state directory, the run's id, a seed. ``ready`` comes first, then the number of entries after each
append that returned.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random

from journal.made import BASE, NOW, PINNED, a_run
from runner.journal.store import Batch, Entry, Journal, Risk


def batches(run_id: str, seed: str) -> Iterator[Batch]:
    """What a writer appends, one after the other, for ever; the same for the same arguments."""
    random, first = Random(seed), 0
    for turn in count():
        entries = [
            Entry("event", f"step-{turn}", json.dumps([first + number, "x" * random.randrange(900)]))
            for number in range(random.randrange(1, 6))
        ]
        risks = [Risk(f"{run_id}-{random.randrange(9)}", BASE, "F", "2026-11-22", str(turn))] if turn % 3 == 0 else []
        yield Batch(run_id, first, entries, NOW + timedelta(seconds=turn), risks)
        first += len(entries)


def main(folder: str, run_id: str, seed: str) -> None:
    journal = Journal(Path(folder))
    journal.begin(a_run(run_id, playbook=run_id), PINNED)
    print("ready", flush=True)
    for batch in batches(run_id, seed):
        journal.append(batch)
        print(batch.first + len(batch.entries), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
