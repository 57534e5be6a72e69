"""Readings of a text: what it says once the ways in which texts are written inside other texts are undone.

A secret that is sent somewhere comes back quoted in a JSON text, in a URL, in a page, in the picture of a Python value,
or in a header that was broken over lines; twice, too. Each reading knows where in the text its characters stand.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from runner.frozen import frozen

Place: TypeAlias = tuple[int, int]

_DEEPEST = 3
_LARGE = 64 * 1024
_HEX = "[0-9A-Fa-f]"
_BACKSLASH = rf"u[dD][89abAB]{_HEX}{{2}}\\u[dD][c-fC-F]{_HEX}{{2}}|u{_HEX}{{4}}|U{_HEX}{{8}}|x{_HEX}{{2}}|."
_AFTER = {
    "\\": _BACKSLASH,
    "%": rf"[0-7]{_HEX}|[89A-Fa-f]{_HEX}(?:%[89A-Fa-f]{_HEX})*",
    "+": "",
    "&": rf"#\d{{1,7}};|#[xX]{_HEX}{{1,6}};|amp;|lt;|gt;|quot;|apos;",
    "\n": r"[ \t]*",
    "\r": r"\n[ \t]*",
}
_AFTER_OF_BYTES = _AFTER | {"\\": rf"x[89A-Fa-f]{_HEX}(?:\\x[89A-Fa-f]{_HEX})+|{_BACKSLASH}"}
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


@frozen
class Escape:
    """One way of writing: a text without its ``marks`` has nothing of it, ``plain`` undoes one piece."""

    marks: str
    pattern: re.Pattern[str]
    plain: Callable[[str], str]

    def undone(self, text: str) -> str:
        """``text`` as it was before."""
        if not any(mark in text for mark in self.marks):
            return text
        return self.pattern.sub(lambda found: self.plain(found[0]), text)

    def places(self, text: str, places: Iterable[Place]) -> list[Place]:
        """Where in ``text`` that stands which is at ``places`` of ``undone(text)``; a piece counts whole."""
        pieces = [(found.start(), found.end(), self.plain(found[0])) for found in self.pattern.finditer(text)]
        starts, shift = [], 0
        for start, end, plain in pieces:
            starts.append(start + shift)
            shift += len(plain) - (end - start)

        def origin(at: int) -> Place:
            """From where to where the character ``at`` was written."""
            nearest = bisect_right(starts, at) - 1
            if nearest < 0:
                return at, at + 1
            start, end, plain = pieces[nearest]
            past = at - starts[nearest] - len(plain)
            return (start, end) if past < 0 else (end + past, end + past + 1)

        return [(origin(start)[0], origin(end - 1)[1]) for start, end in places]


@frozen
class Reading:
    """A text with some escapes undone, one after the other."""

    text: str
    trail: tuple[tuple[Escape, str], ...] = ()

    def places(self, places: Sequence[Place]) -> Sequence[Place]:
        """Where in the text that was written ``places`` of this one stand."""
        for escape, before in reversed(self.trail):
            places = escape.places(before, places)
        return places


def ways_to(wanted: Collection[str]) -> tuple[Escape, ...]:
    """How to read a text in search of what is ``wanted``.

    All that can be undone is undone at once, unless something wanted looks like an escape itself: then each way is
    tried by its own, which takes many times as long.
    """
    if any(mark in each for each in wanted for mark in _ALL.marks):
        return _EACH
    of_a_form = (_ALL_OF_A_FORM,) if any(" " in each for each in wanted) else ()
    of_bytes = () if all(each.isascii() for each in wanted) else (_ALL_OF_BYTES,)
    return (_ALL, *of_a_form, *of_bytes)


def readings(text: str, ways: Iterable[Escape]) -> Iterator[Reading]:
    """Every other reading of ``text``, up to three levels deep (two where it is large), each once."""
    seen, level = {text}, [Reading(text)]
    for _ in range(_DEEPEST if len(text) <= _LARGE else _DEEPEST - 1):
        deeper: list[Reading] = []
        for reading in level:
            for escape in ways:
                undone = escape.undone(reading.text)
                if undone not in seen:
                    seen.add(undone)
                    deeper.append(Reading(undone, (*reading.trail, (escape, reading.text))))
        yield from deeper
        level = deeper


def _percent(piece: str) -> str:
    return " " if piece == "+" else bytes.fromhex(piece.replace("%", "")).decode(errors="replace")


def _backslash(piece: str) -> str:
    kind = piece[1]
    if kind in "uU" and len(piece) > 2:
        codes = "".join(chr(int(each, 16)) for each in re.split(r"\\[uU]", piece)[1:] if int(each, 16) <= 0x10FFFF)
        return codes.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if kind == "x" and len(piece) > 4:
        return bytes.fromhex(piece.replace("\\x", "")).decode(errors="replace")
    if kind == "x" and len(piece) == 4:
        return chr(int(piece[2:], 16))
    return _CONTROLS.get(kind, kind)


def _entity(piece: str) -> str:
    name = piece[1:-1]
    if not name.startswith("#"):
        return _ENTITIES[name]
    code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    return chr(code) if code <= 0x10FFFF else piece


def _any(piece: str) -> str:
    match piece[0]:
        case "\\":
            return _backslash(piece)
        case "&":
            return _entity(piece)
        case "%" | "+":
            return _percent(piece)
    return ""


def _escape(marks: str, plain: Callable[[str], str], after: Mapping[str, str] = _AFTER) -> Escape:
    """Of several kinds. The pattern begins with one of few characters, between which a search passes over quickly."""
    kinds = "|".join(f"(?<={re.escape(mark)})(?:{after[mark]})" for mark in marks)
    return Escape(marks, re.compile(f"[{re.escape(marks)}](?:{kinds})"), plain)


_EACH = (
    _escape("\\", _backslash),
    _escape("\\", _backslash, _AFTER_OF_BYTES),
    _escape("%", _percent),
    _escape("%+", _percent),
    _escape("&", _entity),
    _escape("\n\r", lambda _: ""),
)
_ALL = _escape("\\%&\n\r", _any)
_ALL_OF_BYTES = _escape("\\%&\n\r", _any, _AFTER_OF_BYTES)
_ALL_OF_A_FORM = _escape("\\%+&\n\r", _any)
