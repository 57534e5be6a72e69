"""Runs made of events by hand, for the reports that are made of results: a good one, a bad one, a long one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from runner.record.events import (
    CallMade,
    Captured,
    Checked,
    CleanupDone,
    CleanupOwed,
    Event,
    Noted,
    OrderIntended,
    OrderSeen,
    Problem,
    RunFinished,
    RunStarted,
    RunStatus,
    StepFinished,
    StepStarted,
    StepStatus,
    Surroundings,
)
from runner.record.result import RunResult, fold

NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)
ALICE = "firms/ISV-Participant-Acme/users/alice"
WHERE = Surroundings("preprod", "api.preprod.example.test", ALICE, "firms/ISV-Acme/accounts/7QK2")
STARTED = RunStarted("run-1", NOW, "0.1.0", "first-order", "playbooks/first.yaml", "5e" * 32, WHERE)
SYMBOL = "tec-nfl-sbw-2027-02-14-kc"


def after(milliseconds: int) -> datetime:
    return NOW + timedelta(milliseconds=milliseconds)


def begun(path: str, title: str = "", *, at: int = 0, **more: Any) -> StepStarted:
    id = path.partition("[")[0].removeprefix("finally.")
    given: dict[str, Any] = {"action": "place_order", "severity": "required", "help": "", "at": after(at)} | more
    return StepStarted(path, id, title or id.capitalize(), **given)


def ended(path: str, status: StepStatus = "passed", learned: str = "", *, took: int = 12, **more: Any) -> StepFinished:
    return StepFinished(path, status, NOW, took, 1, learned, **more)


def call(
    path: str, method: str = "GET", url: str = "/v1/whoami", *, at: int = 0, took: int = 8, **more: Any
) -> CallMade:
    given: dict[str, Any] = {
        "status": 200,
        "request": {"headers": {"Authorization": "****"}, "body": None},
        "response": {"user": "alice"},
    } | more
    return CallMade(path, method, f"https://{WHERE.host}{url}", started_at=after(at), duration_ms=took, **given)


def intended(path: str, clord_id: str) -> OrderIntended:
    half, ten = Decimal("0.50"), Decimal(10)
    return OrderIntended(
        *(path, clord_id, SYMBOL, "SIDE_BUY", half, ten, Decimal(5), ALICE, WHERE.account, {"qty": 10}, NOW)
    )


def seen(clord_id: str, state: str, filled: int = 0, average: str | None = None) -> OrderSeen:
    paid = None if average is None else Decimal(average)
    return OrderSeen("order", clord_id, f"venue-{clord_id}", f"ORDER_STATE_{state}", Decimal(filled), paid)


def finished(status: RunStatus = "passed", code: int = 0, **more: Any) -> RunFinished:
    given: dict[str, Any] = {"outputs": {}, "clock_offset_ms": -3} | more
    return RunFinished(status, code, after(931), 931, **given)


def result_of(*events: Event, started: RunStarted = STARTED) -> RunResult:
    return fold([started, *events])


def good() -> RunResult:
    """Everything held: an order placed, filled in part, cancelled."""
    return result_of(
        begun("me", "Verify who we are", action="whoami"),
        call("me", at=4),
        Checked("me", "result.firm == inputs.firm", True, "", "playbooks/first.yaml:9:9"),
        ended("me", learned=ALICE),
        begun("order", "Place a resting order", at=20),
        intended("order", "c-1"),
        CleanupOwed("order", "order", "c-1"),
        call("order", "POST", "/v1/trading/orders", at=24, took=31),
        seen("c-1", "NEW"),
        Captured("order", "order_id", "venue-c-1"),
        ended("order", learned="venue-c-1 NEW buy 10 at $0.50", took=40),
        CleanupDone("order", "order", "done", "venue-c-1 CANCELED, 3 of 10 filled"),
        seen("c-1", "CANCELED", 3, "0.50"),
        finished(outputs={"order_id": "venue-c-1", "price": Decimal("0.570")}),
    )


REFUSED = Problem("refused", "422 price is off tick", "use a whole tick of 0.01", "playbooks/first.yaml:31:7")


def bad() -> RunResult:
    """One of everything that can go wrong, and an order that nobody has settled."""
    return result_of(
        begun("me", "Verify who we are", action="whoami", help="Ask the desk for the participant."),
        call("me", at=4),
        Checked("me", 'result.firm == "x"', False, 'result.firm is "F"', "first.yaml:9:9", "Our own firm", "Look."),
        Checked("me", "result.user", True, "", "first.yaml:10:9"),
        ended("me", "failed", ALICE),
        begun("slow", "Answers in time", severity="advisory", at=20),
        Checked("slow", "result.ms < 5", False, "result.ms is 8", "first.yaml:14:9", severity="advisory"),
        ended("slow", "advisory"),
        begun("later", "Needs the first one", at=30),
        ended("later", "blocked", blocked_by="me", took=0),
        begun("never", "Left out", at=31),
        ended("never", "skipped", took=0),
        begun("place", "Place {{ item }}", at=40, help="Ask for the tick."),
        *_items(),
        ended("place", "failed", "1 of 3", error=REFUSED, took=300),
        begun("order", "Place one more", at=400),
        intended("order", "c-9"),
        CleanupOwed("order", "order", "c-9"),
        call("order", "POST", "/v1/trading/orders", at=410, took=500, status=None, response=None),
        ended("order", "in_doubt", error=Problem("in_doubt", "no answer, and not found", "look it up"), took=510),
        CleanupDone("order", "order", "owed", "no answer", "cancel it by hand"),
        finished("in_doubt", 4),
    )


def _items() -> Iterator[Event]:
    for index, value in enumerate(("A", "B", "C")):
        yield begun(
            f"place[{index}]", f"Place {value}", at=50 * index, item=f'"{value}"', of=3, help="Ask for the tick."
        )
    yield Noted("place[0]", "the price moved")
    yield call("place[0]", "POST", "/v1/trading/orders", at=60)
    yield ended("place[0]", learned="order 5")
    yield Checked("place[1]", "result.order.price == 0.5", False, "a is 1\n  b is 2", "first.yaml:12:9")
    yield ended("place[1]", "failed")
    yield call("place[2]", "POST", "/v1/trading/orders", at=90, status=422, response={"message": "off tick"})
    yield ended("place[2]", "failed", error=REFUSED)


def unfinished(*, under_way: bool) -> RunResult:
    """A run in the middle of its second step."""
    events = (begun("me", action="whoami"), call("me"), ended("me"), begun("order"), intended("order", "c-1"))
    return replace(result_of(*events, seen("c-1", "NEW")), under_way=under_way)


def long(steps: int = 500) -> RunResult:
    """Very many steps with two calls each, every hundredth of which fails."""
    events: list[Event] = []
    for number in range(steps):
        path, wrong = f"step_{number}", number % 100 == 42
        answer = {"orders": [{"id": f"o-{number}-{each}", "symbol": SYMBOL, "px": "0.57"} for each in range(12)]}
        events += [
            begun(path, f"Look at order {number}", at=number * 30, action="search_orders"),
            call(path, "POST", "/v1/report/orders/search", at=number * 30, took=7 + number % 9, response=answer),
            call(path, at=number * 30 + 18),
            Checked(
                path, f"result.orders | length == {number}", not wrong, "it is 12" if wrong else "", "long.yaml:9:9"
            ),
            Captured(path, "found", 12),
            ended(path, "failed" if wrong else "passed", "12 orders", took=26),
        ]
    return result_of(*events, finished("failed", 1))


def hostile(text: str) -> RunResult:
    """A run in which everything that others may write is ``text``."""
    problem = Problem("refused", text, text, text)
    return result_of(
        begun("one", text, item=text, help=text),
        call("one", url=text, request={"headers": {text: text}, "body": text}, response={text: [text, {"a": text}]}),
        Checked("one", text, False, text, f"{text}:1:1", text, text),
        Captured("one", "name", text),
        Captured("one", "list", [text, {text: text}]),
        Noted("one", text),
        intended("one", text),
        replace(seen(text, "NEW"), order_id=text, state=text),
        CleanupOwed("one", "one", text),
        ended("one", "failed", text, error=problem),
        CleanupDone("one", "one", "owed", text, text),
        finished("in_doubt", 4, outputs={"said": text, text: [text]}, error=problem),
        started=replace(STARTED, surroundings=Surroundings(text, text, text, text), path=text),
    )
