"""Values as the explanation of a failed check shows them: whole where they are short, else as much as fits.

::

    {id: "b", price: 0.20, … 14 more}
    ["tec-nfl-1", "tec-nfl-2", … 95 more]
    "-----BEGIN CERTIFICATE-----\\nMIID…" (1,862 characters)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from json.encoder import encode_basestring
from typing import TypeAlias

from runner.expression.values import scalar_text
from runner.redact import MASK, Secret

Redact: TypeAlias = Callable[[str], str]

_ROOM = 100
_LONGEST_TEXT = 60
_DEEPEST = 3
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def preview(value: object, redact: Redact, room: int = _ROOM, levels: int = _DEEPEST) -> str:
    """The value in about ``room`` characters. ``redact`` masks each text before any of it is cut away."""
    match value:
        case Secret():
            return MASK
        case str():
            return quoted(redact(value), min(room, _LONGEST_TEXT))
        case Mapping():
            fields = ((f"{_key(str(key), redact)}: ", item) for key, item in value.items())
            return "{" + _listed(fields, len(value), redact, room, levels) + "}"
        case list() | tuple():
            return "[" + _listed((("", item) for item in value), len(value), redact, room, levels) + "]"
    return scalar_text(value)


def quoted(text: str, room: int = _LONGEST_TEXT) -> str:
    """A text in quotes; of a long one the beginning and its length. It has been redacted."""
    if len(text) <= max(room, 8):
        return encode_basestring(text)
    return f"{encode_basestring(text[: max(room - 20, 8)] + '…')} ({len(text):,} characters)"


def _key(key: str, redact: Redact) -> str:
    return redact(key) if _PLAIN_KEY.fullmatch(key) and len(key) <= _LONGEST_TEXT else quoted(redact(key))


def _listed(parts: Iterable[tuple[str, object]], count: int, redact: Redact, room: int, levels: int) -> str:
    """As many of ``count`` parts as there is room for, the first one always."""
    if count and not levels:
        return "…"
    shown: list[str] = []
    left = room
    for label, item in parts:
        text = label + preview(item, redact, max(room // 2 - len(label), 8), levels - 1)
        if shown and left < len(text):
            break
        shown.append(text)
        left -= len(text) + 2
    more = count - len(shown)
    return ", ".join([*shown, f"… {more:,} more"] if more else shown)
