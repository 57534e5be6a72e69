"""The problems found so far in one text, each shown once and at most a hundred of them.

A value that one stage of reading has refused is not complained about by the next: an unquoted ``{{ x }}`` is a problem
of YAML, and that it is a mapping where a number belongs is no second one.
"""

from __future__ import annotations

from runner.diagnostic import Diagnostic, in_sequence
from runner.errors import WrongInput
from runner.redact import MASK
from runner.source import Source, Span

MOST = 100


class Complaints:
    """Collects diagnostics about ``source``."""

    __slots__ = ("_found", "_lines", "_settled", "source")

    def __init__(self, source: Source) -> None:
        self.source = source
        self._found: list[Diagnostic] = []
        self._lines: list[str] | None = None
        self._settled: frozenset[tuple[int, int]] = frozenset()

    def add(self, span: Span, title: str, label: str = "", help: str = "", hidden: Span | None = None) -> None:
        """Note a problem, unless an earlier stage has one at this place or there are too many already.

        What stands at ``hidden`` is masked in the picture.
        """
        if not self.full and (span.line, span.column) not in self._settled:
            excerpt = self.line(span.line)
            if hidden is not None and hidden.line == span.line:
                start = hidden.column - 1
                excerpt = excerpt[:start] + MASK + excerpt[start + hidden.length :]
            self._found.append(Diagnostic(title, label, span, help, excerpt))

    def settle(self) -> None:
        """End a stage: what is found from now on must be at other places."""
        self._settled = frozenset((each.span.line, each.span.column) for each in self._found if each.span)

    @property
    def full(self) -> bool:
        """Whether more problems would not be shown."""
        return len(self._found) > MOST

    @property
    def found(self) -> list[Diagnostic]:
        """All of them by place; if there are too many, the first hundred and a line that says so."""
        if not self.full:
            return in_sequence(self._found)
        return [Diagnostic(f"only {MOST} problems are shown"), *in_sequence(self._found[:MOST])]

    def raise_any(self) -> None:
        """Raise WrongInput if there is a problem."""
        if self._found:
            raise WrongInput(self.found)

    def line(self, number: int) -> str:
        """Line ``number`` of the source, as ``Source.line``."""
        if self._lines is None:
            self._lines = self.source.text.splitlines()
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""
