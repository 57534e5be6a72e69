"""``pmx-run sandbox``: the local exchange, a program of its own with options of its own."""

from __future__ import annotations

import argparse

from runner.diagnostic import Diagnostic
from runner.errors import WrongInput

SUMMARY = "serve the local exchange on loopback until SIGTERM"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Everything goes to the exchange as it is, ``--help`` included: without prefix characters nothing is an option."""
    parser.prefix_chars = "\0"
    parser.add_argument("arguments", nargs=argparse.REMAINDER)


def run(options: argparse.Namespace) -> int:
    """Serve; raises ``WrongInput`` for a word that is not built yet, ``SystemExit`` (2) for an unknown option."""
    word = next(iter(options.arguments), "")
    if word.isalpha():
        raise WrongInput([Diagnostic(f"`sandbox {word}` is not yet supported", help="pmx-run sandbox --help")])
    from runner.sandbox.__main__ import main

    return main(options.arguments)
