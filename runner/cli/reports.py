"""Where reports go: ``--report json=PATH``, ``-`` for stdout."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from runner.diagnostic import Diagnostic, nearest
from runner.errors import WrongInput
from runner.frozen import frozen
from runner.record.result import RunResult
from runner.redact import Redactor

_FORMATS = ("json",)
_NOT_YET = ("junit", "html", "markdown", "evidence")
_PLACEHOLDER = "{playbook}"


@frozen
class Target:
    """One file to write; ``-`` is stdout."""

    format: str
    path: str


class ReportTargets:
    """All reports that were asked for. Raises ``WrongInput`` for one that can't be."""

    def __init__(self, words: Sequence[str]) -> None:
        self._targets = [_target(word) for word in words]
        for target in self._targets:
            self._check(target)

    @property
    def on_stdout(self) -> bool:
        """Whether a report goes to stdout, and nothing else may."""
        return any(target.path == "-" for target in self._targets)

    def write(self, results: Sequence[RunResult], redactor: Redactor) -> None:
        """Write each report, whole or not at all."""
        for target in self._targets:
            if _PLACEHOLDER in target.path:
                for result in results:
                    self._write(target.path.replace(_PLACEHOLDER, result.started.playbook), [result], redactor)
            else:
                self._write(target.path, results, redactor)

    def _write(self, path: str, results: Sequence[RunResult], redactor: Redactor) -> None:
        from runner.reporters.json_report import text

        if not results:
            return
        content = redactor.text(text(results))
        if path == "-":
            sys.stdout.write(content)
            sys.stdout.flush()
            return
        temporary = Path(f"{path}.part")
        try:
            temporary.write_text(content, encoding="utf-8")
            temporary.replace(path)
        except OSError as error:
            print(f"error: the report {path} can't be written: {error.strerror}", file=sys.stderr)

    def _check(self, target: Target) -> None:
        """What is known to go wrong is told before anything is sent."""
        folder = Path(target.path).parent
        if target.path != "-" and not folder.is_dir():
            raise WrongInput([Diagnostic(f"the report {target.path} has no folder", help=f"mkdir -p {folder}")])


def _target(word: str) -> Target:
    format, separator, path = word.partition("=")
    if format in _NOT_YET:
        raise WrongInput([Diagnostic(f"`--report {format}` is not yet supported", help="there is: json")])
    if format not in _FORMATS:
        raise WrongInput([Diagnostic(f"`--report {word}`: unknown format", help=nearest(format, _FORMATS))])
    if not separator or not path:
        raise WrongInput([Diagnostic(f"`--report {word}` names no path", help=f"write --report {format}=report.json")])
    return Target(format, path)
