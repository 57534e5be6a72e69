"""The Markdown report: its whole picture, and the room that it keeps to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from reporters import made
from runner.reporters.markdown import code, text, words

FOLDER = Path(__file__).parent / "pictures"
RUNS = {
    "good": made.good(),
    "bad": made.bad(),
    "killed": made.unfinished(under_way=False),
    "running": made.unfinished(under_way=True),
}


@pytest.mark.parametrize("name", RUNS)
def test_picture(name: str, golden: Callable[[Path, str], None]) -> None:
    """Summary, what is in doubt with the command to type, what failed and why, every step, every order."""
    golden(FOLDER / f"{name}.md", text([RUNS[name]]))


@pytest.mark.parametrize(("steps", "runs"), [(20_000, 1), (400, 60)], ids=["one long run", "many runs"])
def test_it_fits_into_a_summary(steps: int, runs: int) -> None:
    """1 MiB is what a CI job may say; what has no room is counted."""
    written = text([made.long(steps)] * runs)
    assert len(written.encode()) < 1024 * 1024
    assert "left out: a CI server's summary takes no more" in written


def test_many_steps_are_folded() -> None:
    """A long list does not push what matters off the screen."""
    written = text([made.long(60)])
    assert "<details><summary>All 60 steps</summary>\n\n| | step |" in written
    assert written.index("What there is to look at") < written.index("<details>")


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("Place an order", "Place an order"),
        ("3 of 5, then: done (late).", "3 of 5, then: done (late)."),
        ("it’s 50% größer…", "it’s 50% größer…"),
        ("", ""),
        ("a_b", "`a_b`"),
        ("a|b", "`a`&#124;`b`"),
        ("`", "`` ` ``"),
        ("see www.x", "`see www.x`"),
        ("GH-12", "`GH-12`"),
        ("$1 and $2", "`$1 and $2`"),
        ("- a", "`- a`"),
    ],
)
def test_words(given: str, written: str) -> None:
    """Plain words stay as they are, anything else stands in code."""
    assert words(given) == written


def test_code() -> None:
    """The fence is longer than any in the text, and a bar stands outside of it."""
    assert code("a ``` b") == "````a ``` b````"
    assert code("|") == "&#124;"
    assert code(" a ") == "`  a  `"
