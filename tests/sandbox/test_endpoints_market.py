"""Books, best prices, settlement, trade statistics and incentives over the gateway."""

from __future__ import annotations

import pytest

from runner.sandbox.exchange.terms import InstrumentState
from sandbox.bench import BOB, Bench, symbol

BOOK = f"/v1/orderbook/{symbol()}"
STATS = "/v1/report/trades/stats"


def level(price: int, quantity: int) -> dict[str, str]:
    return {"px": str(price), "qty": str(quantity)}


def trade(bench: Bench, quantity: int = 4, price: int = 500) -> None:
    bench.place(participant=BOB, side="SIDE_SELL", orderQty=quantity, price=price)
    bench.place(orderQty=quantity, price=price)


def test_empty_book(bench: Bench) -> None:
    """Empty lists, and statistics that are not known."""
    status, answer = bench.get(BOOK, participant=None)
    assert (status, answer["bids"], answer["offers"]) == (200, [], [])
    assert (answer["state"], answer["stats"]["lastTradePx"]) == ("INSTRUMENT_STATE_OPEN", None)
    assert answer["transactTime"] == "2026-11-22T12:00:00Z"


@pytest.mark.parametrize(("depth", "levels"), [("", 3), ("?depth=1", 1), ("?depth=10", 5), ("?depth=0", 3)], ids=str)
def test_book_aggregates_levels(bench: Bench, depth: str, levels: int) -> None:
    """Bids fall, offers rise, each price once; three levels unless asked otherwise."""
    for price in (400, 410, 420, 430, 440, 440):
        bench.place(price=price)
        bench.place(side="SIDE_SELL", price=1000 - price)
    answer = bench.get(f"{BOOK}{depth}")[1]
    assert answer["bids"] == [level(440, 20), level(430, 10), level(420, 10), level(410, 10), level(400, 10)][:levels]
    assert answer["offers"][0] == level(560, 20)
    assert len(answer["offers"]) == levels


@pytest.mark.parametrize("depth", ["11", "-1", "x"])
def test_depth_is_ten_at_most(bench: Bench, depth: str) -> None:
    """400 beyond."""
    assert bench.get(f"{BOOK}?depth={depth}")[0] == 400


def test_book_statistics(bench: Bench) -> None:
    """Today's figures, the last trade, what is held; the day's figures begin anew at the roll."""
    trade(bench, 4, 500)
    trade(bench, 2, 520)
    stats = bench.get(BOOK)[1]["stats"]
    assert [stats[name] for name in ("openPx", "highPx", "lowPx", "lastTradePx", "lastTradeQty")] == [
        "500",
        "520",
        "500",
        "520",
        "2",
    ]
    assert (stats["sharesTraded"], stats["notionalTraded"], stats["openInterest"]) == ("6", "3040", "6")
    bench.clock.move(hours=12)
    stats = bench.get(BOOK)[1]["stats"]
    assert (stats["openPx"], stats["closePx"], stats["sharesTraded"]) == (None, "520", "0")


def test_indicative_price_before_opening(bench: Bench) -> None:
    """The price at which the book would open."""
    bench.house.exchange.set_state(symbol(), InstrumentState.PREOPEN)
    bench.place(price=450)
    bench.place(participant=BOB, side="SIDE_SELL", price=450)
    assert bench.get(BOOK)[1]["stats"]["indicativeOpenPx"] == "450"


def test_best_prices(bench: Bench) -> None:
    """Bid, offer, what is between and their middle."""
    empty = bench.get(f"{BOOK}/bbo", participant=None)[1]
    assert (empty["bestBid"], empty["bestOffer"], empty["spread"], empty["midPrice"]) == (None, None, "0", "0")
    bench.place(price=450)
    bench.place(side="SIDE_SELL", price=461, orderQty=7)
    answer = bench.get(f"{BOOK}/bbo")[1]
    assert (answer["bestBid"], answer["bestOffer"]) == (level(450, 10), level(461, 7))
    assert (answer["spread"], answer["midPrice"], answer["state"]) == ("11", "455", "INSTRUMENT_STATE_OPEN")


@pytest.mark.parametrize("path", ["/v1/orderbook/none", "/v1/orderbook/none/bbo", "/v1/instruments/none/settlement"])
def test_unknown_symbol(bench: Bench, path: str) -> None:
    """404 in the words that the venue was seen to use."""
    assert bench.get(path)[1] == {"code": 5, "message": "instrument does not exist", "details": []}


def test_settlement_price(bench: Bench) -> None:
    """No ``stats`` before; afterwards the final price, zero included."""
    path = f"/v1/instruments/{symbol()}/settlement"
    assert bench.get(path, participant=None)[1] == {"symbol": symbol(), "priceScale": "1000"}
    bench.house.exchange.settle(symbol(), 0)
    answer = bench.get(path)[1]
    assert (answer["stats"]["settlementPx"], answer["stats"]["settlementPreliminary"]) == ("0", False)
    assert answer["stats"]["settlementPriceCalculationMethod"] == "SETTLEMENT_PRICE_CALCULATION_METHOD_EVENT_TIER_1"
    assert bench.get(BOOK)[1]["stats"]["settlementPx"] == "0"


@pytest.mark.parametrize("odd", ["!x", "%2Fx", ""])
def test_settlement_of_no_symbol(bench: Bench, odd: str) -> None:
    """Empty, or beginning with ``/`` or ``!``: 400."""
    assert bench.get(f"/v1/instruments/{odd}/settlement")[0] == 400


def test_trade_statistics_in_bars(bench: Bench) -> None:
    """Everybody's trades, as a whole and in bars of equal length."""
    trade(bench, 4, 500)
    bench.clock.move(minutes=90)
    trade(bench, 2, 400)
    body = {"symbol": symbol(), "startTime": "2026-11-22T12:00:00Z", "endTime": "2026-11-22T14:00:00Z", "bars": 2}
    status, answer = bench.post(STATS, body, participant=None)
    stats = answer["stats"]
    assert status == 200
    assert [stats[name] for name in ("first", "last", "high", "low")] == ["500", "400", "500", "400"]
    assert (stats["totalTradeCount"], stats["volume"], stats["notional"]) == ("2", "6", "2800")
    assert [bar["volume"] for bar in answer["bars"]] == ["4", "2"]
    assert answer["barStartTime"] == ["2026-11-22T12:00:00Z", "2026-11-22T13:00:00Z"]
    assert answer["barEndTime"] == ["2026-11-22T13:00:00Z", "2026-11-22T14:00:00Z"]
    none = bench.post(STATS, {"symbol": symbol("buf"), "bars": 1})[1]
    assert (none["stats"]["volume"], len(none["bars"])) == ("0", 1)
    early = {"symbol": symbol(), "endTradeDate": {"year": 2026, "month": 11, "day": 21}}
    assert bench.post(STATS, early)[1]["stats"]["totalTradeCount"] == "0"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"symbol": "none"}, 404),
        ({"symbol": symbol(), "bars": -1}, 400),
        ({"symbol": symbol(), "bars": 1001}, 400),
        ({"symbol": symbol(), "startTime": "2026-11-22T13:00:00Z", "endTime": "2026-11-22T12:00:00Z"}, 400),
    ],
    ids=str,
)
def test_wrong_statistics(bench: Bench, body: dict[str, object], status: int) -> None:
    """A symbol is needed, bars are a thousand at most, time runs forward."""
    assert bench.post(STATS, body)[0] == status


def test_incentives(bench: Bench) -> None:
    """Public; filters are ANDed; nobody has earned anything yet."""
    listed = bench.get("/v1/incentives", participant=None)[1]["programs"]
    slugs = [program["marketSlug"] for program in listed]
    assert slugs == [symbol("det"), symbol("phi"), symbol("kc")]
    assert listed[0]["timePeriods"][0]["status"] == "active"
    turned = bench.get("/v1/incentives?orderDirection=asc&pageSize=2")[1]
    assert ([program["marketSlug"] for program in turned["programs"]], bool(turned["nextPageToken"])) == (
        [symbol("kc"), symbol("phi")],
        True,
    )
    assert len(bench.get(f"/v1/incentives?symbols={symbol()}&statuses=active&query=KC")[1]["programs"]) == 1
    for query in ("statuses=closed", "programType=X", "category=POL", "instrumentStates=INSTRUMENT_STATE_HALTED"):
        assert bench.get(f"/v1/incentives?{query}")[1]["programs"] == []
    assert bench.get("/v1/incentives?orderBy=x")[0] == 400
    assert bench.get("/v1/incentives/earnings?startDate=2026-03-21")[1] == {"rewards": []}
    assert bench.get("/v1/incentives/earnings?startDate=x")[0] == 400
