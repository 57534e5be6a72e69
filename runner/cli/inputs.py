"""Where a run's inputs come from: ``-i``, ``--inputs``, the environment, and a person at a terminal."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from runner.diagnostic import Diagnostic
from runner.errors import WrongInput
from runner.plan.inputs import Given


def given_inputs(options: argparse.Namespace) -> Given:
    """All that was handed in. Raises ``WrongInput`` for an ``-i`` without ``=`` or a file that can't be read."""
    ask = _ask if sys.stdin is not None and sys.stdin.isatty() else None
    return Given(_pairs(options.input), _file(options.inputs), options.inputs or "--inputs", os.environ, ask)


def _pairs(words: list[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for word in words:
        name, separator, value = word.partition("=")
        if not separator or not name:
            raise WrongInput([Diagnostic(f"`-i {word}` is no input", help="write -i NAME=VALUE")])
        pairs[name] = value
    return pairs


def _file(name: str | None) -> Mapping[str, object]:
    if name is None:
        return {}
    from runner.playbook.reader import decode, read

    try:
        source = decode(name, Path(name).read_bytes())
    except OSError as error:
        raise WrongInput([Diagnostic(f"{name} can't be read: {error.strerror}")]) from error
    content = read(source).plain()
    if not isinstance(content, dict):
        raise WrongInput([Diagnostic(f"{name} is no list of inputs", help="write one `name: value` a line")])
    return content


def _ask(name: str) -> str:
    import getpass

    return getpass.getpass(f"{name}: ")
