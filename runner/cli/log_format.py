"""``--log-format``: what a run says as it goes, for people or for programs."""

from __future__ import annotations

import argparse
import sys
from typing import TextIO

_HELP = (
    "text (the default), or json: each event as an object on a line of stdout, or of stderr if a report has stdout; "
    "with --verbose requests and answers, too, with --quiet nothing"
)


def add_log_format(parser: argparse.ArgumentParser) -> None:
    """The option."""
    parser.add_argument("--log-format", choices=("text", "json"), default="text", metavar="FORMAT", help=_HELP)


def is_json(options: argparse.Namespace) -> bool:
    """Whether a program reads along; only commands that run playbooks have the option."""
    return getattr(options, "log_format", "text") == "json"


def words_to(options: argparse.Namespace) -> TextIO:
    """Where sentences go that are no event: past whoever reads JSON."""
    return sys.stderr if is_json(options) else sys.stdout
