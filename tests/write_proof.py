"""``python tests/write_proof.py JUNIT.xml... docs/proof.md``: what the long matrices counted, as a page.

A proof says what it counted with ``record_property``; the properties of a test's cases are added up. A case that was
run again, in a later file, counts by its last run.
"""

from __future__ import annotations

import platform
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

HEAD = """# Proof

The long matrices, run whole by `make proof`; `make test` runs a seeded sample of each.

Last run {when} on CPython {python}: {cases} cases, {failed} failed.

| proof | cases | failed | counted |
|---|---|---|---|
"""


def page(junits: Sequence[Path], now: datetime) -> str:
    """The page for JUnit files that pytest wrote."""
    found = (case for junit in junits for case in ET.parse(junit).iter("testcase"))
    last = {(case.get("classname"), case.get("name")): case for case in found}
    cases: dict[str, int] = defaultdict(int)
    failed: dict[str, int] = defaultdict(int)
    counted: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for case in last.values():
        name = f"{case.get('classname', '').removeprefix('tests.')}.{case.get('name', '').split('[')[0]}"
        cases[name] += 1
        failed[name] += any(child.tag in {"failure", "error"} for child in case)
        for each in case.iter("property"):
            counted[name][each.get("name", "")] += int(each.get("value", "0"))
    head = HEAD.format(
        when=now.strftime("%Y-%m-%d %H:%M UTC"),
        python=platform.python_version(),
        cases=sum(cases.values()),
        failed=sum(failed.values()),
    )
    rows = (
        f"| `{name}` | {cases[name]} | {failed[name]} | "
        f"{', '.join(f'{what}: {number:,}' for what, number in counted[name].items())} |\n"
        for name in sorted(cases)
    )
    return head + "".join(rows)


if __name__ == "__main__":
    *junits, written = map(Path, sys.argv[1:])
    written.write_text(page(junits, datetime.now(UTC)), encoding="utf-8")
