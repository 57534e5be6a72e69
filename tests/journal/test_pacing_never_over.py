"""Whatever calls ask for their turns, and in whatever sequence: the venue's own bucket never runs dry."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from runner.engine.pacing import Turn
from runner.journal.pacing import SharedBuckets
from runner.venue.operations import OPERATIONS, Bucket, rate

SEARCH = OPERATIONS["search_orders"]
RATES = st.sampled_from(["12/min", "6/min", "1/min", "0.5/s", "5/s", "30/s", "2.5/s"])
PAUSES = st.sampled_from([0.0, 0.001, 0.04, 0.3, 1.0, 7.0, 40.0])
ASKED = st.lists(st.tuples(PAUSES, st.booleans(), st.sampled_from([0.0, 3.0, 60.0]), st.booleans()), max_size=60)


class VenueBucket:
    """The other side, as its rate page describes it."""

    def __init__(self, bucket: Bucket, now: float) -> None:
        self._bucket = bucket
        self._left, self._at = bucket.capacity, now

    def call(self, now: float) -> bool:
        """Whether a call is within the limit."""
        filled = self._left + (now - self._at) * self._bucket.per_second
        self._left, self._at = min(self._bucket.capacity, filled) - 1, now
        return self._left >= -0.001 - self._bucket.per_second * 0.001


@settings(max_examples=200, deadline=None)
@given(RATES, ASKED)
def test_never_over_the_limit(text: str, asked: list[tuple[float, bool, float, bool]]) -> None:
    """Ordinary and urgent calls, impatient ones, and some that are given back when they have waited for a while."""
    bucket = rate(text)
    assert bucket is not None
    buckets, now = SharedBuckets(None, "", "F", {"search_orders": bucket}), 1_800_000_000.0
    venue, waiting = VenueBucket(bucket, now), list[tuple[Turn, bool]]()

    def go(until: float) -> None:
        """Let all calls leave whose turn comes until then, each at its moment."""
        nonlocal now
        while waiting:
            left, place = min((buckets.left(turn, now), n) for n, (turn, _) in enumerate(waiting))
            if now + left > until:
                break
            now += left
            turn, leaves = waiting.pop(place)
            if leaves:
                assert venue.call(now)
            else:
                buckets.give_back(turn, now)
        now = until

    for pause, urgent, longest, leaves in asked:
        go(now + pause)
        turn = buckets.take(SEARCH, now, urgent=urgent, longest=longest)
        assert turn is not None
        if turn.wait <= longest:
            waiting.append((turn, leaves or turn.wait == 0))
    go(now + 100_000)
    assert waiting == []
