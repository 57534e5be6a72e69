"""``pmx-run sandbox``: the local exchange, a program with options of its own, and what a running one holds."""

from __future__ import annotations

import argparse

from runner.diagnostic import Diagnostic
from runner.errors import WrongInput

SUMMARY = "Serve the local exchange on loopback until SIGTERM; `sandbox status` tells what one holds."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Everything goes to the exchange as it is, ``--help`` included: without prefix characters nothing is an option."""
    parser.prefix_chars = "\0"
    parser.add_argument("arguments", nargs=argparse.REMAINDER)


def run(options: argparse.Namespace) -> int:
    """Serve, or tell the status; raises ``WrongInput`` for an unknown word, ``SystemExit`` (2) for such an option."""
    word, *rest = options.arguments or [""]
    if word == "status":
        from runner.cli.sandbox_status import status

        return status(rest)
    if word.isalpha():
        raise WrongInput([Diagnostic(f"`sandbox {word}` is not yet supported", help="pmx-run sandbox --help")])
    from runner.cli.parser import Parser
    from runner.sandbox.__main__ import main

    return main(options.arguments, Parser)
