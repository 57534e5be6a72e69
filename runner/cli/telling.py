"""Lines of styled pieces for stdout: colours on a terminal, the same text without them anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TypeAlias

Piece: TypeAlias = tuple[str, str]
"""A text and its style: ``bold``, ``dim``, ``cyan``, or empty."""

Line: TypeAlias = tuple[Piece, ...]


def plain(line: Line) -> str:
    """The line's text alone."""
    return "".join(text for text, _ in line).rstrip()


def tell(lines: Iterable[Line], *, color: bool) -> None:
    """Print the lines; colours need a terminal, the option, and an environment without ``NO_COLOR``."""
    if not (color and sys.stdout.isatty()):
        for line in lines:
            print(plain(line))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for line in lines:
        console.print(Text.assemble(*line))
