"""``pmx-run doctor``: why can't I connect? Every setting with its origin, then one check after the other.

It only reads. Causes and remedies: docs.polymarket.us: trader-guide/authentication-troubleshooting,
trader-guide/connection-issues.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

from runner.address import shown
from runner.cli.diagnosis import Finding, diagnose, exit_code
from runner.cli.settings_options import add_settings_options, gather_here
from runner.errors import WrongInput
from runner.redact import Redactor
from runner.settings import Settings, production, with_embedded

SUMMARY = "Tell why there is no connection: settings, key, network, clock, token, participant."
_UNITS = {"reconcile_window": "s", "resume_within": "s", "retention": " days"}
_MARKS = {"ok": "✔", "failed": "✘", "not tried": "-"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that choose an environment."""
    add_settings_options(parser)


def run(options: argparse.Namespace) -> int:
    """Print what was found; 0 if all is well, 2 if a setting or the key is wrong, else 3."""
    settings, problems = gather_here(options)
    for warning in settings.warnings:
        print(warning.picture(), file=sys.stderr)
    if problems:
        print(settings_picture(settings))
        raise WrongInput(problems)
    if not settings.embedded:
        return _examined(settings)
    from runner.cli.embedded import embedded_exchange

    with embedded_exchange() as variables:
        return _examined(with_embedded(settings, variables))


def _examined(settings: Settings) -> int:
    from runner.cli.doctor_checks import Subject, checks_for

    redactor = Redactor(settings.secrets)
    print(settings_picture(settings), flush=True)
    with Subject(settings, redactor) as subject:
        findings = diagnose(subject, checks_for(settings))
    print(findings_picture(findings, redactor))
    return exit_code(findings)


def settings_picture(settings: Settings) -> str:
    """Each setting, its value (a secret hidden) and where it came from, in three columns."""
    rows = [(name, _shown(setting.value) + _UNITS.get(name, ""), setting.origin) for name, setting in settings.shown()]
    if settings.marked_production is None:
        rows.append(("production", _shown(production(settings)), "decided by the host"))
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    return "\n".join(["settings", *(f"  {row[0]:{first}}  {row[1]:{second}}  {row[2]}" for row in rows), ""])


def findings_picture(findings: Iterable[Finding], redactor: Redactor) -> str:
    """A line for each check, and below a failed one what to do; what the venue said has no control characters left."""
    from runner.venue.refusals import one_line

    lines = ["checks"]
    for each in findings:
        state = "not tried " if each.state == "not tried" else ""
        lines.append(f"  {_MARKS[each.state]} {each.name:11}  {state}{one_line(each.seen, redactor)}")
        lines += [f"    {'':11}  = help: {line}" for line in each.help.splitlines()]
    return "\n".join(lines)


def _shown(value: object) -> str:
    match value:
        case tuple():
            return ", ".join(map(str, value))
        case bool():
            return str(value).lower()
    return shown(str(value))
