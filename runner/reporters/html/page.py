"""A page from runs: the template with its style and script in it, and nothing that a browser would ask anybody for.

What the exchange or a playbook says reaches the page as text alone: the template escapes it, and each value passes
through ``visible`` before. The page's own policy lets nothing run but the one script whose hash it names.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.record.result import OrderResult, RunResult, StepResult
from runner.reporters import rows
from runner.reporters.data import in_short, written_out
from runner.reporters.html.waterfall import waterfall
from runner.reporters.lines import MARKS, duration, name_of, state_of
from runner.reporters.visible import LONGEST, visible, visible_lines

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = Path(__file__).parent
_MOST_OF_BODIES = 6_000_000
_LONGEST_BODY = 20_000
_SHORTEST_BODY = 600
_LOOK = frozenset({"failed", "errored", "refused", "in_doubt", "advisory", "blocked"})
_KINDS = {"passed": "good", "skipped": "calm", "blocked": "warn", "advisory": "warn", "running": "calm"}
_RUN_KINDS = {"passed": "good", "interrupted": "warn", "running": "calm"}


def text(results: Sequence[RunResult]) -> str:
    """The whole page of one run or of several."""
    style, script = _part("page.css"), _part("page.js")
    page = _environment(results).get_template("page.html.j2")
    return page.render(
        runs=results,
        style=_as_it_is(style),
        script=_as_it_is(script),
        policy=(
            f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
            "base-uri 'none'; form-action 'none'"
        ),
    )


def _environment(results: Sequence[RunResult]) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    longest = _longest_body(results)
    environment.filters |= {
        "duration": duration,
        "when": _when,
        "state": state_of,
        "short": in_short,
        "body": lambda value: _as_it_is(_escaped(visible_lines(written_out(value, longest), 2 * longest))),
        "lines": lambda text: _as_it_is(_escaped(visible_lines(text, 4 * LONGEST))),
        "money": lambda value: "–" if value is None else f"${value:f}",
        "number": lambda value: "–" if value is None else f"{value:f}",
    }
    environment.globals |= {
        "outcomes": rows.OUTCOMES,
        "run_mark": rows.mark,
        "run_kind": lambda result: _RUN_KINDS.get(result.status, "bad"),
        "summary": rows.summary,
        "doubts": rows.doubts,
        "to_settle": rows.to_settle,
        "inner": rows.inner,
        "waterfall": waterfall,
        "counts": _counts,
        "status_of": lambda result, step: _Status(rows.status_of(result, step)),
        "name_of": lambda step: name_of(step.started.path, step.started.id),
        "told": _told,
        "worth": _worth,
    }
    return environment


class _Status:
    """A step's status as the page shows it: a word, a sign, a colour, and whether somebody should look at it."""

    __slots__ = ("kind", "look", "sign", "status", "word")

    def __init__(self, status: str) -> None:
        self.status = status
        self.word = status.replace("_", " ")
        self.sign = next((sign for name, sign in MARKS.items() if name == status), "…")
        self.kind = _KINDS.get(status, "bad")
        self.look = status in _LOOK


def _shown(value: object) -> object:
    """What becomes of each value that the template writes, before it is escaped."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _counts(result: RunResult) -> list[tuple[_Status, int]]:
    """How many steps ended how, those that went wrong first."""
    counted = Counter(rows.status_of(result, step) for step in result.steps)
    found = [(_Status(status), count) for status, count in counted.items()]
    return sorted(found, key=lambda each: (not each[0].look, each[0].word))


def _told(step: StepResult) -> Iterator[tuple[str, str]]:
    """What the step says besides its checks, and what its items do not say themselves."""
    yield from (("note", note) for note in step.notes)
    error = step.finished.error if step.finished else None
    if error is None or any(each.finished and each.finished.error == error for each in rows.inner(step)):
        return
    yield "error", error.message
    if error.place:
        yield "at", error.place


def _worth(order: OrderResult) -> Decimal | None:
    """What has traded of an order, in dollars."""
    return None if order.average_price is None else order.filled_quantity * order.average_price


def _when(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _longest_body(results: Sequence[RunResult]) -> int:
    """How many characters of a request or an answer are shown, so that all of them stay within some megabytes."""
    calls = sum(len(step.calls) for result in results for step in rows.all_steps(result.steps))
    return max(_SHORTEST_BODY, min(_LONGEST_BODY, _MOST_OF_BODIES // max(1, 2 * calls)))


def _part(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _escaped(text: str) -> str:
    import html

    return html.escape(text)


def _as_it_is(text: str) -> Any:
    """Text that the template must not escape: our own, or one that is escaped already."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704
