"""Rate limits of tier 1: a bucket a firm and method, by the exchange's clock."""

from __future__ import annotations

import pytest

from runner.sandbox.gateway.buckets import TIER_1, Buckets, UnknownRate, every_minute, every_second, rates_from
from runner.sandbox.rules import Rules
from sandbox.bench import ALICE, BOB, Bench, Keys, MovingClock, order_body

SEARCH = "/v1/report/orders/search"
LIMITED = (429, {"code": 8, "message": "rate limit exceeded", "details": []})


@pytest.fixture
def limited(keys: Keys) -> Bench:
    return Bench(keys, rates=TIER_1)


def test_429_in_the_documented_form(limited: Bench) -> None:
    """Twelve searches a minute; the thirteenth is refused, and five seconds later there is one more."""
    assert [limited.post(SEARCH, {"pageSize": 1})[0] for _ in range(12)] == [200] * 12
    assert limited.post(SEARCH, {"pageSize": 1}) == LIMITED
    limited.clock.move(seconds=5)
    assert limited.post(SEARCH, {"pageSize": 1})[0] == 200
    assert limited.post(SEARCH, {"pageSize": 1}) == LIMITED


def test_a_bucket_is_the_firm_s(limited: Bench) -> None:
    """All users of a firm take from one bucket; each method has its own."""
    for _ in range(6):
        limited.post(SEARCH, {"pageSize": 1}, participant=ALICE)
        limited.post(SEARCH, {"pageSize": 1}, participant=BOB)
    assert limited.post(SEARCH, {"pageSize": 1}, participant=BOB) == LIMITED
    assert limited.post("/v1/refdata/symbols", {})[0] == 200


@pytest.mark.parametrize(
    ("path", "body", "calls"),
    [
        ("/v1/trading/orders", order_body(), 30),
        ("/v1/trading/orders/cancel", {"orderId": "X", "symbol": "X"}, 90),
        ("/v1/refdata/instruments", {}, 6),
        ("/v1/refdata/symbols", {}, 6),
        (SEARCH, {"pageSize": 1}, 12),
    ],
    ids=["insert", "cancel", "instruments", "symbols", "search"],
)
def test_each_method_has_its_rate(limited: Bench, path: str, body: object, calls: int) -> None:
    """As many as the table says at once, and not one more."""
    answers = [limited.post(path, body)[0] for _ in range(calls + 1)]
    assert 429 not in answers[:calls]
    assert answers[calls] == 429


def test_refused_calls_take_nothing(limited: Bench) -> None:
    """Who is turned away for the token or the participant has not used the bucket."""
    for _ in range(20):
        limited.send("POST", SEARCH, b"{}", token="a.b.c")
        limited.post(SEARCH, {}, participant=None)
    assert limited.post(SEARCH, {"pageSize": 1})[0] == 200


@pytest.mark.parametrize(("switch", "value"), [("off", None), ("on", "5")])
def test_retry_after_is_a_switch(keys: Keys, switch: str, value: str | None) -> None:
    """Off by default; on, it is the wait in whole seconds."""
    bench = Bench(keys, rules=Rules(retry_after=switch), rates={"SearchOrders": every_minute(12, burst=1)})  # type: ignore[arg-type]
    bench.post(SEARCH, {"pageSize": 1})
    answer = bench.answer("POST", SEARCH, b'{"pageSize":1}')
    assert (answer.status, answer.headers.get("retry-after")) == (429, value)


def test_a_bucket_fills_continuously() -> None:
    """Not at the turn of a second or minute, and never beyond its capacity."""
    clock = MovingClock()
    buckets = Buckets({"a": every_second(2)}, clock)
    assert [buckets.take("firm", "a") for _ in range(3)] == [0, 0, 0.5]
    clock.move(seconds=0.5)
    assert buckets.take("firm", "a") == 0
    clock.move(seconds=3600)
    assert [buckets.take("firm", "a") > 0 for _ in range(3)] == [False, False, True]


def test_a_clock_set_back_neither_fills_nor_empties() -> None:
    """Time that is taken back counts for nothing."""
    clock = MovingClock()
    buckets = Buckets({"a": every_second(1)}, clock)
    assert buckets.take("firm", "a") == 0
    clock.move(seconds=-100)
    assert buckets.take("firm", "a") == 1
    clock.move(seconds=1)
    assert buckets.take("firm", "a") == 0


def test_what_has_no_rate_is_never_empty() -> None:
    """An operation without a documented limit has none here."""
    buckets = Buckets({}, MovingClock())
    assert all(buckets.take("firm", "InsertOrder") == 0 for _ in range(1000))


def test_rates_can_be_set() -> None:
    """One bucket by the second or the minute, over the plan."""
    rates = rates_from(["SearchOrders=5/s", "InsertOrder=0.5/min"], TIER_1)
    assert (rates["SearchOrders"], rates["InsertOrder"]) == (every_second(5), every_minute(0.5))
    assert rates["CancelOrder"] == TIER_1["CancelOrder"]


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("SearchOrders", "is not NAME=N/s or NAME=N/min"),
        ("SearchOrders=0/s", "is not NAME=N/s or NAME=N/min"),
        ("SearchOrders=5/h", "is not NAME=N/s or NAME=N/min"),
        ("Search=5/s", "there is no bucket 'Search'; there are: InsertOrder,"),
    ],
)
def test_wrong_rates_are_told(setting: str, complaint: str) -> None:
    """What was wrong, and what there is."""
    with pytest.raises(UnknownRate, match=complaint):
        rates_from([setting], TIER_1)
