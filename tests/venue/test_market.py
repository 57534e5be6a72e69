"""The market, holdings and history as the model tells them: exact dollars and contracts, from documented answers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from runner.errors import ContractBroken
from runner.venue import holdings, market
from runner.venue.desk import Desk

from .recorded import CALLS, SCALES, SYMBOL, recorded, route, scales_of
from .server import Exchange, Received

D = Decimal
AT = datetime(2026, 11, 20, 15, 4, 5, 123456, UTC)


def read(name: str, desk: Desk, exchange: Exchange, **changes: Any) -> Any:
    """What the client makes of a recorded answer."""
    exchange.routes[route(name)] = recorded(name) | changes
    return CALLS[name](desk).value


def test_an_order_book(desk: Desk, exchange: Exchange) -> None:
    """Levels in sequence; a price that does not exist is None."""
    book = read("order_book", desk, exchange).plain()
    assert book["bids"] == [
        {"price": D("0.56"), "quantity": D(12)},
        {"price": D("0.55"), "quantity": D(9)},
    ]
    assert book["offers"] == [{"price": D("0.58"), "quantity": D(4)}]
    assert (book["state"], book["updated_at"]) == ("INSTRUMENT_STATE_OPEN", AT)
    stats = book["stats"]
    assert (stats["last_price"], stats["volume"], stats["notional"]) == (D("0.56"), D(34), D("19.04"))
    assert stats["settlement_price"] is None


def test_depth_is_asked_for(desk: Desk, exchange: Exchange) -> None:
    """Or left to the venue."""
    exchange.routes[route("order_book")] = recorded("order_book")
    market.order_book(desk, SYMBOL, SCALES, 10)
    market.order_book(desk, SYMBOL, SCALES)
    assert [each.target for each in exchange.asked(f"/v1/orderbook/{SYMBOL}")] == [
        f"/v1/orderbook/{SYMBOL}?depth=10",
        f"/v1/orderbook/{SYMBOL}",
    ]


def test_best_prices(desk: Desk, exchange: Exchange) -> None:
    """Both sides, their distance and their middle."""
    best = read("best_prices", desk, exchange)
    assert (best.bid, best.bid_quantity, best.offer, best.offer_quantity) == (D("0.56"), D(12), D("0.58"), D(4))
    assert (best.spread, best.mid) == (D("0.02"), D("0.57"))


@pytest.mark.parametrize("nobody", [None, {"px": "0", "qty": "0"}], ids=["null", "zero"])
def test_a_side_where_nobody_is(nobody: Any, desk: Desk, exchange: Exchange) -> None:
    """It has no price, and then there is no spread and no middle."""
    best = read("best_prices", desk, exchange, bestBid=nobody, spread="0", midPrice="0")
    assert (best.bid, best.bid_quantity, best.offer, best.spread, best.mid) == (None, None, D("0.58"), None, None)


@pytest.mark.parametrize("name", ["order_book", "best_prices", "settlement"])
def test_an_answer_about_another_instrument(name: str, desk: Desk, exchange: Exchange) -> None:
    """It is not taken for the one that was asked for."""
    with pytest.raises(ContractBroken, match="`symbol` is 'other'"):
        read(name, desk, exchange, symbol="other")


def test_a_settlement(desk: Desk, exchange: Exchange) -> None:
    """In dollars by the scale of the answer."""
    settled = read("settlement", desk, exchange)
    assert (settled.settled, settled.price, settled.text, settled.settled_at) == (True, D(1), "final", AT)


@pytest.mark.parametrize(
    ("stats", "settled", "price"),
    [
        (None, False, None),
        ({"settlementPx": "40", "settlementPreliminary": True}, False, None),
        ({"settlementPx": "0"}, True, D(0)),
    ],
    ids=["none", "preliminary", "zero"],
)
def test_whether_it_is_settled(stats: Any, settled: bool, price: Any, desk: Desk, exchange: Exchange) -> None:
    """Only a final price settles, and 0 is one."""
    found = read("settlement", desk, exchange, stats=stats)
    assert (found.settled, found.price) == (settled, price)


def test_trade_statistics(desk: Desk, exchange: Exchange) -> None:
    """The whole, and its bars with their times."""
    found = read("trade_stats", desk, exchange)
    assert (found.stats.first, found.stats.high, found.stats.volume) == (D("0.55"), D("0.58"), D(34))
    assert (found.stats.notional, found.stats.trade_count, found.stats.start) == (D("19.04"), 12, None)
    assert found.bars[0].start == datetime(2026, 11, 20, tzinfo=UTC)


def test_statistics_of_nothing(desk: Desk, exchange: Exchange) -> None:
    """Prices that do not exist are None, counts are 0."""
    nothing = dict.fromkeys(recorded("trade_stats")["stats"], "0")
    found = read("trade_stats", desk, exchange, stats=nothing, bars=[], barStartTime=[], barEndTime=[])
    assert (found.stats.first, found.stats.volume, found.bars) == (None, D(0), ())


def test_bars_without_times(desk: Desk, exchange: Exchange) -> None:
    """They are not put beside others' times."""
    with pytest.raises(ContractBroken, match="1, 0 and 1 long"):
        read("trade_stats", desk, exchange, barStartTime=[])


def test_a_position(desk: Desk, exchange: Exchange) -> None:
    """A short is negative; cost and profit are by both scales."""
    found = read("positions", desk, exchange)[0]
    assert (found.net_position, found.sold, found.available) == (D("-2.5"), D("2.5"), D("-2.5"))
    assert (found.cost, found.realized, found.expired) == (D("-1.4"), D("0.05"), False)


def test_positions_beside_too_few(desk: Desk, exchange: Exchange) -> None:
    """What is free of a position can't be told from another's."""
    with pytest.raises(ContractBroken, match="availablePosition"):
        read("positions", desk, exchange, availablePosition=[])


def test_the_position_ledger(desk: Desk, exchange: Exchange) -> None:
    """Changes, and what they led to."""
    entry = read("position_ledger", desk, exchange)[0]
    assert (entry.id, entry.quantity_change, entry.cost_change) == ("pl_01", D("-2.5"), D("-1.4"))
    assert (entry.net_position, entry.business_date) == (D("-2.5"), "2026-11-20")


def test_the_balance_ledger(desk: Desk, exchange: Exchange) -> None:
    """Before, after, and the difference, exactly."""
    entry = read("balance_ledger", desk, exchange)[0]
    assert (entry.before, entry.after, entry.change) == (D(1000000), D("1000001.4"), D("1.4"))
    assert entry.type == "LEDGER_ENTRY_TYPE_BALANCE_ORDER_EXECUTION"


def test_an_execution(desk: Desk, exchange: Exchange) -> None:
    """What traded, for how much, and its order as it was then."""
    found = read("search_executions", desk, exchange)[0]
    assert (found.quantity, found.price, found.commission) == (D("2.5"), D("0.56"), D("4.25"))
    assert (found.order.id, found.order.filled_quantity) == ("CDHM9PJV16R7", D("2.5"))
    assert found.trade_date == date(2026, 11, 20)


def test_a_trade(desk: Desk, exchange: Exchange) -> None:
    """Both sides, and what they agreed on."""
    found = read("search_trades", desk, exchange)[0]
    assert (found.symbol, found.price, found.quantity) == (SYMBOL, D("0.56"), D("2.5"))
    assert (found.aggressor.order.side, found.passive.order.side) == ("SIDE_BUY", "SIDE_SELL")


@pytest.mark.parametrize("hidden", [None, {"order": None}, {"id": "", "order": {"id": "", "symbol": ""}}], ids=str)
def test_a_side_that_is_not_shown(hidden: Any, desk: Desk, exchange: Exchange) -> None:
    """Another firm's side may come empty."""
    trade = recorded("search_trades")["trade"][0] | {"aggressor": hidden}
    found = read("search_trades", desk, exchange, trade=[trade])[0]
    assert (found.aggressor, found.passive.id, found.price) == (None, "EX2", D("0.56"))


def ledger_page(request: Received) -> dict[str, Any]:
    """Three pages of one entry."""
    at = int(request.target.partition("pageToken=")[2] or 0)
    entry = recorded("balance_ledger")["entries"][0] | {"id": f"bl_{at}"}
    return {"entries": [entry], "nextPageToken": str(at + 1) if at < 2 else "", "eof": at >= 2}


@pytest.mark.parametrize(("limit", "found"), [(1000, 3), (2, 2), (1, 1)])
def test_pages_of_a_query_are_followed(limit: int, found: int, desk: Desk, exchange: Exchange) -> None:
    """Up to the limit, with the same query but for the token."""
    exchange.routes[route("balance_ledger")] = ledger_page
    reply = holdings.balance_ledger(desk, "a", {"newest_first": True, "symbol": None}, limit)
    assert [each.id for each in reply.value] == [f"bl_{at}" for at in range(found)]
    targets = [each.target.partition("?")[2] for each in exchange.asked("/v1/funding/balance-ledger")]
    assert targets == [
        f"account=a&newestFirst=true&pageSize={limit}{f'&pageToken={at}' if at else ''}" for at in range(found)
    ]


def test_positions_over_pages(desk: Desk, exchange: Exchange) -> None:
    """What is free stays beside its position."""
    whole = recorded("positions")

    def page(request: Received) -> dict[str, Any]:
        second = "pageToken" in request.target
        row = whole["positions"][0] | {"symbol": "second" if second else SYMBOL}
        free = {"availablePosition": ["300" if second else "-250"]}
        return {"positions": [row], **free, "nextPageToken": "" if second else "2", "eof": second}

    exchange.routes[route("positions")] = page
    found = holdings.positions(desk, "a", {}, 1000, scales_of).value
    assert [(each.symbol, each.available) for each in found] == [(SYMBOL, D("-2.5")), ("second", D(3))]
