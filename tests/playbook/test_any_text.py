"""Whatever stands in a file: a playbook or a refusal with pictures, never anything else."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from runner.errors import WrongInput
from runner.playbook import tokens
from runner.playbook.load import Actions, Forgetful, load
from runner.playbook.model import Playbook
from runner.playbook.reader import decode, read
from runner.source import Source

WRONG = sorted((Path(__file__).parent / "wrong").glob("*.yaml"))
PIECES = (
    *("version: 1\n", "name: x\n", "steps:\n", "  - id: a\n", "    action: whoami\n", "    with: {symbol: x}\n"),
    *("    expect: [result.a]\n", "    cleanup: [", "    capture:\n", "      b: c\n", "inputs: {a: {type: list"),
    *("finally: ", "    retry: {attempts: ", "    repeat: {until: ", "outputs: ", "limits: ", "defaults: ", "{{ x }}"),
    *("&a ", "*a", "<<: ", "[", "]", "{", "}", ": ", "- ", "\n", "  ", '"', "'", "#", "\t", "|\n", "5", "~", "true"),
    *("? ", "!!str ", "\\u", "\x85", "\u2028", "%"),
)
# A `? ` that goes on a text inside of brackets is a key to one parser and more text to the other.
TELLING = [piece for piece in PIECES if piece != "? "]
quick = settings(
    max_examples=250, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def check(text: str, known: Actions) -> None:
    """Load it; a refusal must have pictures, and any other exception gets through."""
    pictures = ["a playbook"]
    try:
        assert isinstance(load(Source("any.yaml", text), known, Forgetful()), Playbook)
    except WrongInput as refused:
        pictures = [each.picture() for each in refused.diagnostics]
    assert pictures
    assert all(pictures)


@quick
@example(text="\ud800")
@example(text="a: \x00")
@example(text="\ufeff")
@given(text=st.text(max_size=80))
def test_any_text_is_a_playbook_or_refused(text: str, known: Actions) -> None:
    """No traceback for any text."""
    check(text, known)


@quick
@given(parts=st.lists(st.sampled_from(PIECES), max_size=30))
def test_any_pieces_of_playbooks_are_a_playbook_or_refused(parts: list[str], known: Actions) -> None:
    """No traceback for what looks like a playbook."""
    check("".join(parts), known)


@quick
@given(path=st.sampled_from(WRONG), start=st.integers(0, 400), length=st.integers(0, 20), piece=st.sampled_from(PIECES))
def test_any_damage_to_a_playbook_is_refused_or_harmless(
    path: Path, start: int, length: int, piece: str, known: Actions
) -> None:
    """No traceback for a text that a slip of the hand has changed."""
    text = path.read_bytes().decode("utf-8", "replace")
    check(text[:start] + piece + text[start + length :], known)


@quick
@given(content=st.binary(max_size=60))
def test_any_bytes_are_a_text_or_refused(content: bytes) -> None:
    """No traceback for any file."""
    with contextlib.suppress(WrongInput):
        assert isinstance(decode("any.yaml", content), Source)


@quick
@given(parts=st.lists(st.sampled_from([*TELLING, "a: b\n", "  c: d\n", "- e\n"]), max_size=12))
def test_both_parsers_read_alike(parts: list[str]) -> None:
    """The same values, or a refusal by both."""
    source = Source("any.yaml", "".join(parts))
    assert outcome(source, slow=False) == outcome(source, slow=True)


def outcome(source: Source, *, slow: bool) -> object:
    with pytest.MonkeyPatch.context() as patch:
        if slow:
            patch.setattr(tokens, "_fast_parser", tokens._slow_parser)
        try:
            return read(source).plain()
        except WrongInput:
            return "refused"
