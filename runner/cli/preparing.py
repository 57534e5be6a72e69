"""From a word of the command line to a run that may begin: found, read, checked, with settings and inputs, planned."""

from __future__ import annotations

import argparse
import os
import sys

from runner.actions import BUILTIN
from runner.cli.bounds import bounds_of
from runner.cli.config import config_for
from runner.cli.finding import find
from runner.cli.inputs import given_inputs
from runner.cli.memory import Memory
from runner.cli.playbooks import checked
from runner.cli.remembering import remembering_folder
from runner.cli.reviving import Prepared
from runner.cli.selecting import selection_of
from runner.cli.settings_options import settings_options
from runner.plan import build
from runner.plan.inputs import resolve_inputs, unknown_variables
from runner.settings import resolve


def prepare(word: str, options: argparse.Namespace) -> Prepared:
    """A playbook with its settings and inputs, planned; warnings are printed.

    Raises ``WrongInput`` with its mistakes, ``GuardRefused`` for what is known to cross a limit.
    """
    found = find(word)
    settings = resolve(config_for(found.folder, options.config), os.environ, settings_options(options))
    memory = Memory(remembering_folder(settings), found.source.text)
    bounds = bounds_of(settings)
    playbook = checked(found.source, bounds, memory, found.shelf(settings))
    inputs = resolve_inputs(playbook.inputs, given_inputs(options))
    for warning in (*settings.warnings, *unknown_variables(playbook.inputs, os.environ)):
        print(warning.picture(), file=sys.stderr)
    selection = selection_of(options)
    return Prepared(settings, build(playbook, BUILTIN, inputs, bounds, memory, selection), found.folder, selection)
