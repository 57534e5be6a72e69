"""``pmx-run report RUN --report FORMAT=PATH``: any report of a past run, any time later, from the journal."""

from __future__ import annotations

import argparse
import sys

from runner.cli.journaling import book_of
from runner.cli.past import past_run
from runner.cli.reports import ReportTargets, add_report_option
from runner.cli.settings_options import add_settings_options, gather_here
from runner.diagnostic import Diagnostic
from runner.errors import ExitCode, WrongInput
from runner.redact import Redactor

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
    for result in results:
        if result.finished is None:
            how = "is still under way" if result.under_way else "did not come to its end"
            print(f"run {result.started.run_id} {how}: reported as far as it came", file=sys.stderr)
    return int(ExitCode.PASSED if targets.write(results, Redactor(settings.secrets)) else ExitCode.ERRORED)
