"""Strict YAML: a text becomes a tree of plain values with the place of every key and value.

Read are the core scalars of YAML 1.2, anchors, aliases and ``<<`` merges, and nothing that would surprise: no second
key of one name, no tags of other languages, no directives, no tabs between the words. A text of a few lines whose
aliases stand for millions of values is refused by counting, without building them.

The fast parser of PyYAML is used if it was built, else the one in Python; both give the same tree and the same
complaints.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runner.diagnostic import problem
from runner.errors import WrongInput
from runner.playbook.complaints import Complaints
from runner.playbook.composer import Composer
from runner.playbook.syntax import place_of
from runner.playbook.tokens import Stop
from runner.source import Source

if TYPE_CHECKING:
    from runner.playbook.nodes import Node

MOST_BYTES = 8 * 1024 * 1024

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_DIRECTIVE = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n?|\n))*(%[^\r\n]*)")


def decode(path: str, content: bytes) -> Source:
    """The text of a file; raises WrongInput if it is longer than 8 MiB, not UTF-8 or begins with a byte order mark."""
    text = content[: MOST_BYTES + 1].decode("utf-8", "replace")
    source = Source(path, text)
    if len(content) > MOST_BYTES:
        raise WrongInput([problem(source, source.span(1, 1), "the file is longer than 8 MiB")])
    try:
        return Source(path, content.decode("utf-8"))
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        title = f"the file is not UTF-8: byte 0x{content[error.start]:02x}"
        place = place_of(Source(path, before), len(before))
        raise WrongInput([problem(source, place, title, help="save it with the encoding UTF-8")]) from None


def read(source: Source) -> Node:
    """The tree of a text; raises WrongInput with every problem found."""
    complaints = Complaints(source)
    node = read_into(source, complaints)
    complaints.raise_any()
    assert node is not None  # noqa: S101 - without a complaint there is a tree
    return node


def read_into(source: Source, complaints: Complaints) -> Node | None:
    """The tree of a text as far as it can be read, its problems added to ``complaints``; None if it breaks off."""
    try:
        _check_text(source, complaints)
        return Composer(source, complaints).document()
    except Stop:
        return None


def _check_text(source: Source, complaints: Complaints) -> None:
    """Refuse what is better seen in the text than in its tokens."""
    text = source.text
    first = source.span(1, 1)
    if len(text) > MOST_BYTES:
        complaints.add(first, "the text is longer than 8 MiB")
    elif text.startswith("\ufeff"):
        complaints.add(first, "the text begins with a byte order mark", help="save it as UTF-8 without BOM")
    elif match := _UNPRINTABLE.search(text):
        title = f"the character U+{ord(match[0]):04X} can't stand in YAML"
        complaints.add(place_of(source, match.start()), title, help='remove it, or write "\\u…" in double quotes')
    elif match := _DIRECTIVE.match(text):
        span = place_of(source, match.start(1), len(match[1]))
        complaints.add(span, "a YAML directive", "directives are not read", "remove this line")
    else:
        return
    raise Stop
