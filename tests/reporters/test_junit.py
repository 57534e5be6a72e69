"""The JUnit report: what CI servers accept, and a verdict that is the run's own."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import xmlschema

from reporters import made
from reporters.test_hostile import TEXTS
from reporters.test_json_report import RUNS as ENGINE_RUNS
from runner.record.events import CleanupDone, CleanupOwed, Problem
from runner.record.result import RunResult
from runner.reporters.junit import text

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "pictures"
SCHEMA = ROOT / ".proof" / "junit-10.xsd"
RUNS = {
    "good": made.good(),
    "bad": made.bad(),
    "killed": made.unfinished(under_way=False),
    "running": made.unfinished(under_way=True),
    "nothing": made.result_of(made.finished()),
    "refused": made.result_of(made.finished("refused", 5, error=Problem("refused", "no", "ask"))),
    "long": made.long(50),
}
ELEMENTS = {
    "testsuites": {"name", "tests", "failures", "errors", "time"},
    "testsuite": {
        *("name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id", "package"),
    },
    "properties": set(),
    "property": {"name", "value"},
    "testcase": {"name", "classname", "time"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"type", "message"},
    "system-out": set(),
}
"""Every element that the xUnit plugin of Jenkins knows and that we write, with all that we write of it."""

WITHIN = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase"},
    "properties": {"property"},
    "testcase": {"failure", "error", "skipped", "system-out"},
}


def suite_of(*results: RunResult) -> ET.Element:
    suites = ET.fromstring(text(results))
    return suites[0]


@pytest.mark.parametrize("name", ["good", "bad", "killed"])
def test_picture(name: str, golden: Callable[[Path, str], None]) -> None:
    """A case for each step and each item, properties, calls in its output."""
    golden(FOLDER / f"{name}.xml", text([RUNS[name]]))


@pytest.mark.parametrize("result", RUNS.values(), ids=RUNS)
def test_form(result: RunResult) -> None:
    """Known elements in their places, each with all of its attributes; counts that are true."""
    suites = ET.fromstring(text([result, result]))
    for element in suites.iter():
        assert set(element.attrib) == ELEMENTS[element.tag]
        assert {child.tag for child in element} <= WITHIN.get(element.tag, set())
    for suite in suites:
        cases = suite.findall("testcase")
        assert len({case.get("name") for case in cases}) == len(cases) == int(suite.get("tests", ""))
        for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(count, "")) == len(suite.findall(f"testcase/{tag}"))
    assert int(suites.get("tests", "")) == 2 * int(suites[0].get("tests", ""))


@pytest.mark.parametrize("make", ENGINE_RUNS.values(), ids=ENGINE_RUNS)
def test_verdict(make: Any, world: Any) -> None:
    """Neither failures nor errors where the exit code is 0, and only there."""
    result = make(world).result
    suite = suite_of(result)
    assert (suite.get("failures") == suite.get("errors") == "0") == (result.finished.exit_code == 0)


def test_what_is_what() -> None:
    """A check that did not hold is a failure; a doubt and a debt are errors; what was left out is skipped."""
    cases = {case.get("name"): [child.tag for child in case] for case in suite_of(made.bad()).findall("testcase")}
    assert cases == {
        "me": ["failure", "system-out"],
        "slow": ["system-out"],
        "later": ["skipped", "system-out"],
        "never": ["skipped", "system-out"],
        "place[0]": ["system-out"],
        "place[1]": ["failure", "system-out"],
        "place[2]": ["failure", "system-out"],
        "order": ["error", "system-out"],
        "cleanup of order": ["error"],
    }


def test_a_debt_alone() -> None:
    """A run whose every step passed and whose cleanup failed is no green one."""
    owed = CleanupOwed("order", "order", "c"), CleanupDone("order", "order", "failed", "no answer")
    events = (made.begun("order"), made.ended("order"), *owed, made.finished("in_doubt", 4))
    assert suite_of(made.result_of(*events)).get("errors") == "1"


def test_an_interrupted_run() -> None:
    """Where no case tells why a run did not pass, one of its own does."""
    events = (made.begun("order"), made.ended("order"), made.finished("interrupted", 130))
    [*_, last] = suite_of(made.result_of(*events)).findall("testcase")
    assert (last.get("name"), last[0].tag, last[0].get("message")) == ("run", "error", "interrupted")


@pytest.mark.proof
def test_schema_of_jenkins(record_property: Callable[[str, object], None]) -> None:
    """The xUnit plugin's own schema accepts every report, of hostile texts, too."""
    if not SCHEMA.exists():
        pytest.skip("no junit-10.xsd: `make proof` brings it")
    schema = xmlschema.XMLSchema(SCHEMA)
    runs = [*RUNS.values(), *map(made.hostile, TEXTS.values()), replace(made.long(), under_way=True)]
    for result in runs:
        schema.validate(text([result, result]))
    record_property("reports", len(runs))
