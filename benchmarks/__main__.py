"""``python -m benchmarks [--quick]``: measure everything, print a table, and keep it in ``RESULTS.md``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from benchmarks import checking, expressions, flow, journal, starting, steps
from benchmarks.ground import ground
from benchmarks.measure import HERE
from benchmarks.table import Row, page, table

_TURNS = 21
_STEPS = 1000
_NOTES = """
Times are medians of whole processes, run in turns against a small server on loopback that answers at once; memory is
the largest peak of any turn. Ratios are pmx-run's time divided by the other's.

- *First run after a clone*: none of pmx-run's own modules has bytecode yet, and the state directory is empty. Libraries
  have theirs, since pip compiles them.
- *Cold*: the state directory is empty, so the playbook is checked as if never seen and the key's primes are tested.
- *Warm*: every run after that.
- The flow has seven steps and ten calls: the order is read back once after it was placed, and twice after its cancel
  (open orders, then the search, which tells its end). The plain script makes the same ten calls on one Session; it
  signs with PyJWT and tests the key's primes each time.
- *A step, by its own clock* is the report's `duration_ms` divided by the steps: signing in, the calls, checks,
  captures, events and output. *Whole process* is what a run of many steps takes more than a run of one, divided by the
  steps between: reading the playbook and writing the JSON report count, too.
- *Durable*: on the disk before the next line of the program, as an announced order is; *gathered*: written together
  with the next durable one, or after a hundred. The journal's share of a run is the time in its own methods and the
  import of `sqlite3`. `history` prints its twenty lines; *the work alone* leaves out the start of the process.
- An expression's row is the best of five rounds in one process.
"""


def main() -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few turns, 100 steps; RESULTS.md is left alone")
    quick = parser.parse_args().quick
    found: list[Row] = []
    for row in _rows(3 if quick else _TURNS, 100 if quick else _STEPS, 0.05 if quick else 0.5):
        print(f"{row.measured}: {row.ours}", file=sys.stderr)
        found.append(row)
    print(table(found))
    if not quick:
        (HERE / "RESULTS.md").write_text(page(found, _NOTES, "python -m benchmarks"), encoding="utf-8")
    return 0


def _rows(turns: int, many: int, seconds: float) -> Iterator[Row]:
    with ground() as prepared:
        yield from starting.rows(prepared, turns)
        yield from flow.rows(prepared, turns)
        yield from steps.rows(prepared, max(3, turns // 3), many)
        yield from checking.rows(prepared, turns, many)
        yield from journal.rows(prepared, turns, 100 * many)
    yield from expressions.rows(seconds)


if __name__ == "__main__":
    sys.exit(main())
