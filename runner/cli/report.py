"""``pmx-run report RUN --report FORMAT=PATH``: any report of a past run, any time later, from the journal."""

from __future__ import annotations

import argparse
import sys

from runner.cli.journaling import Book, book_of
from runner.cli.past import past_run
from runner.cli.reports import ReportTargets, add_report_option
from runner.cli.reviving import settings_again
from runner.cli.settings_options import add_settings_options, gather_here
from runner.diagnostic import Diagnostic
from runner.errors import ExitCode, WrongInput
from runner.redact import Redactor
from runner.settings import Settings

SUMMARY = "Write reports of past runs from the journal; one that did not come to its end is told as far as it came."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which runs, and the reports to write of them."""
    parser.add_argument("run", nargs="+", metavar="RUN", help="the run's id, as `pmx-run history` shows it")
    add_report_option(parser)
    add_settings_options(parser)


def run(options: argparse.Namespace) -> int:
    """Write them; 3 if one can't be written."""
    if not options.report:
        raise WrongInput([Diagnostic("no report was asked for", help="for one: --report html=report.html")])
    targets = ReportTargets(options.report)
    settings, _ = gather_here(options)
    with book_of(settings, reading=True) as book:
        results = [past_run(book, run_id) for run_id in options.run]
        own = {run_id: _settings(book, run_id, options) for run_id in options.run} if targets.evidence else {}
    targets.check_keys(own.values())
    for result in results:
        if result.finished is None:
            how = "is still under way" if result.under_way else "did not come to its end"
            print(f"run {result.started.run_id} {how}: reported as far as it came", file=sys.stderr)
    return int(ExitCode.PASSED if targets.write(results, Redactor(settings.secrets), own) else ExitCode.ERRORED)


def _settings(book: Book, run_id: str, options: argparse.Namespace) -> Settings:
    """Those of the run's own environment, whose key signs its evidence."""
    run = book.journal.run(run_id)
    assert run is not None  # noqa: S101 - it was looked up
    return settings_again(run, book.journal.pinned(run_id), options.state_dir)
