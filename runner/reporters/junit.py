"""The JUnit report: what CI servers show as tests, a suite for each run and a case for each step.

Elements and attributes are those that Jenkins' xUnit plugin accepts (its ``junit-10.xsd``), with the attributes that
Ant's schema demands besides. *Failure*: a check or the exchange said no. *Error*: it could not be done, a guard refused
it, or it is in doubt. *Skipped*: left out, or blocked by another step. A report with neither failures nor errors is one
of a run with exit code 0.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from datetime import UTC

from runner.frozen import frozen
from runner.record.events import CallMade
from runner.record.result import CleanupResult, RunResult, StepResult
from runner.reporters.data import in_short, written_out
from runner.reporters.lines import duration, facts
from runner.reporters.rows import BAD, OUTCOMES, doubts, inner, status_of, summary, to_settle
from runner.reporters.visible import visible, visible_lines

_LONGEST_BODY = 4_000
_ELEMENTS = {
    "failed": "failure",
    "errored": "error",
    "refused": "error",
    "in_doubt": "error",
    "skipped": "skipped",
    "blocked": "skipped",
}


@frozen
class _Case:
    """One test case; ``element`` is ``failure``, ``error``, ``skipped``, or empty for one that passed."""

    name: str
    milliseconds: int
    element: str = ""
    kind: str = ""
    message: str = ""
    text: str = ""
    out: str = ""


def text(results: Sequence[RunResult]) -> str:
    """The whole report of one run or of several."""
    suites = ET.Element("testsuites", name="pmx-run")
    for number, result in enumerate(results):
        suites.append(_suite(result, number))
    for name in ("tests", "failures", "errors"):
        suites.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    suites.set("time", _seconds(sum(each.finished.duration_ms for each in results if each.finished)))
    ET.indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(suites, encoding="unicode")}\n'


def _suite(result: RunResult, number: int) -> ET.Element:
    started, cases = result.started, list(_cases(result))
    classname = f"{visible(started.surroundings.name)}.{visible(started.playbook)}"
    counts = {
        "tests": len(cases),
        "failures": sum(case.element == "failure" for case in cases),
        "errors": sum(case.element == "error" for case in cases),
        "skipped": sum(case.element == "skipped" for case in cases),
    }
    suite = ET.Element(
        "testsuite",
        {
            "name": visible(started.playbook),
            **{name: str(count) for name, count in counts.items()},
            "time": _seconds(result.finished.duration_ms if result.finished else 0),
            "timestamp": started.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "hostname": visible(started.surroundings.host) or "localhost",
            "id": str(number),
            "package": visible(started.surroundings.name),
        },
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(result):
        ET.SubElement(properties, "property", name=name, value=visible(value))
    suite.extend(_element(case, classname) for case in cases)
    return suite


def _properties(result: RunResult) -> Iterator[tuple[str, str]]:
    started, where = result.started, result.started.surroundings
    yield "run_id", started.run_id
    yield "environment", where.name
    yield "host", where.host
    yield "participant", where.participant
    yield "account", where.account
    yield "playbook", started.path
    yield "playbook_sha256", started.sha256
    yield "tool_version", started.tool_version
    yield "status", result.status
    yield "exit_code", str(result.finished.exit_code) if result.finished else ""
    for order in result.orders:
        yield "order", f"{order.order_id or order.clord_id} {order.intended.symbol} {order.state}"


def _cases(result: RunResult) -> Iterator[_Case]:
    cases = [case for step in result.steps for case in _of_step(result, step)]
    cases += (_of_cleanup(each) for each in result.cleanups if each.status != "not_needed")
    yield from cases
    if result.status != "passed" and not any(case.element in {"failure", "error"} for case in cases):
        yield _of_run(result)


def _of_step(result: RunResult, step: StepResult) -> Iterator[_Case]:
    """The step's case, or those of a loop's items; the loop's own where its items do not tell what went wrong."""
    items = inner(step)
    for item in items:
        yield from _of_step(result, item)
    if items and (step.status not in BAD or any(item.status in BAD for item in items)):
        return
    status, finished = status_of(result, step), step.finished
    told = "\n".join(f"{label:<9} {visible(text)}" for label, text in facts(step))
    yield _Case(
        visible(step.started.path),
        finished.duration_ms if finished else 0,
        _ELEMENTS.get(status, ""),
        finished.error.kind if finished and finished.error else status,
        _message(step),
        told,
        "\n".join(_out(step, told if status not in _ELEMENTS else "")),
    )


def _message(step: StepResult) -> str:
    finished = step.finished
    if finished is None:
        return "it did not come to its end"
    if finished.blocked_by:
        return f"blocked by {finished.blocked_by}"
    told = dict(reversed([*facts(step)]))
    expected = told.get("expected")
    return told.get("error") or (f"expected {expected}" if expected else finished.learned)


def _out(step: StepResult, told: str) -> Iterator[str]:
    started = step.started
    item = f" · {visible(started.item)}" if started.item else ""
    yield f"{visible(started.title)}{item} ({visible(started.action)})"
    if step.finished and step.finished.learned:
        yield visible(step.finished.learned)
    if told:
        yield told
    yield from (f"{visible(name)} = {visible(in_short(value))}" for name, value in step.captures.items())
    for call in step.calls:
        yield from _call(call)


def _call(call: CallMade) -> Iterator[str]:
    yield f"{visible(call.method)} {visible(call.url)} → {call.status or 'no answer'} in {duration(call.duration_ms)}"
    yield f"request {visible_lines(written_out(call.request, _LONGEST_BODY), 2 * _LONGEST_BODY)}"
    yield f"response {visible_lines(written_out(call.response, _LONGEST_BODY), 2 * _LONGEST_BODY)}"


def _of_cleanup(cleanup: CleanupResult) -> _Case:
    name, message = f"cleanup of {visible(cleanup.path)}", visible(cleanup.message)
    if cleanup.status == "done":
        return _Case(name, 0, out=message)
    return _Case(name, 0, "error", cleanup.status, f"still owed: {message}", visible(cleanup.help))


def _of_run(result: RunResult) -> _Case:
    """What became of the run itself, where no step tells it."""
    error = result.finished.error if result.finished else None
    element = "failure" if result.status == "failed" else "error"
    what = visible(error.message) if error else OUTCOMES[result.status]
    left = [visible(f"{each.what} {each.help}") for each in doubts(result)]
    told = [summary(result), *([visible(error.help)] if error else []), *left, visible(to_settle(result))]
    return _Case("run", 0, element, error.kind if error else result.status, what, "\n".join(filter(None, told)))


def _element(case: _Case, classname: str) -> ET.Element:
    element = ET.Element("testcase", name=case.name, classname=classname, time=_seconds(case.milliseconds))
    if case.element:
        said = ET.SubElement(element, case.element, type=visible(case.kind), message=visible(case.message))
        said.text = case.text
    if case.out:
        ET.SubElement(element, "system-out").text = case.out
    return element


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.3f}"
