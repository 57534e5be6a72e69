"""The venue's answers in both of its dialects, and those that break their contract."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from runner.errors import Unreachable
from runner.venue import endpoints, normal
from runner.venue.desk import Desk
from runner.venue.normal import RawOrder
from runner.venue.scales import Scales
from runner.venue.wire import camel, snake

from .server import Exchange, Received

D = Decimal

INSTRUMENT: dict[str, Any] = {
    "symbol": "tec-x",
    "tickSize": D("0.005"),
    "minimumTradeQty": "5",
    "description": "{{ 7 * 7 }}",
    "nonTradable": False,
    "priceLimit": {"low": "5", "high": "995", "lowSet": True, "highSet": True},
    "state": "INSTRUMENT_STATE_OPEN",
    "priceScale": "1000",
    "fractionalQtyScale": "100",
    "expirationDate": {"year": 2027, "month": 2, "day": 14},
    "metadata": {"event_id": "e"},
}
ORDER: dict[str, Any] = {
    "id": "ABC",
    "type": "ORDER_TYPE_LIMIT",
    "side": "SIDE_BUY",
    "orderQty": "100",
    "symbol": "tec-x",
    "clordId": "mine",
    "timeInForce": "TIME_IN_FORCE_DAY",
    "account": "firms/A/accounts/a",
    "cumQty": "25",
    "avgPx": "284",
    "leavesQty": "75",
    "state": "ORDER_STATE_PARTIALLY_FILLED",
    "price": "285",
    "createTime": "2026-11-02T12:00:00.123456789Z",
    "lastTransactTime": "2026-11-02T12:00:01Z",
    "priceScale": "1000",
    "fractionalQuantityScale": "100",
}
BALANCE: dict[str, Any] = {
    "balance": "1000000",
    "buyingPower": "999999.43",
    "openOrders": "0.57",
    "marginRequirement": "0",
    "updateTime": None,
}
IDENTITY = {"user": "firms/P/users/u", "userDisplayName": "U", "firm": "firms/P", "firmType": "FIRM_TYPE_PARTICIPANT"}


TEXTS = {"payoutValue", "positionAccountabilityValue"}
"""Numbers that are texts in both dialects."""


def seed(value: Any) -> Any:
    """The same answer in the other dialect: snake_case keys, integers as numbers."""
    match value:
        case dict():
            return {snake(key): item if key in TEXTS else seed(item) for key, item in value.items()}
        case list():
            return [seed(each) for each in value]
        case str() if re.fullmatch(r"-?\d+", value):
            return int(value)
    return value


@pytest.fixture(params=[lambda value: value, seed], ids=["published", "seed"])
def dialect(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    spoken: Callable[[Any], Any] = request.param
    return spoken


def test_an_instrument(dialect: Callable[[Any], Any]) -> None:
    """Prices in dollars, quantities in contracts, the scales as they are."""
    read = normal.instrument(dialect(INSTRUMENT)).plain()
    assert read == {
        "symbol": "tec-x",
        "description": "{{ 7 * 7 }}",
        "state": "INSTRUMENT_STATE_OPEN",
        "price_scale": 1000,
        "quantity_scale": 100,
        "tick_size": D("0.005"),
        "minimum_quantity": D("0.05"),
        "price_low": D("0.005"),
        "price_high": D("0.995"),
        "tradable": True,
        "expires_on": "2027-02-14",
        "metadata": {"event_id": "e"},
    }


def test_an_order(dialect: Callable[[Any], Any]) -> None:
    """By its own scales."""
    order = RawOrder(dialect(ORDER)).order()
    assert order.plain() == {
        "id": "ABC",
        "clord_id": "mine",
        "symbol": "tec-x",
        "side": "SIDE_BUY",
        "type": "ORDER_TYPE_LIMIT",
        "time_in_force": "TIME_IN_FORCE_DAY",
        "state": "ORDER_STATE_PARTIALLY_FILLED",
        "price": D("0.285"),
        "quantity": D(1),
        "leaves_quantity": D("0.75"),
        "filled_quantity": D("0.25"),
        "average_price": D("0.284"),
        "account": "firms/A/accounts/a",
        "reject_reason": "",
        "reject_text": "",
        "created_at": datetime(2026, 11, 2, 12, 0, 0, 123456, UTC),
        "updated_at": datetime(2026, 11, 2, 12, 0, 1, tzinfo=UTC),
    }


def test_a_balance(dialect: Callable[[Any], Any]) -> None:
    """Decimal texts in dollars; what is not told is None."""
    read = normal.balance(dialect(BALANCE))
    assert (read.balance, read.buying_power, read.open_orders) == (D(1000000), D("999999.43"), D("0.57"))
    assert (read.excess_capital, read.updated_at) == (None, None)


@pytest.mark.parametrize("firm", ["firms/P", "P"])
def test_an_identity(firm: str, dialect: Callable[[Any], Any]) -> None:
    """The firm comes bare in either form."""
    read = normal.identity(dialect(IDENTITY | {"firm": firm}))
    assert (read.firm, read.user, read.user_display_name, read.audience) == ("P", "firms/P/users/u", "U", "")


def test_users_and_accounts(dialect: Callable[[Any], Any]) -> None:
    """Lists side by side become rows."""
    answer = {"users": ["a", "b"], "displayNames": ["A", "B"], "firms": ["firms/F", "G"], "firmsDisplayNames": ["", ""]}
    rows = [each.plain() for each in normal.users(dialect(answer))]
    assert rows[0] == {"id": "a", "display_name": "A", "firm": "F", "firm_display_name": ""}
    assert rows[1]["firm"] == "G"
    found = normal.accounts(dialect({"accounts": ["x"], "displayNames": ["X"]}))
    assert [each.plain() for each in found] == [{"name": "x", "display_name": "X"}]


@pytest.mark.parametrize(
    "answer", [{"orderId": "A"}, {"order_id": "A"}, {"order": {"id": "A"}}, {"orderId": "", "order": {"id": "A"}}]
)
def test_the_id_of_an_inserted_order(answer: object) -> None:
    """Alone or inside an order, in either spelling."""
    assert normal.order_id(answer) == "A"


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ({"state": None}, "state", "ORDER_STATE_NEW"),
        ({"cumQty": "0", "avgPx": "0"}, "average_price", None),
        ({"price": "0"}, "price", None),
        ({"leavesQty": None}, "leaves_quantity", None),
        ({"createTime": None}, "created_at", None),
        ({"createTime": ""}, "created_at", None),
        ({"state": "ORDER_STATE_NEVER_SEEN"}, "state", "ORDER_STATE_NEVER_SEEN"),
        ({"fractionalQuantityScale": "0"}, "quantity", D(100)),
        ({"clordId": None}, "clord_id", ""),
    ],
)
def test_what_an_order_may_lack(change: dict[str, Any], field: str, value: object) -> None:
    """An absent state is NEW, the zero value; what does not exist is None or empty."""
    values = {key: item for key, item in (ORDER | change).items() if item is not None}
    assert RawOrder(values).order().plain()[field] == value


def test_an_order_without_scales_takes_the_instruments() -> None:
    """And without either it is an error: a scale is never guessed."""
    values = {key: item for key, item in ORDER.items() if "Scale" not in key}
    raw = RawOrder(values)
    assert raw.scales is None
    assert raw.order(Scales(1000, 100)) == RawOrder(ORDER).order()
    with pytest.raises(Unreachable, match=r"order\.priceScale"):
        raw.order()


@pytest.mark.parametrize(
    ("state", "pending", "terminal"),
    [
        ("NEW", False, False),
        ("PARTIALLY_FILLED", False, False),
        ("PENDING_NEW", True, False),
        ("PENDING_CANCEL", True, False),
        ("PENDING_RISK", True, False),
        ("CANCELED", False, True),
        ("EXPIRED", False, True),
        ("FILLED", False, True),
        ("REJECTED", False, True),
    ],
)
def test_states(state: str, pending: bool, terminal: bool) -> None:
    """Which states the venue has yet to decide, and which are the end."""
    order = RawOrder(ORDER | {"state": f"ORDER_STATE_{state}"}).order()
    assert (order.pending, order.terminal) == (pending, terminal)


@pytest.mark.parametrize(
    ("change", "tradable"),
    [
        ({}, True),
        ({"state": "INSTRUMENT_STATE_PREOPEN"}, True),
        ({"state": "INSTRUMENT_STATE_HALTED"}, False),
        ({"state": None}, False),
        ({"nonTradable": True}, False),
    ],
    ids=str,
)
def test_whether_an_instrument_is_tradable(change: dict[str, Any], tradable: bool) -> None:
    """Flag and state together; an absent state is CLOSED, the zero value."""
    values = {key: item for key, item in (INSTRUMENT | change).items() if item is not None}
    assert normal.instrument(values).tradable is tradable


@pytest.mark.parametrize("scale", ["0", None])
def test_a_missing_quantity_scale_is_one(scale: str | None) -> None:
    """As older listings have it."""
    values = INSTRUMENT | {"fractionalQtyScale": scale}
    read = normal.instrument(values)
    assert (read.quantity_scale, read.minimum_quantity) == (1, D(5))


@pytest.mark.parametrize(
    ("read", "whole", "fields"),
    [
        (normal.instrument, INSTRUMENT, ["symbol", "priceScale", "tickSize"]),
        (normal.balance, BALANCE, ["balance", "buyingPower"]),
        (normal.identity, IDENTITY, ["user", "firm"]),
        (normal.users, {"users": []}, ["users"]),
        (normal.accounts, {"accounts": []}, ["accounts"]),
        (normal.order_id, {"orderId": "A"}, ["orderId"]),
        (lambda values: RawOrder(values).order(), ORDER, ["id", "symbol"]),
    ],
    ids=["instrument", "balance", "identity", "users", "accounts", "insert", "order"],
)
def test_a_promised_field_that_vanished_or_changed(
    read: Callable[[Any], object], whole: dict[str, Any], fields: list[str]
) -> None:
    """Each is caught and named."""
    read(whole)
    for field in fields:
        for broken in ({key: item for key, item in whole.items() if key != field}, whole | {field: {}}):
            with pytest.raises(Unreachable) as caught:
                read(broken)
            assert f"{field}`" in caught.value.message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"priceScale": "ten"}, "`instrument.priceScale` is a text where an integer is due"),
        ({"priceScale": "0"}, "`instrument.priceScale` is 0, which divides nothing"),
        ({"priceScale": True}, "`instrument.priceScale` is true where an integer is due"),
        ({"fractionalQtyScale": "-1"}, "`fractionalQtyScale` is -1"),
        ({"tickSize": "NaN"}, "`instrument.tickSize` is a text where a number is due"),
        ({"nonTradable": "no"}, "`instrument.nonTradable` is a text where true or false is due"),
        ({"expirationDate": {"year": 2027, "month": 13, "day": 1}}, "`instrument.expirationDate`"),
        ({"priceLimit": []}, "`instrument.priceLimit` is a list where an object is due"),
        ({"metadata": 5}, "`instrument.metadata` is a number where an object is due"),
    ],
    ids=str,
)
def test_broken_instruments(change: dict[str, Any], words: str) -> None:
    """The field and what it is are told."""
    with pytest.raises(Unreachable) as caught:
        normal.instrument(INSTRUMENT | change)
    assert words in caught.value.message


@pytest.mark.parametrize("time", ["yesterday", "2026-11-02T12:00:00", 5])
def test_broken_times(time: object) -> None:
    """A time without its zone is none."""
    with pytest.raises(Unreachable, match=r"order\.createTime"):
        RawOrder(ORDER | {"createTime": time}).order()


def test_rows_of_unequal_length() -> None:
    """Names can't be put beside the wrong ids."""
    with pytest.raises(Unreachable, match="displayNames"):
        normal.users({"users": ["a", "b"], "displayNames": ["A"]})


def test_an_instrument_without_an_end() -> None:
    """No date is None, also where the venue writes zeros."""
    for nothing in (None, {"year": 0, "month": 0, "day": 0}):
        assert normal.instrument(INSTRUMENT | {"expirationDate": nothing}).expires_on is None
    assert normal.instrument(INSTRUMENT).expires_on == date(2027, 2, 14)


@pytest.mark.parametrize(("one", "other"), [("orderQty", "order_qty"), ("symbol", "symbol"), ("clordId", "clord_id")])
def test_spellings(one: str, other: str) -> None:
    """One name, two spellings."""
    assert (snake(one), camel(other)) == (other, one)


def paged(name: str, pages: int, **last: Any) -> Callable[[Received], Any]:
    """A listing of ``pages`` pages with two rows each."""

    def reply(request: Received) -> Any:
        at = int(request.json.get("pageToken", 0))
        rows = [dict(INSTRUMENT, tickSize="0.005", symbol=f"s{2 * at + n}", id=f"o{2 * at + n}") for n in range(2)]
        end = at + 1 >= pages
        return {name: rows, "nextPageToken": "" if end else str(at + 1), **(last if end else {})}

    return reply


@pytest.mark.parametrize(
    ("limit", "found", "pages", "size"), [(1000, 6, 3, 1000), (3, 3, 2, 3), (2, 2, 1, 2), (1, 1, 1, 1)]
)
def test_pages_are_followed(limit: int, found: int, pages: int, size: int, desk: Desk, exchange: Exchange) -> None:
    """Up to the limit, with the same request but for the token."""
    exchange.routes["POST /v1/refdata/instruments"] = paged("instruments", 3, eof=True)
    reply = endpoints.instruments(desk, {"tradable_filter": "TRADABLE_FILTER_TRADABLE", "symbols": None}, limit)
    assert [each.symbol for each in reply.value] == [f"s{n}" for n in range(found)]
    asked = exchange.asked("/v1/refdata/instruments")
    assert len(asked) == pages
    assert all(
        each.json
        == {"tradableFilter": "TRADABLE_FILTER_TRADABLE", "pageSize": size} | ({"pageToken": str(at)} if at else {})
        for at, each in enumerate(asked)
    )
    assert len(reply.raw["instruments"]) == 2 * pages


def test_eof_ends_a_listing(desk: Desk, exchange: Exchange) -> None:
    """Even where a token is still given."""
    rows = [dict(INSTRUMENT, tickSize="0.005")]
    exchange.routes["POST /v1/refdata/instruments"] = {"instruments": rows, "nextPageToken": "more", "eof": True}
    assert len(endpoints.instruments(desk).value) == 1


def test_a_token_that_comes_twice(desk: Desk, exchange: Exchange) -> None:
    """A listing that turns in a circle is an error, not an endless loop."""
    exchange.routes["POST /v1/refdata/instruments"] = {"instruments": [], "nextPageToken": "same"}
    with pytest.raises(Unreachable, match="came twice"):
        endpoints.instruments(desk)


@pytest.mark.parametrize(("listed", "found"), [(["tec-x"], True), ([], False), (["other"], False)])
def test_one_instrument(listed: list[str], found: bool, desk: Desk, exchange: Exchange) -> None:
    """By its exact symbol; a filter that was ignored does not bring another one."""
    rows = [dict(INSTRUMENT, tickSize="0.005", symbol=symbol) for symbol in listed]
    exchange.routes["POST /v1/refdata/instruments"] = {"instruments": rows, "eof": True}
    reply = endpoints.instrument(desk, "tec-x")
    assert (reply.value is not None) is found
    assert exchange.asked("/v1/refdata/instruments")[0].json == {"symbols": ["tec-x"], "pageSize": 1}


@pytest.mark.parametrize("name", ["order", "orders"])
def test_order_search(name: str, desk: Desk, exchange: Exchange) -> None:
    """Under either key, a page size always sent, and the reject's text from the last execution."""
    refused = {
        "order": {"id": "ABC"},
        "text": "Book is CLOSED",
        "orderRejectReason": "ORD_REJECT_REASON_EXCHANGE_CLOSED",
    }
    answer = {name: [ORDER, ORDER | {"id": "DEF"}], "nextPageToken": "", "lastExecutions": [None, refused]}
    exchange.routes["POST /v1/report/orders/search"] = answer
    reply = endpoints.search_orders(desk, {"clord_id": "mine"}, with_last_execution=True)
    orders = [each.order() for each in reply.value]
    assert exchange.asked("/v1/report/orders/search")[0].json == {
        "clordId": "mine",
        "pageSize": 1000,
        "withLastExecution": True,
    }
    assert [(each.id, each.reject_text) for each in orders] == [("ABC", "Book is CLOSED"), ("DEF", "")]
    assert orders[0].reject_reason == "ORD_REJECT_REASON_EXCHANGE_CLOSED"
    assert reply.raw == answer


def test_open_orders(desk: Desk, exchange: Exchange) -> None:
    """Symbols and accounts are repeated in the query."""
    exchange.routes["GET /v1/trading/orders/open"] = {"orders": [ORDER]}
    reply = endpoints.open_orders(desk, ["a b", "c"], ["firms/A/accounts/a"])
    assert [each.id for each in reply.value] == ["ABC"]
    target = exchange.asked("/v1/trading/orders/open")[0].target
    assert target == "/v1/trading/orders/open?symbols=a%20b&symbols=c&accounts=firms%2FA%2Faccounts%2Fa"


def test_accounts_of_a_user(desk: Desk, exchange: Exchange) -> None:
    """A user is asked for only if one is given."""
    exchange.routes["GET /v1/accounts"] = {"accounts": ["a"], "displayNames": ["A"]}
    endpoints.accounts(desk)
    endpoints.accounts(desk, "firms/P/users/u")
    assert [each.target for each in exchange.asked("/v1/accounts")] == [
        "/v1/accounts",
        "/v1/accounts?user=firms%2FP%2Fusers%2Fu",
    ]
