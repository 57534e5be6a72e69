"""``pmx-run halt``: the kill switch. Every run, present and future, of an environment refuses new orders."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from runner.cli.halting import halting
from runner.cli.settings_options import add_settings_options

SUMMARY = "Refuse new orders in an environment from now on; cleanups go on. `unhalt` allows them again."
add_arguments = add_settings_options


def run(options: argparse.Namespace) -> int:
    """Halt, and say what that means."""
    with halting(options) as meant:
        meant.journal.halt(meant.keys, datetime.now(UTC))
        print(f"halted: no run sends an order to {meant.shown} any more; cleanups go on. `pmx-run unhalt` lifts it.")
    return 0
