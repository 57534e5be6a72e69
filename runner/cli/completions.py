"""``pmx-run completions bash|zsh|fish``: the script that makes a shell complete commands, options and playbooks."""

from __future__ import annotations

import argparse

from runner.cli.completion_scripts import SHELLS

SUMMARY = "Print a completion script for a shell; its first lines tell where to put it."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which shell."""
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help="bash, zsh or fish")


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    from runner.cli.command_words import all_commands, bundled_playbooks

    print(SHELLS[options.shell](list(all_commands()), bundled_playbooks()), end="")
    return 0
