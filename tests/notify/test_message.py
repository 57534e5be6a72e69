"""What is said of a run: enough to act on, and nothing that could harm whoever reads it."""

from __future__ import annotations

import pytest
from reporters.made import STARTED, bad, begun, ended, finished, good, hostile, result_of

from runner.notify.message import Message, happening, headline, message, text
from runner.record.events import Problem
from runner.record.result import RunResult
from runner.redact import Redactor, Secret


def said(result: RunResult, *left: str, command: str = "", redactor: Redactor | None = None) -> Message:
    return message(result, happening(result.status, None), left, command, redactor or Redactor())


@pytest.mark.parametrize(
    ("status", "before", "meant"),
    [
        ("passed", None, "success"),
        ("passed", "passed", "success"),
        ("passed", "failed", "recovery"),
        ("passed", "errored", "recovery"),
        ("passed", "refused", "recovery"),
        ("passed", "in_doubt", "recovery"),
        ("failed", "failed", "failure"),
        ("errored", None, "failure"),
        ("refused", "passed", "failure"),
        ("in_doubt", "failed", "in_doubt"),
        ("interrupted", "failed", "interrupted"),
    ],
)
def test_what_an_end_means(status: str, before: str | None, meant: str) -> None:
    """By how it ended, and how the one before it did."""
    assert happening(status, before) == meant


def test_in_doubt_names_the_orders_and_the_exact_command() -> None:
    """Both as a person needs them."""
    order = "order of unknown id (client order id c1), sym, participant p, last known state not known"
    data = said(bad(), order, command="pmx-run resume run-1 --state-dir /var/lib/pmx")
    assert data["in_doubt"] == [order]
    assert text(data).splitlines()[-1] == "to settle it: pmx-run resume run-1 --state-dir /var/lib/pmx"


def test_a_good_run_needs_two_lines() -> None:
    """What and where."""
    assert headline(said(good())) == "first-order on preprod: passed"
    assert len(text(said(good())).splitlines()) == 2


def test_many_steps_are_cut() -> None:
    """Twenty are told, the rest counted."""
    steps = [each for n in range(30) for each in (begun(f"s{n}"), ended(f"s{n}", "failed"))]
    data = said(result_of(*steps, finished("failed", 1)))
    assert (len(data["failed_steps"]), data["more_failed_steps"]) == (20, 10)
    assert "and 10 steps more" in text(data)


@pytest.mark.parametrize("nasty", ["a\r\nBcc: x", "\x1b[31m", "\u202eabc", "https://evil.test/x", "::error::x"])
def test_words_of_others_are_harmless(nasty: str) -> None:
    """One line, nothing hidden, no link."""
    data = said(hostile(nasty))
    shown = text(data)
    assert all(line.isprintable() for line in shown.splitlines())
    assert "://" not in shown
    assert "\n" not in headline(data)
    assert not any(line.startswith("::") for line in shown.splitlines())


def test_secrets_are_masked_before_anything_is_cut() -> None:
    """In every part."""
    secret = "Marker-12345"
    problem = Problem("refused", f"{'x' * 495}{secret}", f"try {secret}")
    result = result_of(begun("a", secret), ended("a", "errored", error=problem), finished("errored", 3, error=problem))
    data = said(result, f"order {secret}", command=f"resume {secret}", redactor=Redactor([Secret(secret)]))
    assert secret[:6] not in str(data)
    assert data["run_id"] == STARTED.run_id
