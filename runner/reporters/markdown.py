"""The Markdown report: for a pull request, or for the summary of a CI job, which takes 1 MiB.

Whatever is not plain words stands in a code span, where neither Markdown nor HTML nor a mention (``@somebody``) means
anything; the bar that would end a table's cell stands between two of them, as an entity.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from runner.record.result import OrderResult, RunResult, StepResult
from runner.reporters.lines import MARKS, duration, facts, name_of, state_of
from runner.reporters.rows import BAD, OUTCOMES, all_steps, doubts, mark, status_of, summary, to_settle
from runner.reporters.visible import visible

_MOST_BYTES = 900_000
_FEW = 50
_PLAIN = re.compile(r"(?!.*(?:www\.|\bgh-))[^\W_](?:(?:[ ,.()’'%+…–—-]|: )*[^\W_]|[ .)…%]+$)*", re.IGNORECASE)
_QUIET = frozenset({"passed", "skipped"})


def text(results: Sequence[RunResult]) -> str:
    """The whole report of one run or of several; what has no room is counted."""
    share = _MOST_BYTES // len(results)
    return "\n".join(_fitting(("\n".join(_run(each, share)) for each in results), _MOST_BYTES, "run"))


def words(text: str) -> str:
    """A text for people: as it is if it is nothing but words, else as ``code``."""
    shown = visible(text)
    return shown if not shown or _PLAIN.fullmatch(shown) else code(text)


def code(text: str) -> str:
    """A text in code spans; nothing for an empty one."""
    return "&#124;".join(map(_span, visible(text).split("|"))) if text else ""


def _span(text: str) -> str:
    if not text.strip():
        return text
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    room = " " if text.startswith("`") or text.endswith("`") or text[0] == text[-1] == " " else ""
    return f"{fence}{room}{text}{room}{fence}"


def _run(result: RunResult, most: int) -> Iterator[str]:
    started, where = result.started, result.started.surroundings
    yield f"## {mark(result)} {words(started.playbook)}: {result.status.replace('_', ' ')}\n"
    account = f", account {code(where.account)}" if where.account else ""
    who = f" as {code(where.participant)}{account}" if where.participant else account
    yield f"{summary(result)}, on {words(where.name)} ({code(where.host)}){who}.\n"
    if result.status != "passed":
        yield f"The run is {OUTCOMES[result.status]}.\n" if result.finished is None else f"{_sentence(result)}\n"
    yield from _in_doubt(result)
    wrong = [line for step in result.steps for line in _wrong(result, step)]
    if wrong:
        yield from ("### What there is to look at\n", *_fitting(wrong, most // 3, "line"), "")
    yield from _table(result, most // 3)
    yield from _orders(result, most // 6)
    yield from _cleanups(result, most // 12)
    at = f"{started.at:%Y-%m-%d %H:%M:%S} UTC"
    yield f"Run {code(started.run_id)}, begun {at}, pmx-run {words(started.tool_version)}.\n"


def _sentence(result: RunResult) -> str:
    error = result.finished.error if result.finished else None
    outcome = OUTCOMES[result.status]
    told = f"{outcome[0].upper()}{outcome[1:]}."
    if error is None:
        return told
    help = f" Help: {words(error.help)}" if error.help else ""
    return f"{told} {code(error.message)}.{help}"


def _in_doubt(result: RunResult) -> Iterator[str]:
    left, command = doubts(result), to_settle(result)
    if not left and not command:
        return
    yield "### In doubt\n"
    for doubt in left:
        yield f"- {code(doubt.what)}"
        if doubt.help:
            yield f"  - help: {words(doubt.help)}"
    if command:
        yield f"- to settle it: {code(command)} (with the same `--state-dir`, if the run had one)"
    yield ""


def _wrong(result: RunResult, step: StepResult) -> Iterator[str]:
    """Each step, and each item of a loop, of which there is something to tell."""
    for each in all_steps([step]):
        told = list(facts(each, step.started.help if each is not step else ""))
        status = status_of(result, each)
        if told or status in BAD:
            title = f" {words(each.started.title)}" if each.started.title else ""
            item = f" {code(each.started.item)}" if each.started.item else ""
            yield f"- {_mark(status)} {code(name_of(each.started.path, each.started.id))}{item}{title}"
            yield from (
                f"  - {label}: {_told(label, text)}" if label else f"    <br>{code(text)}" for label, text in told
            )


def _told(label: str, text: str) -> str:
    return words(text) if label in {"help", "note", "check"} else code(text)


def _table(result: RunResult, most: int) -> Iterator[str]:
    """The steps; where there are many that passed, folded."""
    if not result.steps:
        yield "No step was performed.\n"
        return
    folded = len(result.steps) > _FEW
    if folded:
        yield f"<details><summary>All {len(result.steps)} steps</summary>\n"
    yield "| | step | | time | what was learned |\n|---|---|---|---:|---|"
    yield from _fitting(_step_rows(result), most, "step")
    yield "\n</details>\n" if folded else ""


def _step_rows(result: RunResult) -> Iterator[str]:
    for step in result.steps:
        yield from _rows_of(result, step, step.started.title)


def _rows_of(result: RunResult, step: StepResult, title: str) -> Iterator[str]:
    """A step with the steps that it includes, and with those items of a loop of which there is something to tell."""
    yield _row(result, step, title)
    for each in step.steps:
        yield from _rows_of(result, each, each.started.title)
    for item in step.items:
        if status_of(result, item) not in _QUIET or item.steps:
            yield from _rows_of(result, item, item.started.item or item.started.title)


def _row(result: RunResult, step: StepResult, title: str) -> str:
    status, finished = status_of(result, step), step.finished
    name, time, learned = code(name_of(step.started.path, step.started.id)), "", ""
    if finished is not None and finished.blocked_by:
        learned = f"blocked by {code(finished.blocked_by)}"
    elif finished is not None:
        learned = words(finished.learned)
        time = duration(finished.duration_ms) if status != "skipped" else ""
    return f"| {_mark(status)} {status.replace('_', ' ')} | {name} | {words(title)} | {time} | {learned} |"


def _mark(status: str) -> str:
    return next((sign for name, sign in MARKS.items() if name == status), "…")


def _orders(result: RunResult, most: int) -> Iterator[str]:
    if not result.orders:
        return
    yield "### Orders\n"
    yield "| order | state | symbol | side | price | quantity | filled | worth | step |"
    yield "|---|---|---|---|---:|---:|---:|---:|---|"
    yield from _fitting(map(_order, result.orders), most, "order")
    yield ""


def _order(order: OrderResult) -> str:
    intended = order.intended
    worth = order.filled_quantity * order.average_price if order.average_price is not None else None
    cells = (
        code(order.order_id or order.clord_id),
        words(state_of(order)),
        code(intended.symbol),
        words(intended.side.removeprefix("SIDE_").lower()),
        _number(order.price, "$"),
        _number(order.quantity),
        _number(order.filled_quantity),
        _number(worth, "$"),
        code(intended.path),
    )
    return f"| {' | '.join(cells)} |"


def _number(value: Decimal | None, sign: str = "") -> str:
    return "" if value is None else f"{sign}{value:f}"


def _cleanups(result: RunResult, most: int) -> Iterator[str]:
    told = [each for each in result.cleanups if each.status != "not_needed"]
    if not told:
        return
    yield "### Cleanups\n"
    rows = (
        f"- {code(name_of(each.path, each.step))}: {'**still owed**' if each.status != 'done' else 'done'}"
        f"{f' {words(each.message)}' if each.message else ''}"
        for each in told
    )
    yield from _fitting(rows, most, "cleanup")
    yield ""


def _fitting(rows: Iterable[str], most: int, what: str) -> Iterator[str]:
    """The first rows that have room in so many bytes, and how many have none."""
    left_out = 0
    for row in rows:
        most -= len(row.encode()) + 1
        if most < 0:
            left_out += 1
        else:
            yield row
    if left_out:
        yield f"\n*{left_out:,} more of kind {what} left out: a CI server's summary takes no more.*"
