"""Figures as rows, and the page they are kept on."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from benchmarks.measure import Sample

_TITLES = ("measured", "pmx-run", "beside", "what it is beside", "ratio or aim", "memory")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; texts as they are shown."""

    measured: str
    ours: str
    theirs: str = ""
    beside: str = ""
    ratio: str = ""
    memory: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """In the sequence of the table's columns."""
        return (self.measured, self.ours, self.theirs, self.beside, self.ratio, self.memory)


def compared(measured: str, samples: Sequence[Sample], beside: str) -> Row:
    """Two whole processes, pmx-run's the first, by their medians."""
    ours, theirs = samples
    ratio = f"{ours.milliseconds / theirs.milliseconds:.2f}"
    memory = f"{ours.mebibytes:.1f} MiB beside {theirs.mebibytes:.1f}"
    return Row(measured, _ms(ours), _ms(theirs), beside, ratio, memory)


def alone(measured: str, ours: Sample, aim: str = "") -> Row:
    """One whole process, beside what is aimed at."""
    return Row(measured, _ms(ours), ratio=aim, memory=f"{ours.mebibytes:.1f} MiB")


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table whose columns stand below each other."""
    lines = [_TITLES, *(tuple(cell.replace("|", r"\|") for cell in row.cells) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_TITLES))]
    shown = [_line(line, widths) for line in lines]
    shown.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(shown)


def page(rows: Sequence[Row], notes: str, command: str) -> str:
    """The whole of ``RESULTS.md``."""
    machine = f"{os.cpu_count()} cores, {platform.python_implementation()} {platform.python_version()}"
    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    head = f"# Figures\n\nMeasured {when} on {machine} with `{command}`.\n"
    return f"{head}\n{table(rows)}\n\n{notes.strip()}\n"


def _ms(sample: Sample) -> str:
    return f"{sample.milliseconds:.0f} ms"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return f"| {' | '.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))} |"
