"""The live view of a terminal: the step under way has a line that moves, finished ones stand above it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable

from rich.console import Console
from rich.text import Text

from runner.clock import Clock

_STYLES = {"✔": "green", "✘": "red", "!": "yellow", "?": "bold red", "–": "dim"}
_MARKED_ITEM = re.compile(rf"^(?: {{2}}| {{4,}})[{''.join(_STYLES)}](?= )")
_DETAIL = "    "
_DETAIL_INDENT = " " * 14
_INDENT = "  "


class LiveView:
    """Shows steps with rich; ``color`` off keeps the motion and drops the colours."""

    def __init__(self, clock: Clock, *, color: bool) -> None:
        self._clock = clock
        self._console = Console(no_color=not color, highlight=False, soft_wrap=True)
        self._status = self._console.status("")
        self._title = ""
        self._under_way = ""

    def begin(self, id: str, title: str) -> None:
        """Show the step as moving."""
        self._title = self._under_way = f"{id}  {title}"
        self._status.update(Text(self._under_way))
        self._status.start()

    def waiting(self, told: Callable[[float], str]) -> None:
        """Say why nothing happens, and how long that may still be."""
        began, under_way = self._clock.steady(), self._under_way
        self._status.update(_Moving(lambda: f"{under_way}  ({told(self._clock.steady() - began)})"))

    def pulse(self, text: str) -> None:
        """The line moves by itself."""

    def progress(self, text: str) -> None:
        """Say how far a step is that holds others."""
        self._under_way = f"{self._title}  {text}"
        self._status.update(Text(self._under_way))
        self._status.start()

    def asked(self) -> None:
        """Stand still: a person is typing."""
        self._status.stop()

    def end(self, mark: str, id: str, title: str, outcome: str) -> None:
        """Put the finished step's line in the moving one's place."""
        self._status.stop()
        line = Text.assemble((f"{mark} ", _STYLES.get(mark, "")), f"{id:<14} {title:<34} ", (outcome, "dim"))
        line.truncate(self._console.width, overflow="ellipsis")
        self._console.print(line)

    def line(self, text: str) -> None:
        """A line of its own; indented ones are details."""
        detail = text.startswith(_DETAIL)
        indent = _DETAIL_INDENT if detail else _INDENT
        for line in text.splitlines() or [""]:
            shown = textwrap.fill(line, self._console.width, subsequent_indent=indent, break_on_hyphens=False)
            told = Text(shown, style="dim" if detail else "")
            told.highlight_regex(_MARKED_ITEM, lambda found: _STYLES[found.strip()])
            self._console.print(told)


class _Moving:
    """A text that is made anew whenever it is shown."""

    def __init__(self, text: Callable[[], str]) -> None:
        self._text = text

    def __rich__(self) -> Text:
        return Text(self._text())

    def __str__(self) -> str:
        return self._text()
