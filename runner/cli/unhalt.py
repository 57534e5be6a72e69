"""``pmx-run unhalt``: allow orders again."""

from __future__ import annotations

import argparse

from runner.cli.halting import halting
from runner.cli.settings_options import add_settings_options

SUMMARY = "Allow orders again where `halt` refused them."
add_arguments = add_settings_options


def run(options: argparse.Namespace) -> int:
    """Lift the halt, if there is one."""
    with halting(options) as meant:
        since = meant.journal.halted_since(meant.keys)
        meant.journal.unhalt(meant.keys)
        if since is None:
            print(f"{meant.shown} was not halted.")
        else:
            print(f"orders to {meant.shown} are allowed again; they were refused since {since:%Y-%m-%d %H:%M:%S} UTC.")
    return 0
