"""Each fault of the exchange at each call of an order's life: the exit code and the order's state, held by a table.

Every cell was read when the table was written: ``3 no order`` where an order can't have left or was thoroughly looked
for, ``0 canceled`` where the run could go on, 4 only where the exchange could not be asked or would not cancel,
and then ``resume`` ends it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from chaos.cells import CELLS

TESTS = Path(__file__).parent.parent
TABLE = Path(__file__).parent / "fault_matrix.txt"
SAMPLE = 10
HEAD = """\
What becomes of an order that is placed, checked and cancelled, by fault and by the call that meets it: the exit code,
the order at the exchange (in brackets the report's word, where it is another one), and after > the same once `resume`
was there. "From here on" the fault strikes every call until the run has ended.
"""


def tried(names: Sequence[str] = ()) -> list[Mapping[str, Any]]:
    """Some cells, or all of them, in processes of their own."""
    command = [sys.executable, "-m", "chaos.cells", *names]
    done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, check=False, timeout=1800)
    assert (done.returncode, done.stderr) == (0, "")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert {each["cell"] for each in found} == {*(names or CELLS)}
    return found


def table(came: Mapping[str, str]) -> str:
    """The cells as a readable page."""
    lines, last = [HEAD], ""
    for name in CELLS:
        fault, _, at = name.partition("@")
        if fault != last:
            lines.append(f"\n{fault}\n")
            last = fault
        lines.append(f"    {at:<12}{came[name]}\n")
    return "".join(lines)


def held() -> dict[str, str]:
    """The cells of the page."""
    cells: dict[str, str] = {}
    fault = ""
    for line in TABLE.read_text(encoding="utf-8").removeprefix(HEAD).splitlines():
        if line.startswith("    "):
            cells[f"{fault}@{line[4:16].rstrip()}"] = line[16:]
        elif line:
            fault = line
    return cells


def broken(found: Iterable[Mapping[str, Any]]) -> list[str]:
    """What the cells broke, with all that was said."""
    return [f"{each['cell']}: {each['broken']}\n{each['said']}" for each in found if each["broken"]]


def test_sample() -> None:
    """Some cells come out as the table has them, and every promise is kept in them."""
    names = Random(20261122).sample(CELLS, SAMPLE)
    found = tried(names)
    assert broken(found) == []
    cells = held()
    assert {each["cell"]: each["came"] for each in found} == {name: cells[name] for name in names}


@pytest.mark.proof
def test_whole_matrix(golden: Callable[[Path, str], None], record_property: Callable[[str, object], None]) -> None:
    """All cells come out as the table has them; after `resume` no order is there twice, open, or told wrongly."""
    found = tried()
    kinds = [word for each in found for word in each["broken"]]
    record_property("cells", len(found))
    record_property("orders", sum(each["orders"] for each in found))
    for promise in ("double order", "order left open", "report disagrees", "not settled"):
        record_property(promise, sum(each.startswith(promise) for each in kinds))
    assert broken(found) == []
    golden(TABLE, table({each["cell"]: each["came"] for each in found}))
