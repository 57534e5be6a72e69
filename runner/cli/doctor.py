"""``pmx-run doctor``: why can't I connect? Every setting with its origin, then one check after the other.

It only reads. Causes and remedies: docs.polymarket.us: trader-guide/authentication-troubleshooting,
trader-guide/connection-issues.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from runner.address import shown
from runner.cli.diagnosis import Finding, diagnose, exit_code
from runner.cli.settings_options import add_settings_options, gather_here
from runner.errors import ExitCode, WrongInput
from runner.redact import Redactor
from runner.settings import Settings, production, with_embedded
from runner.settings.problems import missing_keys

if TYPE_CHECKING:
    from runner.diagnostic import Diagnostic

SUMMARY = "Tell why there is no connection: settings, key, network, clock, token, participant."
_UNITS = {"reconcile_window": "s", "resume_within": "s", "retention": " days"}
_MARKS = {"ok": "✔", "doubtful": "!", "failed": "✘", "not tried": "-"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that choose an environment, and ``--json``."""
    add_settings_options(parser)
    parser.add_argument("--json", action="store_true", help="settings and checks as JSON (schemas/doctor.schema.json)")


def run(options: argparse.Namespace) -> int:
    """Print what was found; 0 if nothing failed, 3 if the venue can't be reached, else 1.

    Raises ``WrongInput`` for settings that leave nothing to examine.
    """
    settings, problems = gather_here(options)
    for warning in settings.warnings:
        print(warning.picture(), file=sys.stderr)
    if problems and not _only_nobody_to_act_for(settings, problems):
        nothing = document_picture(settings, (), Redactor(settings.secrets), ExitCode.WRONG) if options.json else ""
        print(nothing or settings_picture(settings))
        raise WrongInput(problems)
    if not settings.embedded:
        return _examined(options, settings)
    from runner.cli.embedded import embedded_exchange

    with embedded_exchange() as variables:
        return _examined(options, with_embedded(settings, variables))


def _only_nobody_to_act_for(settings: Settings, problems: tuple[Diagnostic, ...]) -> bool:
    """Whether all but the participant can be examined: it comes last at onboarding."""
    return len(problems) == 1 and missing_keys(settings) == ["participant_id"]


def _examined(options: argparse.Namespace, settings: Settings) -> int:
    from runner.cli.belonging import other_environments
    from runner.cli.doctor_checks import Subject, checks_for
    from runner.cli.settings_options import config_here

    redactor = Redactor(settings.secrets)
    if not options.json:
        print(settings_picture(settings), flush=True)
    others = other_environments(config_here(options), settings.environment.value)
    with Subject(settings, redactor, others) as subject:
        findings = diagnose(subject, checks_for(settings))
    code = exit_code(findings)
    document = document_picture(settings, findings, redactor, code) if options.json else ""
    print(document or findings_picture(findings, redactor))
    return code


def settings_picture(settings: Settings) -> str:
    """Each setting, its value (a secret hidden) and where it came from, in three columns."""
    rows = list(_rows(settings))
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    return "\n".join(["settings", *(f"  {row[0]:{first}}  {row[1]:{second}}  {row[2]}" for row in rows), ""])


def findings_picture(findings: Iterable[Finding], redactor: Redactor) -> str:
    """A line for each check, and below a failed one what to do; what the venue said has no control characters left."""
    from runner.venue.refusals import one_line

    lines = ["checks"]
    for each in findings:
        state = "not tried " if each.state == "not tried" else ""
        lines.append(f"  {_MARKS[each.state]} {each.name:11}  {state}{one_line(each.seen, redactor)}")
        lines += [f"    {'':11}  = help: {one_line(line, redactor)}" for line in each.help.splitlines()]
    return "\n".join(lines)


def document_picture(settings: Settings, findings: Iterable[Finding], redactor: Redactor, code: int) -> str:
    """Settings and findings by ``schemas/doctor.schema.json``; ``version`` rises when something changes its meaning."""
    from runner.venue.refusals import one_line

    checks = [
        {
            "name": each.name,
            "state": each.state.replace(" ", "_"),
            "seen": one_line(each.seen, redactor),
            "help": [one_line(line, redactor) for line in each.help.splitlines()],
            "because_of": each.because_of,
        }
        for each in findings
    ]
    told = [{"name": name, "value": value, "origin": origin} for name, value, origin in _rows(settings)]
    document = {"version": 1, "exit_code": int(code), "settings": told, "checks": checks}
    return json.dumps(document, indent=2, ensure_ascii=False)


def _rows(settings: Settings) -> Iterator[tuple[str, str, str]]:
    for name, setting in settings.shown():
        yield name, _shown(setting.value) + _UNITS.get(name, ""), setting.origin
    if settings.marked_production is None:
        yield "production", _shown(production(settings)), "decided by the host"


def _shown(value: object) -> str:
    match value:
        case tuple():
            return ", ".join(map(str, value))
        case bool():
            return str(value).lower()
    return shown(str(value))
