"""What a run says of a step that holds others: how far it is, and below its line what a person should look at.

Of a loop those are the items that went wrong, of an included playbook all of its steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runner.record.events import Event, StepFinished, StepStarted
from runner.record.result import StepResult, includer_of, item_of
from runner.reporters import lines

_QUIET = frozenset({"passed", "skipped"})
_FAILED = frozenset({"failed", "errored", "refused", "in_doubt"})


class Progress:
    """How far a step is that may hold others; they may begin and end in any sequence.

    ``earlier`` is what was said of it before.
    """

    def __init__(self, step: StepStarted, earlier: Iterable[Event] = ()) -> None:
        self._path = step.path
        self._done = 0
        self._failed = 0
        self._of = 0
        self._under_way: dict[str, str] = {}
        for event in earlier:
            if isinstance(event, StepFinished) and self.has(event.path):
                self.take(event)

    def has(self, path: str) -> bool:
        """Whether a path is that of something below the step."""
        return path.startswith((f"{self._path}[", f"{self._path}/"))

    def take(self, event: StepStarted | StepFinished) -> str:
        """Something below began or ended; what to say of the step now: ``2 of 5, 1 failed: tec-nyk``."""
        if not self._is_next_below(event.path):
            return self._text()
        if isinstance(event, StepStarted):
            self._of = event.of
            self._under_way[event.path] = event.item or event.id
        else:
            self._done += 1
            self._failed += event.status in _FAILED
            self._under_way.pop(event.path, None)
        return self._text()

    def _is_next_below(self, path: str) -> bool:
        """Whether it is one of the loop's items, or of the included playbook's steps, and nothing below those."""
        item = item_of(path)
        return includer_of(path) == self._path if item is None else item[0] == self._path

    def _text(self) -> str:
        done = f"{self._done} of {self._of}" if self._of else f"{self._done} done"
        failed = f", {self._failed} failed" if self._failed else ""
        under_way = lines.one_line(", ".join(filter(None, self._under_way.values())))
        return f"{done}{failed}" + (f": {under_way}" if under_way else "")


def lines_below(step: StepResult, *, every: bool, good: bool = True) -> Iterator[str]:
    """The indented lines of all that a step holds.

    Items of a loop that passed and have nothing to tell are among them only if ``every`` is wanted, steps of an
    included playbook that passed only if the ``good`` are.
    """
    for item in step.items:
        told = [*lines.details(item, step.started.help), *_calls(item, every=every)]
        below = list(lines_below(item, every=every, good=good and (every or item.status not in _QUIET)))
        if every or told or item.status not in _QUIET:
            yield f"    {_headline(item, step)}"
            yield from (f"  {line}" for line in (*told, *below))
    for each in step.steps:
        told = [*lines.details(each, step.started.help), *_calls(each, every=every)]
        below = list(lines_below(each, every=every, good=good))
        if good or told or below or each.status not in _QUIET:
            yield f"    {_line(each)}"
            yield from (f"  {line}" for line in (*told, *below))


def _calls(step: StepResult, *, every: bool) -> Iterator[str]:
    return map(lines.call_line, step.calls if every else ())


def _line(step: StepResult) -> str:
    """The line of a step of an included playbook, in the columns of the others."""
    title = lines.one_line(step.started.title)
    return f"{lines.MARKS[step.status]} {step.started.id:<12} {title:<32} {lines.outcome(step)}".rstrip()


def _headline(item: StepResult, loop: StepResult) -> str:
    title = "" if item.started.title == loop.started.title else item.started.title
    named = [lines.name_of(item.started.path, item.started.id), item.started.item, title]
    shown = "  ".join(lines.one_line(each) for each in named if each)
    return f"{lines.MARKS[item.status]} {shown}  {lines.outcome(item)}"
