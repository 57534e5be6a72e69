"""What a run says of its loops: on stdout, quietly, with everything, on a terminal, and in the JSON report."""

from __future__ import annotations

import argparse
import re
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from reporters.schema import check
from runner.record.events import (
    CallMade,
    Captured,
    Checked,
    CleanupDone,
    CleanupOwed,
    Event,
    Noted,
    Problem,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    StepStatus,
    Surroundings,
    Waiting,
)
from runner.record.result import fold
from runner.redact import Redactor
from runner.reporters.json_report import report
from runner.reporters.terminal import reporter_for

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
STARTED = RunStarted("r", NOW, "0.0", "many", "many.yaml", "0" * 64, Surroundings("sandbox", "h", "", ""))
HEADING = "many · sandbox (h)\n"
ASK = "Ask the desk."


def begun(path: str, item: str = "", title: str = "Place an order", help: str = ASK) -> StepStarted:
    id = path.partition("[")[0].removeprefix("finally.")
    return StepStarted(path, id, title, "place_order", "required", help, NOW, item, 3 if item else 0)


def ended(path: str, status: StepStatus = "passed", learned: str = "", error: Problem | None = None) -> StepFinished:
    return StepFinished(path, status, NOW, 12, 1, learned, error)


def call(path: str) -> CallMade:
    return CallMade(path, "GET", f"http://h/{path}", 200, NOW, 3, {"headers": {}, "body": None}, {"path": path})


def run(*events: Event, code: int = 0) -> list[Event]:
    return [STARTED, *events, RunFinished("failed" if code else "passed", code, NOW, 40, {}, None)]


GOOD = run(
    begun("place"),
    *(begun(f"place[{at}]", item) for at, item in enumerate(("A", "B", "C"))),
    *(call(f"place[{at}]") for at in (2, 0, 1)),
    *(ended(f"place[{at}]", learned=f"order {at}") for at in (1, 0, 2)),
    ended("place", learned="3 of 3"),
    begun("after"),
    call("after"),
    ended("after"),
)
REFUSED = Problem("refused", "422 off tick", "use a whole tick", "many.yaml:9:7")
MIXED = run(
    begun("place", title="Place {{ item }}"),
    begun("place[0]", '"A"', "Place A"),
    begun("place[1]", '"B"', "Place B"),
    Noted("place[0]", "the price moved"),
    Checked("place[1]", "result.order.price == 0.5", False, "result.order.price is 0.4", "many.yaml:12:9"),
    ended("place[1]", "failed", "order 7"),
    begun("place[2]", '"C"', "Place C"),
    ended("place[2]", "failed", error=REFUSED),
    ended("place[0]"),
    Captured("place", "ids", ["5", None, None]),
    ended("place", "failed", "1 of 3", REFUSED),
    CleanupOwed("place[0]", "place", "c0"),
    CleanupDone("place[0]", "place", "done", "5 CANCELED"),
    code=1,
)
UNKNOWN = Problem("errored", "`for_each` is null, a list is wanted", place="many.yaml:5:15")


def told(events: list[Event], capsys: pytest.CaptureFixture[str], **options: bool) -> str:
    given = argparse.Namespace(**({"quiet": False, "verbose": False, "no_color": True} | options))
    reporter = reporter_for(given, Redactor(), silent=False)
    for event in events:
        reporter(event)
    written = capsys.readouterr()
    assert bool(written.err) == options.get("quiet", False)
    return re.sub(r" +\n", "\n", written.err or written.out)


def test_a_good_loop_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """However many items it has, and in whatever sequence they come to their end."""
    assert told(GOOD, capsys) == HEADING + (
        "  place          Place an order                     ✔ 12 ms  3 of 3\n"
        "  after          Place an order                     ✔ 12 ms\n"
        "passed: 2 steps in 40 ms\n"
    )


def test_what_went_wrong_is_told_item_by_item(capsys: pytest.CaptureFixture[str]) -> None:
    """Below the loop's line, in the sequence of the list, with index and value; what they all share is said once."""
    assert told(MIXED, capsys) == HEADING + (
        "  place          Place {{ item }}                   ✘ 12 ms  1 of 3\n"
        "    help      Ask the desk.\n"
        '    ✔ place[0]  "A"  Place A  12 ms\n'
        "      note      the price moved\n"
        '    ✘ place[1]  "B"  Place B  12 ms  order 7\n'
        "      expected  result.order.price == 0.5\n"
        "      because   result.order.price is 0.4\n"
        "      at        many.yaml:12:9\n"
        '    ✘ place[2]  "C"  Place C  12 ms\n'
        "      error     422 off tick\n"
        "      at        many.yaml:9:7\n"
        "      help      use a whole tick\n"
        "cleaned up after place[0]: 5 CANCELED\n"
        "failed: 0 of 1 steps passed in 40 ms, exit 1\n"
    )


def test_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """The summary of a quiet run has the same details."""
    shown = told(MIXED, capsys, quiet=True)
    assert shown.startswith(HEADING + "✘ place  12 ms  1 of 3\n    help      Ask the desk.\n    ✔ place[0]")
    assert shown.count("\n    ✘ place[") == 2
    assert "cleaned up after place[0]: 5 CANCELED\n" in shown


def test_verbose(capsys: pytest.CaptureFixture[str]) -> None:
    """Every item has its line then, and its own calls below it; the next step has none of them."""
    body = '{"request": {"headers": {}, "body": null}, "response": {"path": "%s"}}'
    one = '    ✔ place[%d]  %s  12 ms  order %d\n      GET http://h/place[%d] 200 3 ms {"request"'
    shown = told(GOOD, capsys, verbose=True)
    items = [one % (at, value, at, at) for at, value in enumerate("ABC")]
    assert [shown.count(each) for each in items] == [1, 1, 1]
    assert [shown.index(each) for each in items] == sorted(shown.index(each) for each in items)
    assert shown.endswith(f"    GET http://h/after 200 3 ms {body % 'after'}\npassed: 2 steps in 40 ms\n")
    assert shown.count("GET ") == 4


def test_helps_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    """Where each item has another help, each shows it and the loop does not."""
    items = [(begun(f"place[{at}]", "x", help=f"Look at {at}."), ended(f"place[{at}]", "failed")) for at in (0, 1)]
    events = run(begun("place", help="Look at {{ index }}."), *sum(items, ()), ended("place", "failed"), code=1)
    shown = told(events, capsys)
    assert re.findall(r"help +(.*)\n", shown) == ["Look at 0.", "Look at 1."]


def test_a_list_that_could_not_be_made(capsys: pytest.CaptureFixture[str]) -> None:
    """Without items the loop tells its own error."""
    shown = told(run(begun("place"), ended("place", "errored", error=UNKNOWN), code=3), capsys)
    assert "    error     `for_each` is null, a list is wanted\n    at        many.yaml:5:15\n    help" in shown


def test_live(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """On a terminal the moving line says how far the loop is and which items are under way."""
    seen: list[str] = []

    class Status:
        def update(self, text: object) -> None:
            seen.append(str(text))

        def start(self) -> None:
            pass

        stop = start

    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr("runner.reporters.live.Console.status", lambda *_: Status())
    events = [*MIXED[:5], Waiting("place[0]", "before the next attempt", 2), *MIXED[5:]]
    told(events, capsys)
    assert seen == [
        "place  Place {{ item }}",
        'place  Place {{ item }}  0 of 3: "A"',
        'place  Place {{ item }}  0 of 3: "A", "B"',
        'place  Place {{ item }}  0 of 3: "A", "B"  (waiting 2 s before the next attempt)',
        'place  Place {{ item }}  1 of 3, 1 failed: "A"',
        'place  Place {{ item }}  1 of 3, 1 failed: "A", "C"',
        'place  Place {{ item }}  2 of 3, 2 failed: "A"',
        "place  Place {{ item }}  3 of 3, 2 failed",
    ]


def test_report() -> None:
    """The loop is one row, its items have rows like any step's in it, and the published schema knows them."""
    whole = report(fold(MIXED))
    check(whole)
    (row,) = whole["steps"]
    items: list[dict[str, Any]] = row["items"]
    assert (row["status"], row["captures"], row["checks"], row["item"]) == (
        "failed",
        {"ids": ["5", None, None]},
        [],
        "",
    )
    assert [(each["id"], each["item"], each["title"], each["status"]) for each in items] == [
        ("place", '"A"', "Place A", "passed"),
        ("place", '"B"', "Place B", "failed"),
        ("place", '"C"', "Place C", "failed"),
    ]
    assert items[0].keys() == row.keys()
    assert [len(each["checks"]) for each in items] == [0, 1, 0]
    assert items[2]["error"]["message"] == "422 off tick"
    assert [each["items"] for each in items] == [[], [], []]
