"""The command: an undisturbed run first, then one trial for each point, and what was found as a small table."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from runner.cli.chaos.points import Point, point_of, points_of, sampled
from runner.cli.chaos.processes import shared_out
from runner.cli.chaos.showing import Found, as_json, lines
from runner.cli.chaos.trial import Script, Stage, Tried, Undisturbed
from runner.cli.person import add_confirm
from runner.diagnostic import Diagnostic
from runner.errors import ExitCode, WrongInput
from runner.value import counted

SUMMARY = (
    "Run a playbook on an exchange of its own, killed at each point of its way and with each answer lost: after "
    "`resume` there must be no order twice, none left open, and no report that disagrees with the exchange."
)
_MAY_GO_ON = frozenset({ExitCode.PASSED, ExitCode.FAILED, ExitCode.ERRORED, ExitCode.REFUSED})


class _Unfit(Exception):
    """The playbook does not come to its end even when nobody disturbs it."""

    def __init__(self, plain: Undisturbed) -> None:
        self.exit_code = plain.exit_code
        self.said = plain.said.partition("\n")[2]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The playbook, its inputs, and which points to try."""
    parser.add_argument("playbook", metavar="PLAYBOOK", help="a path, or a bundled playbook's name")
    parser.add_argument("-i", "--input", action="append", default=[], metavar="NAME=VALUE", help="an input's value")
    parser.add_argument("--inputs", metavar="FILE", help="a YAML file with inputs, secret ones too")
    add_confirm(parser)
    parser.add_argument("--sample", type=_positive, metavar="N", help="try so many points, drawn by chance, not all")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="draws another sample (default 1)")
    parser.add_argument("--late", action="store_true", help="let `resume` come when nothing further may be changed")
    parser.add_argument("--cleanup-only", action="store_true", help="let `resume` settle and clean up, no more")
    parser.add_argument("--only", metavar="POINT", help="try this one point, as a broken promise names it")
    parser.add_argument("--verbose", action="store_true", help="what each run and resume printed, too")
    parser.add_argument("--json", action="store_true", help="the findings as one JSON object")


def run(options: argparse.Namespace) -> int:
    """0 if every promise was kept, 1 if not; a run that fails undisturbed says so and gives its own exit code."""
    only = _only(options.only)
    script = Script(
        options.playbook,
        tuple(options.input),
        options.inputs,
        tuple(options.confirm),
        options.late,
        options.cleanup_only,
    )
    _load()
    with tempfile.TemporaryDirectory(prefix="pmx-chaos-") as folder:
        try:
            plain, losing = _undisturbed(script, Path(folder))
        except _Unfit as unfit:
            sys.stderr.write(unfit.said)
            return unfit.exit_code
        points = [only] if only else sampled([*points_of(plain.reach, losing.reach)], options.sample, options.seed)
        tried = [*_told(_tried(script, Path(folder), points, plain), len(points))]
    found = Found(options.playbook, plain, losing, sorted(tried, key=lambda each: points.index(each.point)))
    if options.json:
        print(as_json(found))
    else:
        print("\n".join(lines(found, _again(options), verbose=options.verbose)))
    return int(ExitCode.FAILED if found.broken else ExitCode.PASSED)


def _undisturbed(script: Script, folder: Path) -> tuple[Undisturbed, Undisturbed]:
    """The run that nobody disturbs, and the one of which the answers to orders are lost."""
    with closing(Stage(script, folder)) as stage:
        plain = stage.undisturbed(losing=False)
        if plain.exit_code not in _MAY_GO_ON:
            raise _Unfit(plain)
        return plain, stage.undisturbed(losing=True)


def _tried(script: Script, folder: Path, points: Sequence[Point], plain: Undisturbed) -> Iterator[Tried]:
    def share(some: Sequence[Point]) -> Iterator[Tried]:
        return Stage(script, folder).tried(some, plain.left_open)

    return shared_out(points, share, os.cpu_count() or 1)


def _told(tried: Iterable[Tried], of: int) -> Iterator[Tried]:
    """How far it is, on a terminal."""
    for number, each in enumerate(tried, start=1):
        if sys.stderr.isatty():
            end = "\r" if number < of else "\r\033[K"
            print(f"\033[K{number} of {counted(of, 'trial')}", end=end, file=sys.stderr, flush=True)
        yield each


def _only(name: str | None) -> Point | None:
    if name is None:
        return None
    point = point_of(name)
    if point is None:
        help = "a point is named like write-7-before, call-5-after+lost or call-3-lost"
        raise WrongInput([Diagnostic(f"`--only {name}` names no point", help=help)])
    return point


def _again(options: argparse.Namespace) -> list[str]:
    """The words to type to try a point once more, all but the point."""
    given = [word for each in options.input for word in ("-i", each)]
    given += [word for each in options.confirm for word in ("--confirm", each)]
    file = ["--inputs", options.inputs] if options.inputs else []
    how = [word for word, wanted in (("--late", options.late), ("--cleanup-only", options.cleanup_only)) if wanted]
    return ["pmx-run", "chaos", options.playbook, *given, *file, *how, "--verbose", "--only"]


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _load() -> None:
    """What a run needs, loaded before any process is forked."""
    import jwt  # noqa: F401
    import requests  # noqa: F401
    from cryptography.hazmat.primitives import serialization  # noqa: F401

    import runner.engine.run
    import runner.venue.transport  # noqa: F401
