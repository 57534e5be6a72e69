"""Worst-case calls against each rate limit, and the least time that keeping it would make of them.

Within the time of a step no more calls can leave than its bucket holds and is given back: that bounds polls whose end
nobody knows. Cancels are the exception, since none waits longer than a second.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from runner.foreseen import SignIn, times
from runner.foresight.model import ForeseenRequest, ForeseenStep, Performance
from runner.foresight.requests import Surroundings
from runner.frozen import frozen
from runner.journal.bucket import reserve
from runner.venue.operations import Bucket

_ELSEWHERE = "elsewhere"


@frozen
class Calls:
    """Calls at most: the usual ones, and more of them after others that failed; None where nobody can tell."""

    most: int | None
    more: int | None

    def __add__(self, other: Calls) -> Calls:
        return Calls(_sum(self.most, other.most), _sum(self.more, other.more))


@frozen
class Load:
    """What a run takes from one bucket at most. ``open_steps`` are those of which nobody can tell how often they call.

    ``least_seconds``: the usual calls, all made, take so long from a full bucket if nobody else takes from it.
    """

    operations: tuple[str, ...]
    bucket: Bucket
    calls: Calls
    least_seconds: float | None
    open_steps: tuple[str, ...]


def loads(steps: Iterable[ForeseenStep], surroundings: Surroundings) -> Iterator[Load]:
    """One for each bucket that the steps take from, in the sequence in which they come to it."""
    found: dict[str, list[_Share]] = defaultdict(list)
    for share in _all_shares(steps, surroundings):
        found[share.counted_as].append(share)
    for shares in found.values():
        bucket = shares[0].bucket
        if bucket is not None:
            yield _load(shares, bucket)


def all_calls(steps: Iterable[ForeseenStep], surroundings: Surroundings) -> Calls:
    """The calls of a whole run, whether they are limited or not; those for a token aside."""
    return sum((share.calls for share in _all_shares(steps, surroundings)), Calls(0, 0))


def counted_calls(steps: Iterable[ForeseenStep], surroundings: Surroundings) -> Calls:
    """The calls that use up the limit on requests: not those of the end, nor of reading orders back."""
    found = (
        share.calls
        for step in steps
        for performed in step.performances
        if not performed.urgent
        for share in _shares(step, performed, surroundings, counted=True)
    )
    return sum(found, Calls(0, 0))


@frozen
class _Share:
    """What one performance takes from one bucket."""

    step: str
    performed: Performance
    counted_as: str
    requests: tuple[ForeseenRequest, ...]
    bucket: Bucket | None

    @property
    def calls(self) -> Calls:
        one = sum((Calls(each.most, each.again) for each in self.requests), Calls(0, 0))
        usual, tries = one.most, _sum(one.most, one.more)
        most = self._most_in_time()
        if most is not None:
            usual = most if usual is None else min(usual, most)
            reconciling = sum((each.again or 0) for each in self.requests if each.foreseen.trouble)
            tries = most + reconciling if tries is None else min(tries, most + reconciling)
        more = None if tries is None or usual is None else max(0, tries - usual)
        return Calls(times(usual, self.performed.times), times(more, self.performed.times))

    def _most_in_time(self) -> int | None:
        """What the bucket lets through in the time of the performance; None if nothing bounds it."""
        cancels = any(each.operation is not None and each.operation.effect == "cancels" for each in self.requests)
        if cancels or self.bucket is None or self.performed.seconds is None:
            return None
        return int(self.bucket.capacity + self.bucket.per_second * self.performed.seconds)


def _all_shares(steps: Iterable[ForeseenStep], surroundings: Surroundings) -> Iterator[_Share]:
    for step in steps:
        for performed in step.all_performances:
            yield from _shares(step, performed, surroundings)


def _shares(
    step: ForeseenStep, performed: Performance, surroundings: Surroundings, *, counted: bool = False
) -> Iterator[_Share]:
    """What a performance takes of each operation; with ``counted``, of what uses up the limit on requests alone."""
    found: dict[str, list[ForeseenRequest]] = defaultdict(list)
    for each in performed.requests:
        if not isinstance(each.foreseen.ask, SignIn) and (each.foreseen.counted or not counted):
            found[each.operation.counted_as if each.operation else _ELSEWHERE].append(each)
    for name, requests in found.items():
        operation = requests[0].operation
        bucket = surroundings.bucket(operation) if operation is not None else None
        yield _Share(step.step.path, performed, name, tuple(requests), bucket)


def _load(shares: list[_Share], bucket: Bucket) -> Load:
    calls = sum((each.calls for each in shares), Calls(0, 0))
    ordinary = sum((each.calls for each in shares if not each.performed.urgent), Calls(0, 0))
    names = dict.fromkeys(each.operation.name for share in shares for each in share.requests if each.operation)
    open_steps = dict.fromkeys(each.step for each in shares if each.calls.most is None)
    return Load(tuple(names), bucket, calls, least_seconds(bucket, calls.most, ordinary.most), tuple(open_steps))


def least_seconds(bucket: Bucket, calls: int | None, ordinary: int | None) -> float | None:
    """How long so many calls take from a full bucket on; the ordinary ones leave what is kept for urgent ones."""
    if calls is None or ordinary is None:
        return None
    missing = max(0.0, calls - bucket.capacity, ordinary - (bucket.capacity - reserve(bucket)))
    return round(missing / bucket.per_second, 1)


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other
