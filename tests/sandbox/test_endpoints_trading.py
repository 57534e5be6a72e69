"""Order entry over the gateway: lists, crosses, preview, replaces, searches, downloads, isolation of users."""

from __future__ import annotations

from typing import Any

import pytest

from runner.sandbox.exchange.terms import InstrumentState
from runner.sandbox.gateway.dialect import SEED
from runner.sandbox.rules import Rules
from sandbox.bench import ALICE, ALICES, BOB, Bench, Keys, order_body, symbol

TRADING = "/v1/trading/orders"
SEARCH = "/v1/report/orders/search"
EXECUTIONS, TRADES = "/v1/report/executions/search", "/v1/report/trades/search"


def ids(answer: Any) -> list[str]:
    return [each["orderId"] for each in answer["responses"]]


def traded(bench: Bench) -> tuple[str, str]:
    """Alice buys four of Bob's ten; the two orders."""
    bobs = bench.place(participant=BOB, side="SIDE_SELL", clordId="bobs")
    return bench.place(orderQty=4, clordId="alices"), bobs


def test_insert_list(bench: Bench) -> None:
    """Several orders at once; their ids come in the order of the requests."""
    status, answer = bench.post(f"{TRADING}/list", {"requests": [order_body(price=at) for at in (400, 410)]})
    assert status == 200
    bench.settle()
    assert [bench.read(each)[0]["price"] for each in ids(answer)] == ["400", "410"]


@pytest.mark.parametrize("path", ["list", "cancel/list", "replace/list"])
def test_lists_take_twenty_at_most(bench: Bench, path: str) -> None:
    """Twenty-one requests are 400, none of them is carried out; so is what is no list of messages."""
    for requests in ([order_body()] * 21, [1], "x"):
        status, answer = bench.post(f"{TRADING}/{path}", {"requests": requests})
        assert (status, answer["code"]) == (400, 3)
    assert bench.get(f"{TRADING}/open")[1]["orders"] == []
    assert bench.post(f"{TRADING}/{path}", {}) == (200, {"responses": []})


def test_insert_list_is_well_formed_or_nothing(bench: Bench) -> None:
    """One request that lacks its symbol: 400, and the other one is not placed either."""
    assert bench.post(f"{TRADING}/list", {"requests": [order_body(), order_body(symbol=None)]})[0] == 400
    assert bench.get(f"{TRADING}/open")[1]["orders"] == []


def test_cancel_list_passes_over_what_is_gone(bench: Bench) -> None:
    """Unknown and finished orders do not stop the others."""
    first, second = bench.place(), bench.place()
    wanted = [{"orderId": each, "symbol": symbol()} for each in (first, "NONE", second)]
    assert bench.post(f"{TRADING}/cancel/list", {"requests": wanted}) == (200, {"responses": [{}, {}, {}]})
    bench.settle()
    assert {bench.read(each)[0]["state"] for each in (first, second)} == {"ORDER_STATE_CANCELED"}


def test_replace_and_its_list(bench: Bench) -> None:
    """``{}`` at once, PENDING_REPLACE, then REPLACED under the same id with the new terms."""
    order_id = bench.place(clordId="old")
    body = {"orderId": order_id, "symbol": symbol(), "price": "450", "orderQty": 20, "clordId": "new"}
    assert bench.post(f"{TRADING}/replace", body) == (200, {})
    assert bench.read(order_id)[0]["state"] == "ORDER_STATE_PENDING_REPLACE"
    bench.settle()
    order, execution = bench.read(order_id)
    assert (order["state"], execution["type"]) == ("ORDER_STATE_REPLACED", "EXECUTION_TYPE_REPLACE")
    assert (order["price"], order["orderQty"], order["clordId"]) == ("450", "20", "new")
    found = [bench.post(SEARCH, {"pageSize": 5, "clordId": name})[1]["order"] for name in ("old", "new")]
    assert [len(orders) for orders in found] == [0, 1]
    assert bench.post(f"{TRADING}/replace/list", {"requests": [body | {"price": 460}]}) == (200, {"responses": [{}]})
    bench.settle()
    assert bench.read(order_id)[0]["price"] == "460"


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"orderId": "NONE"}, 404), ({"orderId": None}, 400), ({"symbol": None}, 400), ({"orderQty": -1}, 400)],
    ids=["unknown", "no-id", "no-symbol", "negative"],
)
def test_replaces_that_are_refused_at_once(bench: Bench, changes: dict[str, object], status: int) -> None:
    """As cancels are."""
    body = {"orderId": bench.place(), "symbol": symbol(), "price": "450"} | changes
    assert bench.post(f"{TRADING}/replace", body)[0] == status


def test_replace_of_a_filled_order(bench: Bench) -> None:
    """409, as a cancel of it."""
    order_id, _ = traded(bench)
    status, answer = bench.post(f"{TRADING}/replace", {"orderId": order_id, "symbol": symbol(), "price": 450})
    assert (status, answer["code"]) == (409, 10)


def test_preview_shows_the_order_and_places_none(bench: Bench) -> None:
    """The request comes back as a PENDING_NEW order without id, with the instrument's scales."""
    status, answer = bench.post(f"{TRADING}/preview", {"request": order_body(clordId="mine")})
    shown = answer["previewOrder"]
    assert (status, shown["id"], shown["state"]) == (200, "", "ORDER_STATE_PENDING_NEW")
    assert (shown["clordId"], shown["priceScale"], shown["fractionalQuantityScale"]) == ("mine", "1000", "1")
    assert len(shown) == 43
    assert bench.post(SEARCH, {"pageSize": 5})[1]["order"] == []


@pytest.mark.parametrize(
    ("request_", "code", "text"),
    [
        (order_body(price=1000), 9, "High price limit is 0.999, given 1"),
        (order_body(orderQty=3_000_000), 9, "1000000 USD available, requested 1500000"),
        (order_body(symbol=symbol("cin")), 9, "Book is HALTED"),
        (order_body(type="ORDER_TYPE_MARKET_TO_LIMIT"), 9, None),
        (None, 3, "symbol is required"),
    ],
    ids=["price", "money", "state", "market", "no-wrapper"],
)
def test_preview_refuses(bench: Bench, request_: object, code: int, text: str | None) -> None:
    """What would be rejected is told at once."""
    status, answer = bench.post(f"{TRADING}/preview", {"request": request_} if request_ else order_body())
    assert (status, answer["code"]) == (400, code)
    assert text in (None, answer["message"])


def test_preview_does_not_judge_quantities(bench: Bench) -> None:
    """As the venue was seen to do."""
    body = order_body(symbol=symbol("mia"), orderQty=1, price=50)
    assert bench.post(f"{TRADING}/preview", {"request": body})[0] == 200


def test_cross(bench: Bench) -> None:
    """Its two orders trade with each other and carry its ids; ids answer in the order of the requests."""
    sides = [order_body(side=side) for side in ("SIDE_SELL", "SIDE_BUY")]
    body = {
        "requests": sides,
        "crossType": "CROSS_TYPE_ALL_OR_NONE",
        "crossId": "x1",
        "crossPrioritizedSide": "SIDE_BUY",
    }
    status, answer = bench.post(f"{TRADING}/cross", body)
    assert status == 200
    bench.settle()
    orders = [bench.read(each) for each in ids(answer)]
    assert [order["side"] for order, _ in orders] == ["SIDE_SELL", "SIDE_BUY"]
    assert [execution["aggressor"] for _, execution in orders] == [True, False]
    assert {order["state"] for order, _ in orders} == {"ORDER_STATE_FILLED"}
    host = orders[0][0]["hostCrossId"]
    for wanted in ({"crossId": "x1"}, {"hostCrossId": host}):
        assert len(bench.post(SEARCH, {"pageSize": 5} | wanted)[1]["order"]) == 2
    assert bench.post(TRADES, {"pageSize": 5})[1]["trade"][0]["tradeType"] == "TRADE_TYPE_CROSS"


@pytest.mark.parametrize(
    "changes",
    [
        [{"side": "SIDE_BUY"}, {"side": "SIDE_BUY"}],
        [{"side": "SIDE_BUY"}],
        [{"side": "SIDE_BUY"}, {"side": "SIDE_SELL", "price": 501}],
        [{"side": "SIDE_BUY"}, {"side": "SIDE_SELL", "type": "ORDER_TYPE_MARKET_TO_LIMIT"}],
    ],
    ids=["same-side", "one", "prices", "market"],
)
def test_crosses_that_are_none(bench: Bench, changes: list[dict[str, object]]) -> None:
    """One order of each side, alike in symbol, price and quantity."""
    assert bench.post(f"{TRADING}/cross", {"requests": [order_body(**change) for change in changes]})[0] == 400


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"type": "ORDER_TYPE_STOP"}, 400),
        ({"timeInForce": "TIME_IN_FORCE_GOOD_TILL_TIME"}, 400),
        ({"quote": "q"}, 400),
        ({"minQty": -1}, 400),
        ({"user": BOB}, 403),
        ({"user": ALICE, "sessionId": "s"}, 200),
        ({"price": None, "bestLimit": True}, 200),
        ({"price": None, "type": "ORDER_TYPE_MARKET_TO_LIMIT"}, 200),
    ],
    ids=["stop-price", "good-till", "quote", "minimum", "anothers-user", "own-user", "best", "market"],
)
def test_fields_that_go_together(bench: Bench, changes: dict[str, object], status: int) -> None:
    """What an instruction cannot do without is demanded with it."""
    assert bench.post(TRADING, order_body(**changes))[0] == status


def test_instructions_are_shown_again(bench: Bench) -> None:
    """Every instruction of an order is printed with it."""
    asked = {
        "type": "ORDER_TYPE_STOP_LIMIT",
        "stopPrice": "600",
        "minQty": "2",
        "strictLimit": True,
        "timeInForce": "TIME_IN_FORCE_GOOD_TILL_TIME",
        "goodTillTime": "2026-11-23T12:00:00Z",
        "selfMatchPreventionId": "desk",
        "selfMatchPreventionInstruction": "SELF_MATCH_PREVENTION_INSTRUCTION_REMOVE_BOTH",
        "ignorePriceValidityChecks": True,
        "orderCapacity": "ORDER_CAPACITY_AGENCY",
    }
    order, _ = bench.read(bench.place(**asked))  # type: ignore[arg-type]
    del asked["selfMatchPreventionId"]
    assert {name: order[name] for name in asked} == asked
    assert order["state"] == "ORDER_STATE_NEW"


def test_two_users_of_a_firm_are_isolated(bench: Bench) -> None:
    """Neither sees, cancels or replaces the other's orders, nor reads executions, trades or money of his."""
    order_id = bench.place()
    named = {"orderId": order_id, "symbol": symbol()}
    assert bench.post(f"{TRADING}/cancel", named, participant=BOB)[0] == 404
    assert bench.post(f"{TRADING}/replace", named | {"price": 1}, participant=BOB)[0] == 404
    bench.post(f"{TRADING}/cancel/list", {"requests": [named]}, participant=BOB)
    bench.settle()
    assert bench.read(order_id)[0]["state"] == "ORDER_STATE_NEW"
    for path, key in ((SEARCH, "order"), (EXECUTIONS, "executions"), (TRADES, "trade")):
        body = {"pageSize": 5, "orderId": order_id, "accounts": [ALICES]}
        assert bench.post(path, body, participant=BOB)[1][key] == []
    for path in ("/v1/positions?name=", "/v1/positions/ledger?account=", "/v1/funding/balance-ledger?account="):
        assert bench.get(f"{path}{ALICES}", participant=BOB)[0] == 403


def test_a_wrong_firm_segment_is_403(bench: Bench) -> None:
    """Another firm's user is refused, whatever is asked."""
    for firm in ("ISV-Acme", "ISV-Participant-Other", "Sandbox-Maker"):
        status, answer = bench.post(TRADING, order_body(), participant=f"firms/{firm}/users/alice")
        assert (status, answer["code"]) == (403, 7)
    assert bench.post(TRADING, order_body(), participant="firms/Sandbox-Maker/users/maker")[0] == 403


@pytest.mark.parametrize(
    ("window", "hour", "status"),
    [
        ("off", 11, 200),
        ("trading_hours", 11, 503),
        ("trading_hours", 13, 200),
        ("changelog", 8, 503),
        ("changelog", 11, 200),
    ],
    ids=str,
)
def test_weekly_maintenance(keys: Keys, window: str, hour: int, status: int) -> None:
    """Thursdays by New York's time, in the window of the switch: 503 for everything but the health check."""
    bench = Bench(keys, rules=Rules(maintenance_window=window))  # type: ignore[arg-type]
    bench.clock.move(days=4, hours=hour - 12)
    assert bench.get("/v1/whoami")[0] == status
    assert bench.get("/v1/health")[0] == 200


def test_a_cancel_in_a_halted_book_is_taken_and_has_no_effect(bench: Bench) -> None:
    """200, PENDING_CANCEL, then NEW again: a reject of a cancel shows nowhere over REST."""
    order_id = bench.place()
    bench.house.exchange.set_state(symbol(), InstrumentState.HALTED)
    assert bench.post(f"{TRADING}/cancel", {"orderId": order_id, "symbol": symbol()}) == (200, {})
    assert bench.read(order_id)[0]["state"] == "ORDER_STATE_PENDING_CANCEL"
    bench.settle()
    assert bench.read(order_id)[0]["state"] == "ORDER_STATE_NEW"


def test_seed_casing_everywhere(keys: Keys) -> None:
    """The older dialect answers the newer operations in snake_case and plain numbers."""
    bench = Bench(keys, SEED)
    order = bench.post(TRADING, order_body(), participant=None)[1]["order"]
    assert bench.post(f"{TRADING}/replace", {"order_id": order["id"], "price": 450}, participant=None) == (200, {})
    found = bench.post(EXECUTIONS, {}, participant=None)[1]
    assert (found["executions"][1]["type"], found["executions"][1]["order"]["price"]) == ("EXECUTION_TYPE_REPLACE", 450)
    assert found["next_page_token"] == ""
