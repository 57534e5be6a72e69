"""What a run says of itself, as lines of plain text; the terminal's live view and a log both show these."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import chain, repeat

from runner.record.events import (
    CallMade,
    Checked,
    CleanupDone,
    Problem,
    RunFinished,
    RunResumed,
    RunStarted,
    StepStatus,
)
from runner.record.result import OrderResult, RunResult, StepResult, item_of
from runner.value import counted

MARKS: dict[StepStatus, str] = {
    "passed": "✔",
    "failed": "✘",
    "errored": "✘",
    "skipped": "–",
    "blocked": "–",
    "advisory": "!",
    "refused": "✘",
    "in_doubt": "?",
}
_SAID: frozenset[StepStatus] = frozenset({"errored", "skipped", "advisory", "refused", "in_doubt"})
_LONGEST_LEARNED = 500
_FEW_ORDERS = 3


def heading(started: RunStarted) -> str:
    """The first line of a run: what, where and as whom."""
    where = started.surroundings
    who = [f"as {where.participant}"] if where.participant else []
    account = [f"account {where.account}"] if where.account else []
    return " · ".join([started.playbook, f"{where.name} ({where.host})", *who, *account])


def resumed(started: RunStarted, event: RunResumed) -> str:
    """The first line of a run that goes on after its process had died."""
    how = {"on": "", "late": "; too late for anything new", "ending": "; only to settle it and to clean up"}
    return f"{heading(started)} · run {started.run_id} taken up after {_so_far(event)}{how[event.going]}"


def taken_over(event: RunResumed, run_id: str, ended: str) -> str:
    """The first line about a run that is settled before another one begins; ``ended`` is how and when."""
    return f"run {run_id} of this playbook {ended}, after {_so_far(event)}; it is settled first"


def _so_far(event: RunResumed) -> str:
    return f"{event.done} of {counted(event.of, 'step')}"


def duration(milliseconds: int) -> str:
    """A length of time as people read it."""
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    if milliseconds < 60_000:
        return f"{milliseconds / 1000:.1f} s"
    return f"{milliseconds // 60_000} min {milliseconds // 1000 % 60} s"


def outcome(step: StepResult) -> str:
    """What follows on a step's title: its time and what was learned, or why it did not pass."""
    finished = step.finished
    if finished is None:
        return ""
    if finished.status == "blocked":
        return f"blocked by {finished.blocked_by}"
    parts = [] if finished.status == "skipped" else [duration(finished.duration_ms)]
    if finished.status in _SAID:
        parts.append(finished.status.replace("_", " "))
    parts.append(one_line(finished.learned))
    return "  ".join(part for part in parts if part)


def name_of(path: str, id: str) -> str:
    """A step by its id, an item of a loop as ``place[2]``."""
    item = item_of(path)
    return id if item is None else f"{id}[{item[1]}]"


def details(step: StepResult, known_help: str = "") -> Iterator[str]:
    """The indented lines below a step: its ``facts``."""
    for label, text in facts(step, known_help):
        yield f"    {label:<9} {one_line(text)}"


def facts(step: StepResult, known_help: str = "") -> Iterator[tuple[str, str]]:
    """What there is to tell of a step, each under its label: notes, checks that did not hold, and what went wrong.

    What the items of a loop tell themselves is not told of the loop; ``known_help`` stands above an item already.
    """
    yield from (("note", note) for note in step.notes)
    for check in step.checks:
        if not check.passed:
            yield from _failed_check(check, step)
    finished = step.finished
    if finished is None or finished.status in {"passed", "skipped"}:
        return
    if finished.status == "blocked" and finished.error is None:
        return
    if finished.error is not None and not any(_has_error(item, finished.error) for item in step.items):
        yield from _error(finished.error)
    help = step.started.help
    if help and help != known_help and all(item.started.help == help for item in step.items):
        yield "help", help


def call_line(call: CallMade) -> str:
    """One indented line of a call, for those who want to see them all."""
    data = {"request": call.request, "response": call.response}
    body = json.dumps(data, ensure_ascii=False, default=str)
    return one_line(f"    {call.method} {call.url} {call.status or 'no answer'} {call.duration_ms} ms {body}")


def cleanup_line(done: CleanupDone) -> str:
    """One line about something that was owed."""
    words = {
        "done": "cleaned up",
        "not_needed": "nothing to clean up",
        "failed": "cleanup failed",
        "owed": "STILL OWED",
    }
    message = f": {one_line(done.message)}" if done.message else ""
    help = f"\n    help      {one_line(done.help)}" if done.help else ""
    return f"{words[done.status]} after {name_of(done.path, done.step)}{message}{help}"


def summary(result: RunResult) -> str:
    """The last line of a run."""
    finished = result.finished
    if finished is None:
        return "not finished"
    count = len(result.steps)
    performed = any(step.status not in {"skipped", "blocked"} for step in result.steps)
    passed = sum(step.status == "passed" for step in result.steps)
    steps = counted(count, "step") if passed == count else f"{passed} of {count} steps passed"
    status = finished.status.replace("_", " ")
    code = f", exit {finished.exit_code}" if finished.exit_code else ""
    nothing = "" if performed else " (no step was performed)"
    orders = f", {orders_of(result)}" if result.orders else ""
    return f"{status}: {steps}{nothing} in {duration(finished.duration_ms)}{orders}{code}"


def orders_of(result: RunResult) -> str:
    """A few orders one by one, many by their state."""
    if len(result.orders) <= _FEW_ORDERS:
        return ", ".join(map(_order, result.orders))
    states = Counter(map(state_of, result.orders))
    return f"{len(result.orders)} orders: " + ", ".join(f"{count} {state}" for state, count in states.items())


def run_error(finished: RunFinished) -> Iterator[str]:
    """Why a run was refused as a whole."""
    if finished.error is not None:
        yield from (f"    {label:<9} {one_line(text)}" for label, text in _error(finished.error))


def one_line(text: str) -> str:
    """Text of the venue's or the playbook's on one line, without control characters, at most 500 characters."""
    shown = text if text.isprintable() else "".join(each if each.isprintable() else " " for each in text)
    return shown if len(shown) <= _LONGEST_LEARNED else f"{shown[: _LONGEST_LEARNED - 1]}…"


def _has_error(item: StepResult, error: Problem) -> bool:
    return item.finished is not None and item.finished.error == error


def _failed_check(check: Checked, step: StepResult) -> Iterator[tuple[str, str]]:
    advisory = " (advisory)" if check.severity == "advisory" and step.started.severity == "required" else ""
    if check.title:
        yield "check", check.title
    yield "expected", f"{check.check}{advisory}"
    yield from zip(chain(["because"], repeat("")), check.because.splitlines(), strict=False)
    yield "at", check.place
    if check.help:
        yield "help", check.help


def _error(problem: Problem) -> Iterator[tuple[str, str]]:
    yield "error", problem.message
    if problem.place:
        yield "at", problem.place
    if problem.help:
        yield "help", problem.help


def _order(order: OrderResult) -> str:
    return f"order {order.order_id or order.clord_id} {state_of(order)}"


def state_of(order: OrderResult) -> str:
    """An order's state as people say it."""
    return order.state.removeprefix("ORDER_STATE_").lower().replace("_", " ") or "sent"
