"""A problem in something a person wrote: where, what, and what to do.

::

    error: unknown key `acton`
     --> playbooks/place.yaml:5:5
      |
    5 |     acton: place_order
      |     ^^^^^ not a key of a step
      |
      = help: did you mean `action`?

A problem of the command line or of a setting has no place in a file and keeps only its first and last line.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from typing import Literal

from runner.frozen import frozen
from runner.source import Source, Span

_WIDEST = 160


@frozen
class Diagnostic:
    """One problem; ``excerpt`` is the line of text that ``span`` points into."""

    title: str
    label: str = ""
    span: Span | None = None
    help: str = ""
    excerpt: str = ""
    severity: Literal["error", "warning"] = "error"

    def picture(self) -> str:
        """The problem drawn for a terminal, without a final newline."""
        head = [f"{self.severity}: {self.title}"]
        gutter = " " * (len(str(self.span.line)) if self.span else 1)
        body = [] if self.span is None else _body(self.span, self.excerpt, self.label, gutter)
        tail = [f"{gutter} = help: {line}" for line in self.help.splitlines()]
        if body and tail:
            body.append(f"{gutter} |")
        return "\n".join(head + body + tail)


def problem(source: Source, span: Span, title: str, label: str = "", help: str = "") -> Diagnostic:
    """An error at a place of ``source``."""
    return Diagnostic(title, label, span, help, source.line(span.line))


def in_sequence(problems: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Without repetitions, sorted by place; those without a place come first."""
    unique = dict.fromkeys(problems)
    return sorted(unique, key=lambda each: (each.span is not None, each.span or Span("", 0, 0), each.title))


def nearest(word: str, known: Iterable[str]) -> str:
    """``did you mean `x`?`` for the likeliest of ``known``, else an empty text."""
    names = list(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6) or [
        name for name in names if name.lower() == word.lower()
    ]
    return f"did you mean `{close[0]}`?" if close else ""


def _body(span: Span, excerpt: str, label: str, gutter: str) -> list[str]:
    shown, column = _window(excerpt, span.column)
    visible = shown.replace("\t", " ")
    before = _width(visible[: column - 1])
    carets = "^" * max(_width(visible[column - 1 : column - 1 + span.length]), 1)
    return [
        f"{gutter}--> {span}",
        f"{gutter} |",
        f"{span.line} | {_printable(visible)}".rstrip(),
        f"{gutter} | {' ' * before}{carets} {label}".rstrip(),
    ]


def _window(excerpt: str, column: int) -> tuple[str, int]:
    """A long line cut around the place, with the column in what is left."""
    if len(excerpt) <= _WIDEST:
        return excerpt, column
    start = max(0, column - _WIDEST // 2)
    return excerpt[start : start + _WIDEST], column - start


def _width(text: str) -> int:
    """Columns that ``text`` takes on a terminal."""
    wide = sum(unicodedata.east_asian_width(each) in "WF" for each in text)
    return len(text) + wide - sum(unicodedata.combining(each) > 0 for each in text)


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
