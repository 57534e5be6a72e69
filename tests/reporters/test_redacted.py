"""A report never sees a secret, so it can't show the half of one."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from reporters import made
from reporters.test_hostile import FORMATS
from runner.cli.reports import ReportTargets
from runner.record.events import Captured
from runner.redact import Redactor, Secret
from runner.reporters.redacted import redacted

SECRET = 'odd"secret<&>'


@pytest.mark.parametrize("format", [*FORMATS, "json"])
@pytest.mark.parametrize("before", [490, 494, 995, 3_990, 19_990])
def test_cut_in_the_middle(before: int, format: str, tmp_path: Path) -> None:
    """Wherever a text is cut, the secret in it was masked before."""
    path = tmp_path / "report"
    result = made.hostile("x" * before + SECRET)
    assert ReportTargets([f"{format}={path}"]).write([result], Redactor([Secret(SECRET)]), {})
    written = path.read_text(encoding="utf-8")
    assert not [part for part in (SECRET[:4] + '"', "odd&", 'odd\\"', "xodd") if part in written]


def test_numbers() -> None:
    """A number that is a secret is masked where a playbook or the exchange may have put it, not in our own figures."""
    result = made.result_of(
        made.begun("one"), Captured("one", "pin", [931_931, Decimal("931931")]), made.ended("one", took=931_931)
    )
    (step,) = redacted(result, Redactor([Secret("931931")])).steps
    assert step.captures == {"pin": ["****", "****"]}
    assert step.finished is not None
    assert step.finished.duration_ms == 931_931


def test_names_spoil_no_report() -> None:
    """A person who is called as a status is masked in texts alone."""
    redactor = Redactor()
    redactor.learn_name("passed")
    result = redacted(made.good(), redactor)
    assert (result.status, [step.status for step in result.steps]) == ("passed", ["passed", "passed"])
