"""The playbooks of one call, one after the other, and how each ended."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TextIO

from runner.cli.performing import Performer
from runner.cli.reviving import Prepared
from runner.errors import ExitCode, PmxError, shown
from runner.frozen import frozen
from runner.record.result import RunResult


@frozen
class Ending:
    """One playbook's exit code; ``result`` is None where something kept its run from beginning."""

    code: int
    result: RunResult | None = None


def not_begun(performer: Performer) -> Ending | None:
    """How a playbook ends whose turn comes after a signal; None if there was none."""
    return None if performer.signal_number is None else Ending(128 + performer.signal_number)


def one_by_one(performer: Performer, prepared: Iterable[Prepared], run_id: str | None) -> Iterator[Ending]:
    """Run them in sequence; those that a signal keeps from beginning count as interrupted."""
    for number, each in enumerate(prepared):
        yield (not_begun(performer) if number else None) or performed(performer, each, run_id, sys.stderr)


def performed(performer: Performer, prepared: Prepared, run_id: str | None, err: TextIO) -> Ending:
    """Run one of them; what keeps it from beginning is said to ``err``, and does not keep others."""
    try:
        result = performer.perform(prepared, run_id)
    except PmxError as error:
        print(shown(error), file=err)
        return Ending(int(error.exit_code))
    return Ending(result.finished.exit_code if result.finished else int(ExitCode.IN_DOUBT), result)
