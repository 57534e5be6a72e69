"""The events of PyYAML's parser, checked: what the text says wrongly becomes a complaint in our words.

The two parsers of PyYAML differ in small things (a tab between words, an escape of no character); what only one of
them refuses is refused here for both.
"""

from __future__ import annotations

import bisect
import re
from typing import TYPE_CHECKING, Any

from runner.playbook.syntax import explain, place_of

if TYPE_CHECKING:
    from runner.playbook.complaints import Complaints
    from runner.source import Source

_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#.*", re.MULTILINE)


class Stop(Exception):
    """The rest of the text can't be read; the complaint was made."""


class Events:
    """The events of a text, one after the other.

    ``next`` raises Stop where the text is no YAML.
    """

    __slots__ = ("_complaints", "_error", "_next", "_opaque", "_source", "_tabs")

    def __init__(self, source: Source, complaints: Complaints) -> None:
        import yaml

        self._error = yaml.MarkedYAMLError
        self._source = source
        self._complaints = complaints
        self._next = _parser(source.text).get_event
        self._tabs = "\t" in source.text
        self._opaque: list[tuple[int, int]] = []

    def next(self) -> Any:
        """The next event of PyYAML."""
        try:
            event = self._next()
        except self._error as error:
            self._refuse(error)
            raise Stop from None
        if self._tabs:
            self._note(event)
        return event

    def _note(self, event: Any) -> None:
        """Remember where quoted and block texts are, and at the end look for tabs outside of them."""
        kind = type(event).__name__
        if kind == "ScalarEvent" and event.style:
            self._opaque.append((event.start_mark.index, event.end_mark.index))
        elif kind == "StreamEndEvent" and (tab := self._first_tab(len(self._source.text))) is not None:
            self._complain_of_tab(tab)

    def _first_tab(self, end: int) -> int | None:
        """The first tab before ``end`` that stands neither in a quoted or block text nor in a comment."""
        text = self._source.text
        allowed = sorted(self._opaque + [each.span() for each in _COMMENT.finditer(text)])
        starts = [start for start, _ in allowed]
        for match in re.finditer("\t", text[:end]):
            before = bisect.bisect_right(starts, match.start())
            if not any(match.start() < stop for _, stop in allowed[max(before - 2, 0) : before]):
                return match.start()
        return None

    def _complain_of_tab(self, index: int) -> None:
        place = place_of(self._source, index)
        self._complaints.add(place, "a tab between words", "YAML wants spaces here", "write spaces")

    def _refuse(self, error: Any) -> None:
        index = error.problem_mark.index
        tab = self._first_tab(index + 1) if self._tabs else None
        if tab is not None:
            self._complain_of_tab(tab)
        else:
            self._complaints.add(*explain(self._source, error))


def _fast_parser(text: str) -> Any:
    from yaml._yaml import CParser

    return CParser(text)


def _slow_parser(text: str) -> Any:
    from runner.playbook.slow_parser import SlowParser

    return SlowParser(text)


def _parser(text: str) -> Any:
    try:
        return _fast_parser(text)
    except ImportError:
        return _slow_parser(text)
