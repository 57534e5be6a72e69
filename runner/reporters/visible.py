"""Texts of others made harmless for a report: what can't be seen is written out, what is long is cut.

The exchange's words, and those of a playbook, may hold terminal escapes, marks that turn the direction of writing round
(U+202E), characters without a width, or a line that a CI server takes for a command (``::error::``, ``##vso[``).
"""

from __future__ import annotations

import re

LONGEST = 500
_COMMANDS = re.compile(r"^(\s*):(?=:)|#(?=#\w*\[)", re.MULTILINE)


def visible(text: str, most: int = LONGEST) -> str:
    """``text`` on one line, of at most ``most`` characters (and a word on what was cut), with nothing hidden in it."""
    return _without_commands(_escaped(cut(text, most)))


def visible_lines(text: str, most: int) -> str:
    """The same of a text whose lines are meant."""
    return _without_commands("\n".join(map(_escaped, cut(text, most).split("\n"))))


def cut(text: str, most: int) -> str:
    """The beginning of a long text, and how much more there is."""
    more = len(text) - most
    return text if more <= 0 else f"{text[:most]}… ({more:,} more characters)"


def _escaped(text: str) -> str:
    return text if text.isprintable() else "".join(map(_character, text))


def _character(character: str) -> str:
    code = ord(character)
    if character.isprintable():
        return character
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _without_commands(text: str) -> str:
    return _COMMANDS.sub(lambda found: f"{found[1]}\\x3a" if found[0].endswith(":") else "\\x23", text)
