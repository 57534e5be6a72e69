"""Texts that people wrote, and places in them."""

from __future__ import annotations

from runner.frozen import frozen


@frozen
class Span:
    """A place in a text: line and column count from 1, ``length`` in characters, on one line."""

    path: str
    line: int
    column: int
    length: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"

    def __lt__(self, other: Span) -> bool:
        return (self.path, self.line, self.column) < (other.path, other.line, other.column)


@frozen
class Source:
    """A whole text with the path that people know it by."""

    path: str
    text: str

    def line(self, number: int) -> str:
        """Line ``number`` (from 1) without its end, empty beyond the text."""
        lines = self.text.splitlines()
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def span(self, line: int, column: int, length: int = 1) -> Span:
        """A place in this text."""
        return Span(self.path, line, column, max(length, 1))
