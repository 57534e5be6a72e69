"""Orders over the gateway, in both dialects."""

from __future__ import annotations

import re

import pytest

from runner.sandbox.rules import Rules
from sandbox.bench import ALICES, BOB, BOBS, Bench, Keys, order_body, symbol

INSERT, CANCEL = "/v1/trading/orders", "/v1/trading/orders/cancel"
OPEN, SEARCH = "/v1/trading/orders/open", "/v1/report/orders/search"


def test_insert_answers_with_an_id_and_nothing_else(bench: Bench) -> None:
    """The answer is an acknowledgement; the state follows after the settling time."""
    status, answer = bench.post(INSERT, order_body(clordId="mine"))
    assert status == 200
    assert list(answer) == ["orderId"]
    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{12}", answer["orderId"])
    order, execution = bench.read(answer["orderId"])
    assert (order["state"], order["insertTime"], execution) == ("ORDER_STATE_PENDING_NEW", None, None)
    bench.settle()
    order, execution = bench.read(answer["orderId"])
    assert (order["state"], order["leavesQty"], order["cumQty"]) == ("ORDER_STATE_NEW", "10", "0")
    assert (order["clordId"], order["account"], order["price"]) == ("mine", ALICES, "500")
    assert (order["insertTime"], execution["type"]) == ("2026-11-22T12:00:00.010000Z", "EXECUTION_TYPE_NEW")


def test_an_order_prints_all_43_fields(bench: Bench) -> None:
    """Defaults are printed, in camelCase."""
    order, _ = bench.read(bench.place(manualOrderIndicator="MANUAL_ORDER_INDICATOR_MANUAL"))
    assert len(order) == 43
    assert order["fractionalQuantityScale"] == "1"
    assert order["manualOrderIndicator"] == "MANUAL_ORDER_INDICATOR_MANUAL"


def test_snake_case_and_numbers_are_accepted(bench: Bench) -> None:
    """Both casings, numbers for 64-bit integers and numbers for enums."""
    body = {"symbol": symbol(), "side": 2, "type": 2, "time_in_force": 1, "order_qty": 10, "price": 5e2}
    status, answer = bench.post(INSERT, body)
    assert status == 200
    order, _ = bench.read(answer["orderId"])
    assert (order["side"], order["timeInForce"], order["price"]) == ("SIDE_SELL", "TIME_IN_FORCE_DAY", "500")


@pytest.mark.parametrize(
    "changes",
    [
        {"symbol": None},
        {"side": None},
        {"side": "SIDE_SIDEWAYS"},
        {"side": "BUY"},
        {"type": None},
        {"orderQty": None},
        {"orderQty": 0},
        {"orderQty": -1},
        {"cashOrderQty": 5},
        {"price": None},
    ],
    ids=str,
)
def test_what_no_order_can_lack(bench: Bench, changes: dict[str, object]) -> None:
    """A required field that is missing is 400, code 3, and no order comes of it."""
    status, answer = bench.post(INSERT, order_body(**changes))
    assert (status, answer["code"]) == (400, 3)
    assert bench.get(OPEN)[1] == {"orders": []}


@pytest.mark.parametrize(
    ("changes", "reason", "text"),
    [
        ({"symbol": "unknown"}, "UNKNOWN_SYMBOL", "Unknown symbol unknown"),
        ({"symbol": symbol("den")}, "EXCHANGE_OPTION", "Instrument is not tradable"),
        ({"symbol": symbol("bal")}, "EXCHANGE_CLOSED", "Book is CLOSED"),
        ({"symbol": symbol("cin")}, "EXCHANGE_CLOSED", "Book is HALTED"),
        ({"price": 1000}, "PRICE_OUT_OF_BOUNDS", "High price limit is 0.999, given 1"),
        ({"price": -5}, "PRICE_OUT_OF_BOUNDS", "Low price limit is 0.001, given -0.005"),
        (
            {"symbol": symbol("phi"), "price": 501},
            "INVALID_PRICE_INCREMENT",
            "Price increment is 0.005, given 0.501",
        ),
        ({"symbol": symbol("mia"), "orderQty": 98}, "INCORRECT_QUANTITY", "Low order size limit is 100, given 98"),
        (
            {"participateDontInitiate": True, "timeInForce": "TIME_IN_FORCE_FILL_OR_KILL"},
            "INCORRECT_ORDER_TYPE",
            "Post-only excludes minimum quantity, all-or-none, IOC and FOK",
        ),
        ({"bestLimit": True, "price": None}, "NO_LIQUIDITY", "No liquidity to derive limit price"),
        ({"orderQty": 2_000_001}, "EXCHANGE_OPTION", "1000000 USD available, requested 1000000.5"),
        (
            {"orderQty": 2_000_001, "side": "SIDE_SELL"},
            "EXCHANGE_OPTION",
            "1000000 USD available, requested 1000000.5",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_late_rejects(bench: Bench, changes: dict[str, object], reason: str, text: str) -> None:
    """What the exchange itself refuses is a 200 with an id, then REJECTED with text and reason on the execution."""
    order, execution = bench.read(bench.place(**changes))  # type: ignore[arg-type]
    assert (order["state"], order["leavesQty"]) == ("ORDER_STATE_REJECTED", "0")
    assert (execution["type"], execution["text"]) == ("EXECUTION_TYPE_REJECTED", text)
    assert execution["orderRejectReason"] == f"ORD_REJECT_REASON_{reason}"
    assert bench.get(OPEN)[1] == {"orders": []}


TIMES_IN_FORCE: dict[str, tuple[str, list[str]]] = {
    "DAY": ("NEW", []),
    "GOOD_TILL_CANCEL": ("NEW", []),
    "IMMEDIATE_OR_CANCEL": ("EXPIRED", ["EXPIRED"]),
    "GOOD_TILL_TIME": ("NEW", []),
    "FILL_OR_KILL": ("EXPIRED", ["EXPIRED"]),
}


@pytest.mark.parametrize(
    ("word", "state", "then"), [(word, *each) for word, each in TIMES_IN_FORCE.items()], ids=TIMES_IN_FORCE
)
def test_time_in_force(bench: Bench, word: str, state: str, then: list[str]) -> None:
    """Over the wire: taken as written and shown again; where nothing meets it, it rests, or is NEW and expires."""
    state, then = TIMES_IN_FORCE[word]
    until = "2026-11-22T13:00:00Z" if word == "GOOD_TILL_TIME" else None
    order_id = bench.place(timeInForce=f"TIME_IN_FORCE_{word}", goodTillTime=until)
    order, _ = bench.read(order_id)
    assert (order["timeInForce"], order["state"]) == (f"TIME_IN_FORCE_{word}", f"ORDER_STATE_{state}")
    _, found = bench.post("/v1/report/executions/search", {"pageSize": 5, "orderId": order_id})
    types = [each["type"].removeprefix("EXECUTION_TYPE_") for each in found["executions"]]
    assert sorted(types) == sorted(["NEW", *then])


def test_cancel_follows_after_a_moment(bench: Bench) -> None:
    """The cancel answers ``{}``; the order is PENDING_CANCEL, then CANCELED, and stays readable."""
    order_id = bench.place()
    assert bench.post(CANCEL, {"orderId": order_id, "symbol": symbol()}) == (200, {})
    order, _ = bench.read(order_id)
    assert (order["state"], order["leavesQty"]) == ("ORDER_STATE_PENDING_CANCEL", "10")
    assert bench.post(CANCEL, {"orderId": order_id, "symbol": symbol()}) == (200, {})
    bench.settle()
    order, execution = bench.read(order_id)
    assert (order["state"], order["leavesQty"]) == ("ORDER_STATE_CANCELED", "0")
    assert execution["type"] == "EXECUTION_TYPE_CANCELED"


@pytest.mark.parametrize(("rule", "status"), [("not_found", 404), ("ignore", 200)])
def test_cancel_of_an_unknown_order(keys: Keys, rule: str, status: int) -> None:
    """Another's order, an order of another symbol and no order at all are all unknown."""
    bench = Bench(keys, rules=Rules(cancel_unknown=rule))  # type: ignore[arg-type]
    order_id = bench.place()
    given, answer = bench.post(CANCEL, {"orderId": "NONE", "symbol": symbol()})
    assert (given, answer.get("message", "Unknown order")) == (status, "Unknown order")
    assert bench.post(CANCEL, {"orderId": order_id, "symbol": symbol("buf")})[0] == status
    assert bench.post(CANCEL, {"orderId": order_id, "symbol": symbol()}, participant=BOB)[0] == status
    bench.settle()
    assert bench.read(order_id)[0]["state"] == "ORDER_STATE_NEW"


@pytest.mark.parametrize(("rule", "status"), [("conflict", 409), ("ignore", 200)])
def test_cancel_of_a_finished_order(keys: Keys, rule: str, status: int) -> None:
    """A finished order cannot be cancelled; by the rule that is 409 or passed over."""
    bench = Bench(keys, rules=Rules(cancel_finished=rule))  # type: ignore[arg-type]
    order_id = bench.place(price=1000)
    assert bench.post(CANCEL, {"orderId": order_id, "symbol": symbol()})[0] == status


@pytest.mark.parametrize("body", [{}, {"orderId": "X"}, {"symbol": "X"}], ids=str)
def test_cancel_needs_id_and_symbol(bench: Bench, body: dict[str, object]) -> None:
    """Both are demanded."""
    status, answer = bench.post(CANCEL, body)
    assert (status, answer["code"]) == (400, 3)


def test_duplicate_client_order_id_is_rejected_late(bench: Bench) -> None:
    """One participant's live orders have distinct ids; a finished order frees its id, another's does not count."""
    first = bench.place(clordId="same")
    second = bench.place(clordId="same")
    assert bench.read(second)[1]["text"] == "ClOrdID already in use by an open order"
    third = bench.place(clordId="same", participant=BOB)
    assert bench.read(third, BOB)[0]["state"] == "ORDER_STATE_NEW"
    bench.post(CANCEL, {"orderId": first, "symbol": symbol()})
    bench.settle()
    fourth = bench.place(clordId="same")
    assert bench.read(fourth)[0]["state"] == "ORDER_STATE_NEW"


@pytest.mark.parametrize(
    ("rules", "changes", "status", "code"),
    [
        (Rules(duplicate_client_order_id="conflict"), {"clordId": "same"}, 409, 6),
        (Rules(missing_account="invalid"), {}, 400, 3),
        (Rules(missing_time_in_force="invalid"), {"timeInForce": None, "account": ALICES}, 400, 3),
        (Rules(), {"account": BOBS}, 403, 7),
    ],
    ids=["duplicate", "account", "time-in-force", "anothers-account"],
)
def test_switches_of_order_entry(keys: Keys, rules: Rules, changes: dict[str, object], status: int, code: int) -> None:
    """The undocumented points can be set to refuse at once; another's account always is."""
    bench = Bench(keys, rules=rules)
    bench.post(INSERT, order_body(clordId="same", account=ALICES))
    given, answer = bench.post(INSERT, order_body(**changes))
    assert (given, answer["code"]) == (status, code)


def test_users_do_not_see_each_other(bench: Bench) -> None:
    """Orders show to their participant alone, whatever another asks for; a trade shows to both sides."""
    order_id = bench.place()
    for body in ({"pageSize": 5}, {"pageSize": 5, "orderId": order_id}, {"pageSize": 5, "accounts": [ALICES]}):
        assert bench.post(SEARCH, body, participant=BOB)[1]["order"] == []
    assert bench.get(OPEN, participant=BOB)[1] == {"orders": []}
    bobs = bench.place(participant=BOB, side="SIDE_SELL", orderQty=4)
    assert bench.read(bobs, BOB)[0]["state"] == "ORDER_STATE_FILLED"
    order, execution = bench.read(order_id)
    assert (order["state"], order["cumQty"], order["leavesQty"]) == ("ORDER_STATE_PARTIALLY_FILLED", "4", "6")
    assert (order["avgPx"], order["priceToQuantityFilled"]) == ("500", {"500": "4"})
    assert (execution["type"], execution["lastShares"]) == ("EXECUTION_TYPE_PARTIAL_FILL", "4")
    assert (execution["aggressor"], execution["tradeId"]) == (False, order["lastTradeId"])


def test_balance_follows_orders_and_trades(bench: Bench) -> None:
    """An open order takes buying power, a trade cash and a fee, a short takes margin; who rested is paid a rebate."""
    bench.place()
    balance = {"name": ALICES, "currency": "USD"}
    before = bench.post("/v1/positions/balance", balance)[1]
    assert (before["balance"], before["openOrders"], before["buyingPower"]) == ("1000000", "5", "999995")
    bench.place(participant=BOB, side="SIDE_SELL")
    after = bench.post("/v1/positions/balance", balance)[1]
    assert (after["balance"], after["openOrders"], after["buyingPower"]) == ("999995.03", "0", "999995.03")
    short = bench.post("/v1/positions/balance", {"name": BOBS, "currency": "USD"}, participant=BOB)[1]
    assert (short["balance"], short["marginRequirement"], short["buyingPower"]) == ("1000004.83", "10", "999994.83")


def found(bench: Bench, **body: object) -> list[str]:
    status, answer = bench.post(SEARCH, {"pageSize": 100, **body})
    assert status == 200, answer
    return [order["clordId"] for order in answer["order"]]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, ["a", "b", "c"]),
        ({"clordId": "b"}, ["b"]),
        ({"symbol": symbol("buf")}, ["b"]),
        ({"accounts": [ALICES]}, ["a", "b", "c"]),
        ({"accounts": ["another"]}, []),
        ({"side": "SIDE_SELL"}, ["b"]),
        ({"type": "ORDER_TYPE_STOP"}, []),
        ({"orderStateFilter": "ORDER_STATE_FILTER_OPEN"}, ["a", "b"]),
        ({"orderStateFilter": "ORDER_STATE_FILTER_CLOSED"}, ["c"]),
        ({"orderStateFilter": "ORDER_STATE_FILTER_REJECTED"}, ["c"]),
        ({"orderStateFilter": "ORDER_STATE_FILTER_NEW"}, ["a", "b"]),
        ({"orderStateFilter": "no such word"}, ["a", "b", "c"]),
        ({"startTime": "2026-11-22T12:00:00.010Z"}, ["b", "c"]),
        ({"endTime": "2026-11-22T13:00:00.010+01:00"}, ["a", "b"]),
        ({"crossId": "x"}, []),
        ({"clientAccountId": "mine"}, ["a"]),
        ({"symbols": [symbol("buf")], "stateFilter": "ORDER_STATE_FILTER_CLOSED"}, ["a", "b", "c"]),
    ],
    ids=str,
)
def test_search_filters(bench: Bench, body: dict[str, object], expected: list[str]) -> None:
    """Filters are ANDed; keys that the published schema does not know filter nothing."""
    bench.place(clordId="a", clientAccountId="mine")
    bench.place(clordId="b", symbol=symbol("buf"), side="SIDE_SELL", price=60)
    bench.place(clordId="c", price=1000)
    assert found(bench, **body) == expected


@pytest.mark.parametrize("size", [None, 0, -1, 5001], ids=str)
def test_search_needs_a_page_size(bench: Bench, size: int | None) -> None:
    """Missing or out of bounds: 400, code 11, in the words the venue was seen to use."""
    expected = {"code": 11, "message": "Maximum requested records is 5000", "details": []}
    assert bench.post(SEARCH, {"pageSize": size}) == (400, expected)


def test_search_pages(bench: Bench) -> None:
    """Pages join to the whole; the end is an empty token and there is no ``eof``."""
    for name in "abcde":
        bench.place(clordId=name)
    first = bench.post(SEARCH, {"pageSize": 3})[1]
    second = bench.post(SEARCH, {"pageSize": 3, "pageToken": first["nextPageToken"]})[1]
    assert [order["clordId"] for order in first["order"] + second["order"]] == list("abcde")
    assert second["nextPageToken"] == ""
    assert set(second) == {"order", "nextPageToken", "lastExecutions"}


def test_open_orders_by_symbol_and_account(bench: Bench) -> None:
    """The query parameters repeat."""
    bench.place(clordId="a")
    bench.place(clordId="b", symbol=symbol("buf"), price=50)
    assert len(bench.get(f"{OPEN}?symbols={symbol()}&symbols={symbol('buf')}")[1]["orders"]) == 2
    assert len(bench.get(f"{OPEN}?symbols={symbol('buf')}&accounts={ALICES}")[1]["orders"]) == 1
    assert bench.get(f"{OPEN}?accounts=another")[1]["orders"] == []


def test_seed_speaks_as_the_older_quickstart(seed_bench: Bench) -> None:
    """Without header, account, page size or symbol: snake_case, plain numbers, the order itself and NEW at once."""
    body = {
        "clord_id": "mine",
        "symbol": symbol(),
        "side": "SIDE_BUY",
        "type": "ORDER_TYPE_LIMIT",
        "time_in_force": "TIME_IN_FORCE_GOOD_TILL_CANCEL",
        "order_qty": 10,
        "price": 500,
    }
    status, answer = seed_bench.post(INSERT, body, participant=None)
    assert status == 200
    order = answer["order"]
    assert (order["state"], order["order_qty"], order["leaves_qty"]) == ("ORDER_STATE_NEW", 10, 10)
    query = {"symbols": [symbol()], "state_filter": "ORDER_STATE_FILTER_OPEN"}
    assert len(seed_bench.post(SEARCH, query, participant=None)[1]["orders"]) == 1
    assert seed_bench.post(SEARCH, query | {"symbols": ["x"]}, participant=None)[1]["orders"] == []
    assert seed_bench.post("/v1/positions/balance", {}, participant=None)[1]["buying_power"] == "999995"
    assert seed_bench.post(CANCEL, {"order_id": order["id"]}, participant=None) == (200, {})
    closed = {"state_filter": "ORDER_STATE_FILTER_CLOSED"}
    assert seed_bench.post(SEARCH, closed, participant=None)[1]["orders"][0]["state"] == "ORDER_STATE_CANCELED"
    status, who = seed_bench.get("/v1/whoami", participant=None)
    assert (status, who["firm"]) == (200, "ISV-Participant-Acme")


def test_seed_takes_published_requests(seed_bench: Bench) -> None:
    """A client that speaks the published dialect is understood, header and all."""
    status, answer = seed_bench.post(INSERT, order_body(account=BOBS), participant=BOB)
    assert status == 200
    order_id = answer["order"]["id"]
    body = {"pageSize": 5, "symbol": symbol(), "orderStateFilter": "ORDER_STATE_FILTER_OPEN"}
    assert [order["id"] for order in seed_bench.post(SEARCH, body, participant=BOB)[1]["orders"]] == [order_id]
    assert seed_bench.post(CANCEL, {"orderId": order_id, "symbol": symbol()}, participant=BOB) == (200, {})
    listed = seed_bench.post("/v1/refdata/instruments", {"symbols": [symbol()], "pageSize": 5})[1]["instruments"]
    assert (listed[0]["price_scale"], listed[0]["fractional_qty_scale"]) == (1000, 1)
    assert "event_series" in listed[0]["metadata"]


def test_seed_rejects_late_as_well(seed_bench: Bench) -> None:
    """A bad order is a 200 whose order is REJECTED."""
    status, answer = seed_bench.post(INSERT, order_body(price=1000), participant=None)
    assert (status, answer["order"]["state"]) == (200, "ORDER_STATE_REJECTED")
