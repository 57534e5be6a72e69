"""``pmx-run check``: everything that can be known of playbooks without the network and the inputs' values."""

from __future__ import annotations

import argparse
import os

from runner.cli.config import config_for
from runner.cli.finding import find
from runner.cli.memory import Memory
from runner.cli.problem_formats import FORMATS
from runner.cli.remembering import remembering_folder
from runner.diagnostic import Diagnostic
from runner.errors import ExitCode, WrongInput
from runner.settings import Options, gather

SUMMARY = "Check playbooks: YAML, schema, names, templates, limits. Nothing is sent, and no input is needed."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Paths, and the settings whose limits count."""
    parser.add_argument("playbook", nargs="+", metavar="PLAYBOOK", help="a path, or a bundled playbook's name")
    parser.add_argument("--format", choices=FORMATS, default="text", help="how to tell it (default: %(default)s)")
    parser.add_argument("--config", metavar="FILE", help="settings file instead of the nearest pmx.yaml")
    parser.add_argument("--env", metavar="NAME", help="the environment whose limits count")
    parser.add_argument("--state-dir", metavar="DIR", help="where what was checked before is remembered")


def run(options: argparse.Namespace) -> int:
    """Say ``ok`` of each playbook without a mistake, and show every mistake and warning."""
    results = [(word, _problems(word, options)) for word in options.playbook]
    FORMATS[options.format](results)
    wrong = any(each.severity == "error" for _, problems in results for each in problems)
    return ExitCode.WRONG if wrong else ExitCode.PASSED


def _problems(word: str, options: argparse.Namespace) -> list[Diagnostic]:
    try:
        return _check(word, options)
    except WrongInput as wrong:
        return [each for each in wrong.diagnostics if isinstance(each, Diagnostic)]


def _check(word: str, options: argparse.Namespace) -> list[Diagnostic]:
    """The warnings about a playbook without a mistake. Raises ``WrongInput`` with the mistakes of another."""
    found = find(word)
    file = config_for(found.folder, options.config)
    settings, _ = gather(file, os.environ, Options(options.env, None, None, options.state_dir))
    memory = Memory(remembering_folder(settings), found.source.text)
    if settings.limits or not memory.alone:
        # the actions, the plan and the language are loaded only where there is something to find out
        from runner.cli.bounds import bounds_of
        from runner.cli.playbooks import checked

        checked(found.source, bounds_of(settings), memory, found.shelf(settings))
    return memory.warnings(found.source)
