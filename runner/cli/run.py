"""``pmx-run [run] PLAYBOOK…``: check all, ask what must be asked, perform one after the other, report."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator

from runner import __version__
from runner.cli.credentials import check_key_file
from runner.cli.gate import pass_gate
from runner.cli.log_format import add_log_format
from runner.cli.performing import Carriers, Performer
from runner.cli.person import add_confirm, check_agreed
from runner.cli.pinning import check_pins
from runner.cli.preparing import prepare
from runner.cli.reports import ReportTargets, add_report_option
from runner.cli.reviving import Prepared
from runner.cli.selecting import add_selection_options, selection_of
from runner.cli.settings_options import add_settings_options
from runner.cli.several import one_by_one
from runner.diagnostic import Diagnostic
from runner.errors import ExitCode, WrongInput
from runner.plan.selecting import unknown_tags

SUMMARY = "Run playbooks: paths, or the name of a bundled one such as quickstart."

_MOST_JOBS = 50
_RUN_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_GRAVEST_FIRST = (
    ExitCode.IN_DOUBT,
    130,
    143,
    129,
    ExitCode.REFUSED,
    ExitCode.LOCKED,
    ExitCode.WRONG,
    ExitCode.ERRORED,
    ExitCode.FAILED,
    ExitCode.PASSED,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Playbooks, settings, inputs, reports, and how much to say."""
    parser.add_argument("playbook", nargs="+", metavar="PLAYBOOK", help="a path, or a bundled playbook's name")
    add_settings_options(parser)
    parser.add_argument("-i", "--input", action="append", default=[], metavar="NAME=VALUE", help="an input's value")
    parser.add_argument("--inputs", metavar="FILE", help="a YAML file with inputs, secret ones too")
    add_selection_options(parser)
    add_report_option(parser)
    add_confirm(parser)
    parser.add_argument("--yes", action="store_true", help="answer the production question")
    parser.add_argument("--quiet", action="store_true", help="nothing when passed, else the summary on stderr")
    parser.add_argument("--verbose", action="store_true", help="requests and answers, redacted")
    add_log_format(parser)
    parser.add_argument("--no-color", action="store_true", help="no colours on a terminal")
    parser.add_argument("--jobs", type=_jobs, default=1, metavar="N", help="up to N playbooks at once, 1 by default")
    parser.add_argument("--run-id", metavar="ID", help="the run's id; one that was used before sends nothing new")
    parser.add_argument("--plan", metavar="HASH", help="run only if this is still the plan that `pmx-run plan` told")


def run(options: argparse.Namespace, carriers: Carriers | None = None) -> int:
    """Run every playbook unless one of them is wrong; the gravest exit code of all."""
    _check_run_id(options)
    _check_hash(options)
    targets = ReportTargets(options.report)
    prepared = [*_prepared(options)]
    targets.check_keys(each.settings for each in prepared)
    with Performer(options, to_stdout=targets.on_stdout, carriers=carriers) as performer:
        if min(options.jobs, len(prepared)) > 1:
            from runner.cli.jobs import at_once

            endings = at_once(performer, prepared, options.jobs)
        else:
            endings = [*one_by_one(performer, prepared, options.run_id)]
        targets.write([each.result for each in endings if each.result], performer.redactor, performer.settings)
    return gravest([each.code for each in endings])


def _jobs(word: str) -> int:
    """How many playbooks at once."""
    if word.isascii() and word.isdecimal() and 1 <= int(word) <= _MOST_JOBS:
        return int(word)
    raise argparse.ArgumentTypeError(f"from 1 to {_MOST_JOBS}, not `{word}`")


def gravest(codes: list[int]) -> int:
    """The exit code of several runs."""
    return next((int(code) for code in _GRAVEST_FIRST if code in codes), int(ExitCode.PASSED))


def _check_run_id(options: argparse.Namespace) -> None:
    if options.run_id is None:
        return
    if len(options.playbook) > 1:
        raise WrongInput([Diagnostic("--run-id names one run", help="give one playbook with it")])
    if not _RUN_ID.fullmatch(options.run_id):
        raise WrongInput([Diagnostic("--run-id takes letters, digits, `.`, `_`, `:` and `-`, at most 100 of them")])


def _check_hash(options: argparse.Namespace) -> None:
    if options.plan is None:
        return
    from runner.foresight.fingerprint import is_hash

    if len(options.playbook) > 1:
        raise WrongInput([Diagnostic("--plan is the hash of one playbook's plan", help="give one playbook with it")])
    if not is_hash(options.plan):
        help = "give the whole `hash` that `pmx-run plan` prints"
        raise WrongInput([Diagnostic(f"`{options.plan[:100]}` is not the hash of a plan", help=help)])


def _demand_plan(prepared: Prepared, options: argparse.Namespace) -> None:
    """Raise ``GuardRefused`` if this is not the plan that was stated, if one was."""
    if options.plan is not None:
        from runner.foresight.fingerprint import fingerprint

        fingerprint(prepared.plan, prepared.settings, __version__).demand(options.plan)


def _prepared(options: argparse.Namespace) -> Iterator[Prepared]:
    """Each playbook with its settings, planned. Raises ``WrongInput`` with the mistakes of all of them."""
    problems: list[Diagnostic] = []
    ready: list[Prepared] = []
    for word in options.playbook:
        try:
            ready.append(prepare(word, options))
        except WrongInput as wrong:
            problems += (each for each in wrong.diagnostics if isinstance(each, Diagnostic))
    if problems:
        raise WrongInput(problems)
    for warning in unknown_tags((each.plan for each in ready), selection_of(options)):
        print(warning.picture(), file=sys.stderr)
    check_agreed(options.confirm, [each.plan for each in ready])
    for each in ready:
        check_key_file(each.settings)
        _demand_plan(each, options)
        check_pins(each.settings, each.plan)
        pass_gate(each.settings, each.plan, yes=options.yes)
    yield from ready
