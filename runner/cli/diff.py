"""``pmx-run diff RUN RUN``: what differs between two runs of the journal."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from runner.cli.journaling import book_of
from runner.cli.past import past_run
from runner.cli.settings_options import add_settings_options, gather_here
from runner.errors import ExitCode

if TYPE_CHECKING:
    from runner.record.result import RunResult
    from runner.reporters.difference import Change, Timing

SUMMARY = "What differs between two runs; exit code 0 if both came to the same outcome, 1 if not."
_RATIO = 1.5
_MILLISECONDS = 20
_LONGEST = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which two, and in which form."""
    parser.add_argument("run", nargs=2, metavar="RUN", help="a run's id, as `pmx-run history` shows it")
    add_settings_options(parser)
    parser.add_argument("--json", action="store_true", help="everything as one JSON object, the time of each step too")


def run(options: argparse.Namespace) -> int:
    """Print it; 0 for the same outcome, 1 for another one."""
    from runner.reporters.difference import difference, plain

    settings, _ = gather_here(options)
    with book_of(settings, reading=True) as book:
        first, second = (past_run(book, run_id) for run_id in options.run)
    found = difference(first, second)
    if options.json:
        print(json.dumps({"runs": options.run, **plain(found)}, indent=2))
    else:
        told = [_heading(first), _heading(second)]
        told += _section("", found.setting)
        told += _section("outcome", found.outcome)
        told += _section("values", found.values)
        told += _slower(found.timings)
        told.append("the same outcome" if found.same else "not the same outcome")
        print("\n".join(told))
    return int(ExitCode.PASSED if found.same else ExitCode.FAILED)


def _heading(result: RunResult) -> str:
    from runner.reporters.lines import one_line
    from runner.reporters.rows import summary

    started = result.started
    named = f"{started.run_id}  {started.playbook}  {started.surroundings.name}"
    return one_line(f"{named}  {started.at:%Y-%m-%d %H:%M:%S}  {result.status.replace('_', ' ')}: {summary(result)}")


def _section(title: str, changes: Sequence[Change]) -> Iterator[str]:
    from runner.reporters.visible import visible

    if title and changes:
        yield title
    for each in changes:
        what = f"{each.step}  {each.what}" if each.step else each.what
        yield f"  {visible(what, _LONGEST)}: {visible(each.first, _LONGEST)} → {visible(each.second, _LONGEST)}"


def _slower(timings: Sequence[Timing]) -> Iterator[str]:
    """The whole, and the steps whose time is far from what it was."""
    told = [each for each in timings if not each.step or _is_far(each)]
    if told:
        yield "time"
    for each in told:
        yield f"  {each.step or 'the whole run'}: {each.first} ms → {each.second} ms  (× {each.ratio:.2f})"


def _is_far(timing: Timing) -> bool:
    is_far = not 1 / _RATIO < timing.ratio < _RATIO
    return is_far and abs(timing.second - timing.first) >= _MILLISECONDS
