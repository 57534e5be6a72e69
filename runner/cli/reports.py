"""Where reports go: ``--report FORMAT=PATH``, ``-`` for stdout."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, cast

from runner.cli import evidence as evidences
from runner.cli.hearing import trouble
from runner.diagnostic import Diagnostic, nearest
from runner.errors import WrongInput
from runner.frozen import frozen
from runner.record.result import RunResult
from runner.redact import Redactor
from runner.settings import Settings

FORMATS: Mapping[str, str] = {
    "json": "runner.reporters.json_report",
    "junit": "runner.reporters.junit",
    "markdown": "runner.reporters.markdown",
    "html": "runner.reporters.html.page",
}
"""Every format with the module that has it, loaded when somebody asks for it."""

WORDS = (*FORMATS, evidences.FORMAT)
"""Every format's name; evidence alone is a folder, made of the journal."""

HELP = f"{', '.join(FORMATS)}: a file, - is stdout; {evidences.FORMAT}: a new folder; may be given several times"
_PLACEHOLDER = "{playbook}"


class _Reporter(Protocol):
    """What the module of a format has."""

    def text(self, results: Sequence[RunResult]) -> str:
        """The report's whole text, of one run or of several together."""


@frozen
class Target:
    """One file to write; ``-`` is stdout."""

    format: str
    path: str


def add_report_option(parser: argparse.ArgumentParser) -> None:
    """``--report``, of every command that has runs to tell of."""
    parser.add_argument("--report", action="append", default=[], metavar="FORMAT=PATH", help=HELP)


class ReportTargets:
    """All reports that were asked for. Raises ``WrongInput`` for one that can't be."""

    def __init__(self, words: Sequence[str]) -> None:
        self._targets = [_target(word) for word in words]
        for target in self._targets:
            self._check(target)
        if [target.path for target in self._targets].count("-") > 1:
            raise WrongInput([Diagnostic("two reports can't both go to stdout", help="give one of them a path")])

    @property
    def on_stdout(self) -> bool:
        """Whether a report goes to stdout, and nothing else may."""
        return any(target.path == "-" for target in self._targets)

    @property
    def evidence(self) -> bool:
        """Whether evidence is wanted, for which a run's own settings and its journal are needed."""
        return any(target.format == evidences.FORMAT for target in self._targets)

    def check_keys(self, settings: Iterable[Settings]) -> None:
        """Where evidence is wanted: raises ``WrongInput`` for settings without a key to sign it with."""
        if self.evidence:
            for each in settings:
                evidences.signing_key(each)

    def write(self, results: Sequence[RunResult], redactor: Redactor, settings: Mapping[str, Settings]) -> bool:
        """Write each report, whole or not at all; whether all could be written, since what could not is only said.

        ``settings`` are those of each run by its id.
        """
        from runner.reporters.redacted import redacted

        safe = [redacted(result, redactor) for result in results] if self._targets else []
        written = [
            _evidence_written(*each, redactor, settings)
            if target.format == evidences.FORMAT
            else _written(target.format, *each, redactor)
            for target in self._targets
            for each in _files(target, safe)
        ]
        return all(written)

    def _check(self, target: Target) -> None:
        """What is known to go wrong is told before anything is sent."""
        if target.format == evidences.FORMAT:
            evidences.check_folder(Path(target.path))
        folder = Path(target.path).parent
        if target.path != "-" and not folder.is_dir():
            raise WrongInput([Diagnostic(f"the report {target.path} has no folder", help=f"mkdir -p {folder}")])


def _written(format: str, path: str, results: Sequence[RunResult], redactor: Redactor) -> bool:
    """Whether a report could be written; what could not, for whatever reason, is told and keeps no other one."""
    try:
        reporter = cast(_Reporter, importlib.import_module(FORMATS[format]))
        # Half of a surrogate pair has no UTF-8; so written it is what JSON means by it, and other formats show none.
        content = reporter.text(results).encode(errors="backslashreplace")
        if path != "-":
            _put(Path(path), content)
        else:
            sys.stdout.write(content.decode())
            sys.stdout.flush()
    except Exception as error:
        if path == "-" and isinstance(error, BrokenPipeError):
            raise
        file = "on stdout" if path == "-" else path
        print(trouble(f"the {format} report {file} can't be written", error, redactor), file=sys.stderr)
        return False
    return True


def _evidence_written(
    path: str, results: Sequence[RunResult], redactor: Redactor, settings: Mapping[str, Settings]
) -> bool:
    try:
        evidences.write_evidence(Path(path), results, redactor, settings)
    except Exception as error:
        print(trouble(f"the evidence {path} can't be written", error, redactor), file=sys.stderr)
        return False
    return True


def _files(target: Target, results: Sequence[RunResult]) -> Iterator[tuple[str, Sequence[RunResult]]]:
    """Each file of a target with the runs that it is about; two runs of one name share theirs."""
    paths = dict.fromkeys(target.path.replace(_PLACEHOLDER, each.started.playbook) for each in results)
    for path in paths:
        yield path, [each for each in results if target.path.replace(_PLACEHOLDER, each.started.playbook) == path]


def _put(path: Path, content: bytes) -> None:
    """Write whole and rename, so that nobody reads half of it; a pipe or a device is written to as it is."""
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("xb") as file:
            file.write(content)
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _target(word: str) -> Target:
    format, separator, path = word.partition("=")
    if format not in WORDS:
        help = nearest(format, WORDS) or f"there is: {', '.join(WORDS)}"
        raise WrongInput([Diagnostic(f"`--report {word}`: unknown format", help=help)])
    if not separator or not path:
        raise WrongInput([Diagnostic(f"`--report {word}` names no path", help=f"write --report {format}=PATH")])
    return Target(format, path)
