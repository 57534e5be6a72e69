"""From the first word of the command line to its command; only that command's file is imported."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Protocol

from runner import __version__

if TYPE_CHECKING:
    import argparse

COMMANDS = {
    "run": "run playbooks (the word may be left out)",
    "check": "every mistake that can be known without sending anything",
    "plan": "what a run would send, before it sends anything",
    "resume": "finish killed runs: settle orders in doubt, go on, clean up",
    "history": "past runs, and those in doubt",
    "report": "a report of a past run, in any format",
    "verify": "is the evidence of a run as it was signed?",
    "diff": "what differs between two runs",
    "notify": "deliver the notifications that did not arrive yet",
    "schedule": "playbooks by the clock: cron, systemd, Kubernetes, or alone",
    "halt": "the kill switch: refuse new orders in an environment",
    "unhalt": "allow orders again",
    "doctor": "why can't I connect: key, clock, network, token, participant",
    "keys": "make a key pair, show a fingerprint, change keys",
    "init": "make a project to start from",
    "actions": "what a step can do: arguments, results, examples",
    "list": "the playbooks that come along: what each does, and what it costs",
    "copy": "one of them as a file of your own",
    "schema": "the JSON Schema of playbooks, of pmx.yaml, of reports",
    "sandbox": "serve the local exchange",
    "chaos": "kill a run everywhere, on an exchange of its own: promises kept?",
    "completions": "a script that makes bash, zsh or fish complete all this",
}
"""Every command there is, with what it does."""

NOT_YET = frozenset((*("worker", "submit", "serve"),))
"""Words that are kept for commands to come: never a playbook's name."""


class Command(Protocol):
    """What the file of a command has."""

    SUMMARY: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare its options."""

    def run(self, options: argparse.Namespace) -> int:
        """Do it and give the exit code; raises ``PmxError``."""


def dispatch(words: list[str]) -> int:
    """Run a command line (without the program's name) and give the exit code; errors are printed."""
    try:
        return _dispatch(words)
    except KeyboardInterrupt:
        # Before a run listens to signals itself, and where there is no run: nothing was sent, nothing is owed.
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone; say nothing more, and let the interpreter's last flush succeed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:
        from runner.cli.crash import report

        return report(error, verbose="--verbose" in words)


def _dispatch(words: list[str]) -> int:
    first = words[0] if words else "--help"
    if first in {"-h", "--help"}:
        print(_overview())
        return 0
    if first in {"-V", "--version"}:
        print(f"pmx-run {__version__}")
        return 0
    if first in NOT_YET:
        print(f"error: `{first}` is not yet supported", file=sys.stderr)
        print(f"  = help: a playbook file of that name is given as ./{first}", file=sys.stderr)
        return 2
    name, rest = (first, words[1:]) if first in COMMANDS else ("run", words)
    return _perform(name, rest)


def _perform(name: str, words: list[str]) -> int:
    from runner.cli.parser import Parser
    from runner.errors import PmxError, shown

    command: Command = importlib.import_module(f"runner.cli.{name}")
    parser = Parser(prog=f"pmx-run {name}", description=command.SUMMARY)
    command.add_arguments(parser)
    options = parser.parse_args(words)
    try:
        return command.run(options)
    except PmxError as error:
        print(shown(error), file=sys.stderr)
        return error.exit_code


def _overview() -> str:
    width = max(map(len, COMMANDS))
    rows = "\n".join(f"  {name.ljust(width)}  {summary}" for name, summary in COMMANDS.items())
    return (
        "pmx-run runs YAML playbooks against the Polymarket US exchange.\n\n"
        "  pmx-run quickstart    sign in, place and cancel an order, on a local exchange\n"
        "  pmx-run init DIR      make a project with a first playbook of your own\n"
        "  pmx-run PLAYBOOK...   run playbooks\n\n"
        f"commands:\n{rows}\n\n"
        "`pmx-run COMMAND --help` tells the options of each."
    )
