"""Texts of others in a report: nothing hidden, nothing that a CI server obeys, nothing without an end."""

from __future__ import annotations

import pytest

from runner.reporters.data import in_short, written_out
from runner.reporters.visible import cut, visible, visible_lines

SHOWN = {
    "plain": ("an order, 0.57 $ — größer", "an order, 0.57 $ — größer"),
    "terminal escape": ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
    "lines": ("one\ntwo\r\nthree\tfour", "one\\x0atwo\\x0d\\x0athree\\x09four"),
    "right to left": ("abc\u202edcba\u2066", "abc\\u202edcba\\u2066"),
    "no width": ("a\u200bb\ufeffc\u00add", "a\\u200bb\\ufeffc\\xadd"),
    "line separators": ("a\u2028b\u0085c", "a\\u2028b\\x85c"),
    "half a pair": ("\ud800", "\\ud800"),
    "tags": ("\U000e0041", "\\U000e0041"),
    "no character": ("\ufffe\uffff", "\\ufffe\\uffff"),
    "a command": ("::error::x", "\\x3a:error::x"),
    "a command behind spaces": ("  ::set-output name=a::b", "  \\x3a:set-output name=a::b"),
    "another server's": ("x ##vso[task.setvariable]y ##[error] ##teamcity[", "x \\x23#vso[task.setvariable]y "),
    "no command": ("a::b #1 ## heading", "a::b #1 ## heading"),
}


@pytest.mark.parametrize(("text", "shown"), SHOWN.values(), ids=SHOWN)
def test_shown(text: str, shown: str) -> None:
    """What can't be seen is written out; what a server would obey has lost its first sign."""
    found = visible(text)
    assert found == shown or (len(shown) > 20 and found.startswith(shown) and "##" not in found)


def test_lines_that_are_meant() -> None:
    """They stay lines, and each of them is harmless."""
    assert visible_lines("a\n\tb\n::warning::c", 100) == "a\n\\x09b\n\\x3a:warning::c"


def test_cut() -> None:
    """A long text says how much of it is missing."""
    assert cut("x" * 10, 10) == "x" * 10
    assert cut("x" * 1_000_000, 10) == f"{'x' * 10}… (999,990 more characters)"
    assert visible("\x00" * 1_000_000) == f"{chr(92)}x00" * 500 + "… (999,500 more characters)"


def test_values() -> None:
    """Each text in a value is cut, and then the whole."""
    assert written_out({"a": "x" * 1_002, "b": [1, None]}, 10_000).startswith('{\n  "a": "' + "x" * 1_000 + "… (2 more")
    assert written_out(list(range(10_000)), 50).endswith("more characters)")
    assert (in_short("text"), in_short({"a": 1})) == ("text", '{"a": 1}')
