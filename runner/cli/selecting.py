"""Which steps to perform, as the command line says it: ``--tags``, ``--skip-tags``, ``--from``."""

from __future__ import annotations

import argparse
import re

from runner.diagnostic import Diagnostic
from runner.errors import WrongInput
from runner.plan.selecting import Selection

_TAG = re.compile(r"[a-z0-9][a-z0-9_.-]*")


def add_selection_options(parser: argparse.ArgumentParser) -> None:
    """The three options."""
    parser.add_argument(
        "--tags", action="append", default=[], metavar="TAG,...", help="perform only steps with one of these tags"
    )
    parser.add_argument(
        "--skip-tags", action="append", default=[], metavar="TAG,...", help="leave out steps with one of these tags"
    )
    parser.add_argument("--from", dest="start", metavar="STEP", help="leave out the steps before this one")


def selection_of(options: argparse.Namespace) -> Selection:
    """What was asked for. Raises ``WrongInput`` for what can't be a tag, or a step's name."""
    if options.start == "":
        raise WrongInput([Diagnostic("`--from` names no step", help="write --from STEP")])
    return Selection(_tags("--tags", options.tags), _tags("--skip-tags", options.skip_tags), options.start or "")


def _tags(option: str, words: list[str]) -> tuple[str, ...]:
    tags = [tag.strip() for word in words for tag in word.split(",")]
    for tag in tags:
        if not _TAG.fullmatch(tag):
            help = "a tag has small letters, digits, `_`, `.` and `-`; several are separated by commas"
            raise WrongInput([Diagnostic(f"`{option}`: `{tag}` is no tag", help=help)])
    return tuple(dict.fromkeys(tags))
