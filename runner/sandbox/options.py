"""The options of the program, read and checked before anything starts."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from runner.sandbox.rules import UnknownSwitch, rules_from

_LONGEST = 10**9


def parse(argv: list[str], parser_class: type[argparse.ArgumentParser]) -> argparse.Namespace:
    """The options with ``rules`` among them; raises SystemExit (2) after a sentence on stderr."""
    parser = _parser(parser_class)
    options = parser.parse_args(argv)
    try:
        options.rules = rules_from(options.switch)
    except UnknownSwitch as error:
        parser.error(str(error))
    return options


def _between(least: int, most: int) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"takes a whole number, not `{text}`") from None
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"must be from {least} to {most}")
        return number

    return whole_number


_PORT = _between(0, 65_535)
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "--port": {"type": _PORT, "default": 0, "help": "port to listen on (default: any free one)"},
    "--control-port": {"type": _PORT, "default": 0, "help": "port of the control calls (default: any free one)"},
    "--dialect": {
        "choices": ("published", "seed"),
        "default": "published",
        "help": "how it speaks: as the venue publishes, or as the older quickstart page",
    },
    "--print-env": {
        "choices": ("json", "export"),
        "default": "export",
        "help": "its variables as one JSON object, or as lines for a shell (default)",
    },
    "--stop-with-stdin": {"action": "store_true", "help": "stop at the end of standard input"},
    "--key-dir": {"type": Path, "help": "folder for the client's private key (default: a temporary one)"},
    "--expires-in": {"type": _between(1, _LONGEST), "default": 180, "help": "life of a token in seconds"},
    "--settle-ms": {"type": _between(0, _LONGEST), "default": 10, "help": "how long orders stay pending"},
    "--rates": {"choices": ("tier1", "off"), "default": "tier1", "help": "the venue's rate limits, or none"},
    "--rate": {"action": "append", "default": [], "metavar": "NAME=N/s", "help": "one limit; also N/min"},
    "--switch": {
        "action": "append",
        "default": [],
        "metavar": "NAME=VALUE",
        "help": "one undocumented point: docs/sandbox.md",
    },
    "--faults": {"type": Path, "metavar": "FILE", "help": "faults that are armed from the start (YAML)"},
    "--liquidity": {"choices": ("seeded", "off"), "default": "seeded", "help": "a maker's quotes, or empty books"},
    "--db": {"type": Path, "metavar": "FILE", "help": "keep the exchange in this file (default: in memory)"},
    "--tls": {"nargs": 2, "type": Path, "metavar": ("CERT", "KEY"), "help": "serve https with this certificate"},
}
"""Every option, as argparse is told of it."""


def _parser(parser_class: type[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    parser = parser_class(
        prog="pmx-run sandbox",
        description="Serve a local exchange on the loopback interface until Ctrl-C or SIGTERM.",
        epilog="`pmx-run sandbox status` tells what a running exchange holds.",
    )
    for name, told in OPTIONS.items():
        parser.add_argument(name, **told)
    return parser
