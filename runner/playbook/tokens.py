"""The events of PyYAML's parser, checked: what the text says wrongly becomes a complaint in our words.

The two parsers of PyYAML differ in small things (a tab between words, an escape of no character); what only one of
them refuses is refused here for both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runner.playbook.syntax import explain, place_of

if TYPE_CHECKING:
    from runner.playbook.complaints import Complaints
    from runner.source import Source

_TAB = re.compile(r"(?<![^ \t\n\r\x85\u2028\u2029])#[^\n\r\x85\u2028\u2029]*|\t")
# What the parser has not handed out yet may be a quoted text.
_TAB_NOT_READ = re.compile(r"""(?<![^\s,:\[{-])(?:"(?:\\.|[^"\\])*"?|'(?:''|[^'])*'?)|""" + _TAB.pattern, re.DOTALL)
_PROPERTIES = re.compile(r"(?:[&!]\S*[ \t]*)*")


class Stop(Exception):
    """The rest of the text can't be read; the complaint was made."""


class Events:
    """The events of a text, one after the other.

    ``next`` raises Stop where the text is no YAML.
    """

    __slots__ = ("_complaints", "_error", "_next", "_opaque", "_seen", "_source", "_tabs")

    def __init__(self, source: Source, complaints: Complaints) -> None:
        import yaml

        self._error = yaml.MarkedYAMLError
        self._source = source
        self._complaints = complaints
        self._next = _parser(source.text).get_event
        self._tabs = "\t" in source.text
        self._opaque: list[tuple[int, int]] = []
        self._seen = 0

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
        self._seen = event.end_mark.index
        kind = type(event).__name__
        if kind == "ScalarEvent" and event.style:
            self._opaque.append((value_start(self._source.text, event), event.end_mark.index))
        elif kind == "StreamEndEvent" and (tab := self._first_tab(len(self._source.text))) is not None:
            self._complain_of_tab(tab)

    def _first_tab(self, end: int) -> int | None:
        """The first tab before ``end`` that stands neither in a quoted or block text nor in a comment."""
        position = 0
        for start, stop in [*self._opaque, (end, end)]:
            found = _first(_TAB, self._source.text, position, min(start, self._seen))
            found = (
                _first(_TAB_NOT_READ, self._source.text, max(position, self._seen), start) if found is None else found
            )
            if found is not None:
                return found
            position = stop
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


def value_start(text: str, event: Any) -> int:
    """The number of the character where a scalar itself begins, behind its anchor and its tag."""
    start: int = event.start_mark.index
    if event.anchor is None and event.tag is None:
        return start
    match = _PROPERTIES.match(text, start, event.end_mark.index)
    return start if match is None else match.end()


def _first(pattern: re.Pattern[str], text: str, start: int, end: int) -> int | None:
    found = (match.start() for match in pattern.finditer(text, start, end) if match[0] == "\t")
    return next(found, None)


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
