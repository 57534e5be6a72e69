"""``pmx-run plan``: what a run would send, before it sends anything."""

from __future__ import annotations

import argparse
import json
import shlex
import sys

from runner import __version__
from runner.cli.foreseeing import foreseen_by, surroundings_of
from runner.cli.pinning import check_pins
from runner.cli.plan_document import document
from runner.cli.plan_text import lines_of
from runner.cli.preparing import prepare
from runner.cli.selecting import add_selection_options
from runner.cli.settings_options import add_settings_options
from runner.cli.telling import tell
from runner.foresight.fingerprint import fingerprint
from runner.plan import personal_texts
from runner.plan.selecting import unknown_tags
from runner.redact import Redactor, Secret

SUMMARY = "Tell what a run would send, its calls against the rate limits and the money at risk. Nothing is sent."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One playbook, settings, inputs, and the form of the answer."""
    parser.add_argument("playbook", metavar="PLAYBOOK", help="a path, or a bundled playbook's name")
    add_settings_options(parser)
    parser.add_argument("-i", "--input", action="append", default=[], metavar="NAME=VALUE", help="an input's value")
    parser.add_argument("--inputs", metavar="FILE", help="a YAML file with inputs, secret ones too")
    add_selection_options(parser)
    parser.add_argument("--json", action="store_true", help="as JSON (schemas/plan.schema.json)")
    parser.add_argument("--no-color", action="store_true", help="no colours on a terminal")


def run(options: argparse.Namespace) -> int:
    """Print the plan; raises ``WrongInput`` for mistakes and ``GuardRefused`` where a run would be refused at once."""
    prepared = prepare(options.playbook, options)
    settings, plan = prepared.settings, prepared.plan
    for warning in unknown_tags([plan], prepared.selection):
        print(warning.picture(), file=sys.stderr)
    check_pins(settings, plan)
    redactor = Redactor([*settings.secrets, *(each for each in plan.inputs.values() if isinstance(each, Secret))])
    for text in personal_texts(plan):
        redactor.learn_name(text)
    surroundings = surroundings_of(settings)
    hash = str(fingerprint(plan, settings, __version__))
    found = document(plan, foreseen_by(plan, surroundings), surroundings, settings, hash, redactor)
    if options.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        tell(lines_of(found, _command(options)), color=not options.no_color)
    return 0


def _command(options: argparse.Namespace) -> str:
    given = {"--env": options.env, "--tags": ",".join(options.tags), "--skip-tags": ",".join(options.skip_tags)}
    chosen = [word for name, value in {**given, "--from": options.start}.items() if value for word in (name, value)]
    return shlex.join(["pmx-run", options.playbook, *chosen])
