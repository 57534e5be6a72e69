"""The words behind ``pmx-run schedule``."""

from __future__ import annotations

import argparse
from pathlib import Path

from runner.errors import ExitCode

SUMMARY = (
    "Schedules of pmx.yaml: check them, tell their next times, keep them or let others: cron, systemd, Kubernetes."
)
_FORMS = ("crontab", "systemd", "kubernetes")
_MOST = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``check``, ``next``, ``write``, ``tick`` and ``run``."""
    words = parser.add_subparsers(dest="word", metavar="WORD", required=True)
    _settings(words.add_parser("check", help="what can't work in the schedules"))
    coming = words.add_parser("next", help="the next times, and what is left out and why")
    coming.add_argument("name", metavar="NAME", nargs="?", help="one schedule instead of all")
    coming.add_argument("-n", dest="most", type=_count, default=10, metavar="N", help="how many (default: %(default)s)")
    _settings(coming)
    _add_write(words.add_parser("write", help="the schedules as files for another scheduler"))
    tick = words.add_parser("tick", help="run a schedule's playbook if one of its times has come: for schedulers")
    tick.add_argument("name", metavar="NAME", help="the schedule")
    tick.add_argument("--yes", action="store_true", help="answer the production question")
    tick.add_argument("--quiet", action="store_true", help="nothing when passed, else the summary on stderr")
    _settings(tick)
    keep = words.add_parser("run", help="keep the schedules in the foreground, until SIGTERM")
    keep.add_argument(
        "--health", type=int, metavar="PORT", help="tell on this port of loopback how it is (0: a free one)"
    )
    keep.add_argument("--yes", action="store_true", help="answer the production question of every run")
    _settings(keep)


def _settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="FILE", help="settings file instead of the nearest pmx.yaml")
    parser.add_argument("--state-dir", metavar="DIR", help="where the journal and the locks lie")


def _add_write(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("form", metavar="FORM", choices=_FORMS, help=", ".join(_FORMS))
    parser.add_argument("--output", metavar="DIR", type=Path, help="write files there instead of printing them")
    parser.add_argument("--cron-tz", action="store_true", help="crontab: this cron knows CRON_TZ (cronie does)")
    parser.add_argument("--zone", metavar="ZONE", help="crontab: the machine's time zone (default: this machine's)")
    parser.add_argument("--image", metavar="IMAGE", help="kubernetes: the image that holds pmx-run and the project")
    _settings(parser)


def _count(word: str) -> int:
    if word.isascii() and word.isdecimal() and 1 <= int(word) <= _MOST:
        return int(word)
    raise argparse.ArgumentTypeError(f"from 1 to {_MOST}, not `{word}`")


def run(options: argparse.Namespace) -> int:
    """Do what the word says; raises ``WrongInput``, and for a tick whatever its run raises."""
    match options.word:
        case "check":
            from runner.cli.schedule.check import check

            return check(options)
        case "next":
            from runner.cli.schedule.next import tell_next

            tell_next(options)
        case "write":
            from runner.cli.schedule.write import write

            write(options)
        case "tick":
            from runner.cli.schedule.tick import tick

            return tick(options)
        case "run":
            from runner.cli.schedule.running import keep

            return keep(options)
    return ExitCode.PASSED
