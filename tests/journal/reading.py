"""Whether a journal that was cut off holds what it has to hold: whole appends, in sequence, and an index to match."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from journal.made import NOW
from journal.writer import batches
from runner.journal.store import NAME, Entry, Journal


def kept(folder: Path, run_id: str, seed: str) -> int:
    """How many entries of a writer's run a journal holds; fails unless they are an exact prefix of what it wrote."""
    with contextlib.closing(Journal(folder)) as journal:
        found, run = journal.entries(run_id), journal.run(run_id)
    if run is None:
        assert found == []
        return 0
    expected: list[Entry] = []
    risks: dict[str, str] = {}
    last_at = NOW
    for batch in batches(run_id, seed):
        if len(expected) >= len(found):
            break
        expected += batch.entries
        risks |= {risk.clord_id: risk.exposure for risk in batch.risks}
        last_at = batch.at
    assert found == expected
    assert run.last_at == last_at
    assert _risks(folder, run_id) == risks
    return len(found)


def whole(folder: Path) -> str:
    """What SQLite itself says of the file: ``ok``."""
    with contextlib.closing(sqlite3.connect(folder / NAME)) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


def _risks(folder: Path, run_id: str) -> dict[str, str]:
    with contextlib.closing(sqlite3.connect(folder / NAME)) as connection:
        sql = "SELECT clord_id, exposure FROM risks WHERE clord_id LIKE ?"
        return dict(connection.execute(sql, (f"{run_id}-%",)).fetchall())
