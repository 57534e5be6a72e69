"""Each fault of the exchange at each call of orders' lives: the exit code and the orders' states, held by tables.

Every cell was read when its table was written: ``3 no order`` where an order can't have left or was thoroughly looked
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

from chaos.cells import UNDISTURBED, sent_twice
from chaos.lives import CANCEL, INSERT, LIVES, REPLACE, Life

TESTS = Path(__file__).parent.parent
EACH_LIFE = pytest.mark.parametrize("life", LIVES.values(), ids=LIVES)
SAMPLE = 2
HEAD = """\
The life of {about}.
What becomes of it, by fault and by the call that meets it: the exit code, what is at the exchange (in brackets the
report's word, where it is another one), and after > the same once `resume` was there. "From here on" the fault strikes
every call until the run has ended.
"""


def tried(life: Life, names: Sequence[str] = ()) -> list[Mapping[str, Any]]:
    """Some cells, or all of them, in processes of their own."""
    command = [sys.executable, "-m", "chaos.cells", life.name, *names]
    done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, check=False, timeout=1800)
    assert (done.returncode, done.stderr) == (0, "")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert {each["cell"] for each in found} == {*(names or life.cells())}
    return found


def head(life: Life) -> str:
    return HEAD.format(about=life.about)


def table(life: Life, came: Mapping[str, str]) -> str:
    """The cells as a readable page."""
    lines, last = [head(life)], ""
    for name in life.cells():
        fault, _, at = name.partition("@")
        if fault != last:
            lines.append(f"\n{fault}\n")
            last = fault
        lines.append(f"    {at:<12}{came[name]}\n")
    return "".join(lines)


def held(life: Life) -> dict[str, str]:
    """The cells of the page."""
    came: dict[str, str] = {}
    fault = ""
    for line in life.table.read_text(encoding="utf-8").removeprefix(head(life)).splitlines():
        if line.startswith("    "):
            came[f"{fault}@{line[4:16].rstrip()}"] = line[16:]
        elif line:
            fault = line
    return came


def broken(found: Iterable[Mapping[str, Any]]) -> list[str]:
    """What the cells broke, with all that was said."""
    return [f"{each['cell']}: {each['broken']}\n{each['said']}" for each in found if each["broken"]]


def test_sending_twice_would_be_seen() -> None:
    """Where the first may have arrived; a 401 or 429 was not carried out, and cancels may be repeated."""
    life = LIVES["placed-replaced-cancelled"]
    once = [{"operation": each, "status": 200} for each in life.calls.values()]
    assert sent_twice(life, once) == []
    more = [
        {"operation": INSERT, "status": 401},
        {"operation": REPLACE, "status": 0},
        {"operation": CANCEL, "status": 0},
    ]
    assert sent_twice(life, [*once, *more]) == [f"sent twice: 2 times {REPLACE}"]


@EACH_LIFE
def test_sample(life: Life) -> None:
    """Some cells come out as the table has them, and every promise is kept in them.

    The calls that faults meet are all that a run makes, and have the names of what they are; so it is with the writes.
    """
    names = Random(20261122).sample(life.cells(), SAMPLE)
    found = {each["cell"]: each for each in tried(life, [*names, UNDISTURBED])}
    whole = found.pop(UNDISTURBED)
    assert (whole["code"], whole["calls"], whole["writes"]) == (0, [*life.calls.values()], life.writes)
    assert broken(found.values()) == []
    came = held(life)
    assert {name: each["came"] for name, each in found.items()} == {name: came[name] for name in names}


@pytest.mark.proof
@EACH_LIFE
def test_whole_matrix(
    life: Life, golden: Callable[[Path, str], None], record_property: Callable[[str, object], None]
) -> None:
    """All cells come out as their table has them; no order was sent twice, and after `resume` none is open or wrong."""
    found = tried(life)
    kinds = [word for each in found for word in each["broken"]]
    record_property("cells", len(found))
    record_property("orders", sum(each["orders"] for each in found))
    for promise in ("double order", "sent twice", "order left open", "report disagrees", "not settled"):
        record_property(promise, sum(each.startswith(promise) for each in kinds))
    assert broken(found) == []
    golden(life.table, table(life, {each["cell"]: each["came"] for each in found}))
