"""The options that say which environment is meant and who acts in it, shared by the commands that need settings."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from runner.cli.config import config_for
from runner.diagnostic import Diagnostic
from runner.settings import ConfigFile, Options, Settings, gather


def add_settings_options(parser: argparse.ArgumentParser) -> None:
    """``--env``, ``--config``, ``--participant``, ``--account`` and ``--state-dir``."""
    parser.add_argument("--env", metavar="NAME", help="the environment (default: PMX_ENV, pmx.yaml, sandbox)")
    parser.add_argument("--config", metavar="FILE", help="settings file instead of the nearest pmx.yaml")
    parser.add_argument("--participant", metavar="ID", help="whom requests act for: firms/<FIRM>/users/<USER>")
    parser.add_argument("--account", metavar="NAME", help="the trading account: firms/<FIRM>/accounts/<ACCOUNT>")
    parser.add_argument("--state-dir", metavar="DIR", help="where the journal and the locks lie")


def settings_options(options: argparse.Namespace) -> Options:
    """What these options said."""
    return Options(options.env, options.participant, options.account, options.state_dir, signing=_signs(options))


def _signs(options: argparse.Namespace) -> bool:
    """Whether evidence is wanted, by a command that can write it."""
    words: Sequence[str] = getattr(options, "report", ())
    if not words:
        return False
    from runner.cli.evidence import FORMAT

    return any(word.partition("=")[0] == FORMAT for word in words)


def gather_here(options: argparse.Namespace) -> tuple[Settings, tuple[Diagnostic, ...]]:
    """The settings as seen from the current folder, and what is wrong with them.

    Raises ``WrongInput`` for a ``pmx.yaml`` that can't be read.
    """
    return gather(config_here(options), os.environ, settings_options(options))


def config_here(options: argparse.Namespace) -> ConfigFile | None:
    """The ``pmx.yaml`` of the current folder, or the one that was named; raises ``WrongInput`` as above."""
    return config_for(Path(), options.config)
