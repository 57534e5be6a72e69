"""How every command reads its words: help with an example, and mistakes told as all others are."""

from __future__ import annotations

import argparse
import re
import sys
from typing import NoReturn

from runner.diagnostic import Diagnostic, nearest
from runner.errors import ExitCode

_IN_OTHER_WORDS = (
    (r"unrecognized arguments: (.+)", r"`\1` is not understood"),
    (r"the following arguments are required: (.+)", r"\1 is missing"),
    (r"argument ([^:]+): expected (?:one|at least one) argument", r"`\1` needs a value"),
    (r"argument ([^:]+): expected (\d+) arguments", r"`\1` needs \2 values"),
    (r"argument (-[^:]+): invalid choice: '(.*)' \(choose from (.+)\)", r"`\1`: `\2` is none of \3"),
    (r"argument ([^:]+): invalid choice: '(.*)' \(choose from (.+)\)", r"`\2` is none of \3"),
    (r"argument ([^:]+): invalid int value: '(.*)'", r"`\1` takes a whole number, not `\2`"),
    (r"argument ([^:]+): not allowed with argument (.+)", r"`\1` and `\2` exclude each other"),
    (r"argument ([^:]+): (.+)", r"`\1`: \2"),
)
"""What argparse says, and how it is said here; its own words stand where none of these fits."""


class Parser(argparse.ArgumentParser):
    """As argparse's, in the house's words."""

    def format_help(self) -> str:
        """The whole help, with examples at its end."""
        from runner.cli.command_examples import EXAMPLES

        told = super().format_help().replace("show this help message and exit", "show this")
        lines = EXAMPLES.get(self.prog.removeprefix("pmx-run "), ())
        return told + ("\nexamples:\n" + "".join(f"  {line}\n" for line in lines) if lines else "")

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end with 2."""
        help = "\n".join(filter(None, (self._meant(message), f"`{self.prog} --help` tells what it takes")))
        print(Diagnostic(in_house_words(message), help=help).picture(), file=sys.stderr)
        raise SystemExit(int(ExitCode.WRONG))

    def _meant(self, message: str) -> str:
        """The option or word that a misspelt one is nearest to."""
        if unknown := re.fullmatch(r"unrecognized arguments: (-\S+).*", message):
            return nearest(unknown[1].partition("=")[0], [name for name in self._option_string_actions if "--" in name])
        if choice := re.search(r"invalid choice: '(.*)' \(choose from (.+)\)", message):
            return nearest(choice[1], re.findall(r"[\w-]+", choice[2]))
        return ""


def in_house_words(message: str) -> str:
    """One of argparse's messages as this program would say it."""
    for theirs, ours in _IN_OTHER_WORDS:
        if re.fullmatch(theirs, message, re.DOTALL):
            return re.sub(theirs, ours, message, flags=re.DOTALL).replace("'", "")
    return message
