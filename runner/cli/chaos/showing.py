"""What was found, for people and as JSON."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Iterator, Sequence

from runner.cli.chaos.judging import Promise
from runner.cli.chaos.points import Point
from runner.cli.chaos.trial import Tried, Undisturbed
from runner.frozen import frozen
from runner.value import counted

_SIDES = ("before", "after")
_WHERE = {"write": "a journal write", "call": "a call"}
_ROWS = {
    **{(what, how, False): f"killed {how} {words}" for what, words in _WHERE.items() for how in _SIDES},
    **{
        (what, how, True): f"killed {how} {words}, answers to orders lost"
        for what, words in _WHERE.items()
        for how in _SIDES
    },
    ("call", "lost", False): "a call's answer lost, not killed",
}
_PROMISES: dict[Promise, str] = {
    "double order": "double orders",
    "order left open": "orders left open",
    "report disagrees": "reports that disagree",
    "not settled": "runs not settled",
}


@frozen
class Found:
    """All trials of a playbook, in the sequence of their points."""

    playbook: str
    plain: Undisturbed
    losing: Undisturbed
    tried: Sequence[Tried]

    @property
    def broken(self) -> list[Tried]:
        """The trials that broke a promise."""
        return [each for each in self.tried if each.violations]

    @property
    def resumed(self) -> dict[int, int]:
        """With which exit code `resume` ended how often."""
        return dict(sorted(Counter(each.resumed for each in self.tried).items()))

    @property
    def counts(self) -> dict[str, int]:
        """Numbers of everything, each promise's with what broke it."""
        kinds = [each.promise for one in self.tried for each in one.violations]
        return {
            "points": len(self.tried),
            "kills": sum(each.point.kills and each.reached for each in self.tried),
            "answers lost": sum(not each.point.kills for each in self.tried),
            "not reached": sum(not each.reached for each in self.tried),
            "resumes": 2 * len(self.tried),
            "orders": sum(each.orders for each in self.tried),
            **{words: kinds.count(promise) for promise, words in _PROMISES.items()},
        }


def lines(found: Found, again: Sequence[str], *, verbose: bool) -> Iterator[str]:
    """The table, then each broken promise; ``again`` are the words to type to see one, all but its point."""
    reach = found.plain.reach
    yield (
        f"{found.playbook} · undisturbed: exit {found.plain.exit_code}, {counted(len(reach.writes), 'journal write')}, "
        f"{counted(len(reach.calls), 'call')}, {counted(found.plain.orders, 'order')}"
    )
    yield ""
    width = max(map(len, _ROWS.values()))
    yield f"  {'':{width}}  trials  broken"
    for (what, how, losing), title in _ROWS.items():
        row = [each for each in found.tried if _kind(each.point) == (what, how, losing)]
        if row:
            yield f"  {title:{width}}  {len(row):>6}  {sum(bool(each.violations) for each in row):>6}"
    yield ""
    for each in found.tried:
        if verbose:
            yield f"{_title(each.point, found)}\n{each.said.rstrip()}\n"
    for each in found.broken:
        yield from _told(each, found, again)
    yield f"`resume` ended with {', '.join(f'{code} ({count} times)' for code, count in found.resumed.items())}"
    yield _summary(found)


def as_json(found: Found) -> str:
    """The counts, and each broken promise."""
    broken = [
        {"point": each.point.name, "promise": one.promise, "seen": one.seen, "said": each.said}
        for each in found.broken
        for one in each.violations
    ]
    told = {"playbook": found.playbook, "counts": found.counts, "resumed": found.resumed, "broken": broken}
    return json.dumps(told, ensure_ascii=False)


def _told(tried: Tried, found: Found, again: Sequence[str]) -> Iterator[str]:
    yield f"✘ {_title(tried.point, found)}"
    for each in tried.violations:
        yield f"    {each.promise:<16}  {each.seen}"
    yield f"    see it again      {shlex.join([*again, tried.point.name])}"
    yield ""


def _title(point: Point, found: Found) -> str:
    """A point in words: what happened, and at which write or call."""
    reach = (found.losing if point.losing else found.plain).reach
    words = reach.words(point)
    title = _ROWS[_kind(point)]
    return f"{point.name}: {title}" + (f" ({words})" if words else "")


def _summary(found: Found) -> str:
    counts = found.counts
    promises = ", ".join(f"{counts[words]} {words}" for words in _PROMISES.values())
    beyond = f", {counts['not reached']} ended before their point" if counts["not reached"] else ""
    word = "broken" if found.broken else "kept"
    return f"{word}: {counted(len(found.tried), 'trial')}, {counted(counts['kills'], 'kill')}{beyond}: {promises}"


def _kind(point: Point) -> tuple[str, str, bool]:
    return point.what, point.how, point.losing
