"""``pmx-run resume [RUN]``: finish runs whose process died, and settle those that ended in doubt."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from runner.cli.journaling import Book, book_of
from runner.cli.log_format import add_log_format, words_to
from runner.cli.notifying import deliver_owed
from runner.cli.overs import BY_HAND, VOID, declared_over, is_void
from runner.cli.performing import Carriers, Performer
from runner.cli.person import add_confirm
from runner.cli.reports import ReportTargets, add_report_option
from runner.cli.run import gravest
from runner.cli.settings_options import add_settings_options, gather_here
from runner.diagnostic import Diagnostic
from runner.errors import ExitCode, Locked, PmxError, WrongInput, shown
from runner.journal.store import Run
from runner.record.result import RunResult

SUMMARY = "Finish killed runs: settle orders in doubt, go on at the first unfinished step, clean up."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which run, how far, and the options of a run that still matter."""
    parser.add_argument("run", nargs="?", metavar="RUN", help="the run's id; without it, all that need it")
    add_settings_options(parser)
    parser.add_argument("--cleanup-only", action="store_true", help="settle and clean up; perform no further step")
    parser.add_argument("--by-hand", action="store_true", help="a person has looked and settled RUN: nothing is owed")
    add_confirm(parser)
    parser.add_argument("--inputs", metavar="FILE", help="a YAML file with the secret inputs")
    add_report_option(parser)
    parser.add_argument("--quiet", action="store_true", help="nothing when passed, else the summary on stderr")
    parser.add_argument("--verbose", action="store_true", help="requests and answers, redacted")
    add_log_format(parser)
    parser.add_argument("--no-color", action="store_true", help="no colours on a terminal")
    parser.set_defaults(input=[])


def run(options: argparse.Namespace, carriers: Carriers | None = None) -> int:
    """Take up each run; the gravest exit code of all, 0 if there was nothing to do."""
    if options.by_hand and options.run is None:
        raise WrongInput([Diagnostic("--by-hand needs a RUN", help="name the run that you have settled")])
    settings, _ = gather_here(options)
    targets = ReportTargets(options.report)
    codes: list[int] = []
    results: list[RunResult] = []
    with book_of(settings) as book, Performer(options, to_stdout=targets.on_stdout, carriers=carriers) as performer:
        for died in _meant(book, options):
            codes.append(_settled(performer, book, died, options, results))
            if performer.signal_number is not None:
                break
        targets.write(results, performer.redactor, performer.settings)
        deliver_owed(book)
    return gravest(codes)


def _settled(performer: Performer, book: Book, died: Run, options: argparse.Namespace, results: list[RunResult]) -> int:
    """One run's exit code; what keeps it from being taken up is said, and does not keep others."""
    try:
        if options.by_hand or is_void(book, died):
            print(declared_over(book, died, BY_HAND if options.by_hand else VOID), file=words_to(options))
            return int(ExitCode.PASSED)
        result = performer.resume(book, died, ending=options.cleanup_only, named=options.run is not None)
    except Locked:
        if options.run is None:
            return int(ExitCode.PASSED)
        raise
    except PmxError as error:
        print(f"run {died.run_id} can't be taken up\n{shown(error)}", file=sys.stderr)
        return int(error.exit_code)
    if result is None:
        return int(ExitCode.PASSED)
    results.append(result)
    return result.finished.exit_code if result.finished else int(ExitCode.IN_DOUBT)


def _meant(book: Book, options: argparse.Namespace) -> Iterator[Run]:
    run_id = options.run
    if run_id is None:
        yield from book.journal.open_runs()
        return
    found = book.journal.run(run_id)
    if found is None:
        help = "`pmx-run history` lists the runs of this state directory"
        raise WrongInput([Diagnostic(f"there is no run `{run_id}`", help=help)])
    if found.open:
        yield found
    else:
        print(f"run {run_id} came to its end; there is nothing to do", file=words_to(options))
