"""What a run says of a loop: how far it is, and below its line those of its items that a person should look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runner.record.events import Event, StepFinished, StepStarted
from runner.record.result import StepResult, item_of
from runner.reporters import lines

_QUIET = frozenset({"passed", "skipped"})
_FAILED = frozenset({"failed", "errored", "refused", "in_doubt"})


class Progress:
    """How far a loop is; its items may begin and end in any sequence. ``earlier`` is what was said of it before."""

    def __init__(self, loop: StepStarted, earlier: Iterable[Event] = ()) -> None:
        self._path = loop.path
        self._done = 0
        self._failed = 0
        self._of = 0
        self._under_way: dict[str, str] = {}
        for event in earlier:
            if isinstance(event, StepFinished) and self.has(event.path):
                self.take(event)

    def has(self, path: str) -> bool:
        """Whether a path is that of one of the loop's items."""
        item = item_of(path)
        return item is not None and item[0] == self._path

    def take(self, event: StepStarted | StepFinished) -> str:
        """An item began or ended; what to say of the loop now: ``2 of 5, 1 failed: tec-nyk``."""
        if isinstance(event, StepStarted):
            self._of = event.of
            self._under_way[event.path] = event.item
        else:
            self._done += 1
            self._failed += event.status in _FAILED
            self._under_way.pop(event.path, None)
        return self._text()

    def _text(self) -> str:
        done = f"{self._done} of {self._of}" if self._of else f"{self._done} done"
        failed = f", {self._failed} failed" if self._failed else ""
        under_way = lines.one_line(", ".join(filter(None, self._under_way.values())))
        return f"{done}{failed}" + (f": {under_way}" if under_way else "")


def item_lines(loop: StepResult, *, every: bool) -> Iterator[str]:
    """The indented lines of a loop's items, those that passed and have nothing to tell only if ``every`` is wanted."""
    for item in loop.items:
        told = list(lines.details(item, loop.started.help))
        if every:
            told += map(lines.call_line, item.calls)
        if every or told or item.status not in _QUIET:
            yield f"    {_headline(item, loop)}"
            yield from (f"  {line}" for line in told)


def _headline(item: StepResult, loop: StepResult) -> str:
    title = "" if item.started.title == loop.started.title else item.started.title
    named = [lines.name_of(item.started.path, item.started.id), item.started.item, title]
    shown = "  ".join(lines.one_line(each) for each in named if each)
    return f"{lines.MARKS[item.status]} {shown}  {lines.outcome(item)}"
