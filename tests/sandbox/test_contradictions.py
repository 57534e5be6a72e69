"""Where the venue's pages contradict each other and no other test shows what the exchange does.

The numbers are those of the table in ``docs/sandbox.md``.
"""

from __future__ import annotations

import json

import pytest

from runner.sandbox.gateway.openapi import NAMES
from sandbox.bench import ALICES, BOB, Bench, Json, Keys, order_body, symbol
from sandbox.test_switches import ruled

INSERT, OPEN = "/v1/trading/orders", "/v1/trading/orders/open"
INSTRUMENTS = "/v1/refdata/instruments"


def listed(bench: Bench, **body: object) -> Json:
    status, answer = bench.post(INSTRUMENTS, {"pageSize": 100, **body})
    assert status == 200
    return answer["instruments"]


def test_01_a_price_is_dollars_times_the_scale(bench: Bench) -> None:
    """Fifty cents at scale 1000 are 500, in the order as in the answer."""
    order, _ = bench.read(bench.place(price=500))
    assert (order["price"], order["priceScale"]) == ("500", "1000")


def test_08_no_call_creates_a_user_or_an_account(bench: Bench) -> None:
    """Users come from an identity check alone."""
    for path in ("/v1/users", "/v1/accounts"):
        assert bench.post(path, {})[0] == 405


def test_09_quantity_ten_is_a_tenth_of_a_contract(bench: Bench) -> None:
    """On an instrument of scale 100: ten cents' worth of payout, five cents at fifty."""
    bench.place(symbol=symbol("buf"), price=50, orderQty=10)
    balance = bench.post("/v1/positions/balance", {"name": ALICES, "currency": "USD"})[1]
    assert balance["openOrders"] == "0.05"


def test_13_the_scale_divides(bench: Bench) -> None:
    """``priceScale`` is a divisor: a tick in dollars times the scale is a whole number."""
    for each in listed(bench):
        assert float(each["tickSize"] * int(each["priceScale"])).is_integer()


def test_14_a_quantity_scale_of_zero_means_one(bench: Bench) -> None:
    """Older listings print 0, newer ones 1 or 100."""
    assert {each["fractionalQtyScale"] for each in listed(bench)} >= {"0", "1", "100"}
    bench.place(symbol=symbol("gb"), price=50, orderQty=1)
    balance = bench.post("/v1/positions/balance", {"name": ALICES, "currency": "USD"})[1]
    assert balance["openOrders"] == "0.5"


def test_15_firm_types_are_those_of_the_enum(bench: Bench) -> None:
    """Nobody is a ``FIRM_TYPE_TRADER``."""
    assert bench.get("/v1/whoami")[1]["firmType"] == "FIRM_TYPE_PARTICIPANT"


def test_17_accounts_are_full_names_under_the_clearing_firm(bench: Bench) -> None:
    """A short id is not taken."""
    assert bench.get("/v1/accounts")[1]["accounts"] == [ALICES]
    assert ALICES.startswith("firms/ISV-Acme/accounts/")
    assert bench.post(INSERT, order_body(account=ALICES.rpartition("/")[2]))[0] == 403


def test_19_retired_account_routes_are_unknown(bench: Bench) -> None:
    """``POST /v1/accounts`` is a wrong method, ``GET /v1/accounts/{id}`` no route."""
    assert bench.post("/v1/accounts", {})[0] == 405
    assert bench.get("/v1/accounts/7")[0] == 403


def test_21_filters_that_only_the_guide_names_filter_nothing(bench: Bench) -> None:
    """``states`` and ``sides`` are keys outside the schema."""
    bench.place()
    body = {"pageSize": 5, "states": ["ORDER_STATE_FILLED"], "sides": ["SIDE_SELL"]}
    assert len(bench.post("/v1/report/orders/search", body)[1]["order"]) == 1


@pytest.mark.parametrize(
    "changes", [{"side": "buy"}, {"orderQty": None, "quantity": 10}, {"symbol": None, "instrument": symbol()}], ids=str
)
def test_22_fields_of_the_guide_snippets_do_not_exist(bench: Bench, changes: dict[str, object]) -> None:
    """An order by them lacks what it needs: 400."""
    assert bench.post(INSERT, order_body(**changes))[0] == 400


def test_22_a_preview_is_wrapped(bench: Bench) -> None:
    """Without ``request`` around it, it is an empty order."""
    preview = "/v1/trading/orders/preview"
    assert bench.post(preview, {"request": order_body()})[0] == 200
    assert bench.post(preview, order_body())[0] == 400


def test_23_a_list_inserts(bench: Bench) -> None:
    """``/v1/trading/orders/list`` retrieves nothing; it takes orders."""
    status, answer = bench.post(f"{INSERT}/list", {"requests": [order_body(), order_body()]})
    assert (status, len(answer["responses"])) == (200, 2)
    bench.settle()
    assert len(bench.get(OPEN)[1]["orders"]) == 2


def test_26_new_is_accepted_and_resting(bench: Bench) -> None:
    """What was submitted and not yet taken is PENDING_NEW."""
    order_id = bench.post(INSERT, order_body())[1]["orderId"]
    assert bench.read(order_id)[0]["state"] == "ORDER_STATE_PENDING_NEW"
    bench.settle()
    assert bench.read(order_id)[0]["state"] == "ORDER_STATE_NEW"


def test_28_replace_is_a_call_of_its_own(bench: Bench) -> None:
    """No cancel is needed to modify an order, which keeps its id."""
    order_id = bench.place()
    body = {"orderId": order_id, "symbol": symbol(), "price": 400, "orderQty": 10}
    assert bench.post(f"{INSERT}/replace", body) == (200, {})
    bench.settle()
    assert bench.read(order_id)[0]["price"] == "400"


@pytest.mark.parametrize("path", ["/v1/combos", "/v1/rfqs", "/v1/rfqs/quotes"])
def test_29_combos_are_not_served(bench: Bench, path: str) -> None:
    """Nor are requests for quotes: unknown routes."""
    assert bench.get(path)[0] == 403


def test_30_words_outside_the_schema_are_known(bench: Bench) -> None:
    """``TRADABLE_FILTER_ALL`` is the zero member; CLOSED and NEW are printed though the schemas lack them."""
    assert len(listed(bench, tradableFilter="TRADABLE_FILTER_ALL")) == len(listed(bench))
    assert "INSTRUMENT_STATE_CLOSED" in {each["state"] for each in listed(bench)}
    order, execution = bench.read(bench.place())
    assert (order["state"], execution["type"]) == ("ORDER_STATE_NEW", "EXECUTION_TYPE_NEW")
    assert execution["orderRejectReason"] == "ORD_REJECT_REASON_EXCHANGE_OPTION"


def test_32_ledger_entry_types_have_their_prefix(bench: Bench) -> None:
    """``LEDGER_ENTRY_TYPE_BALANCE_...``, as the schema has it."""
    bench.house.exchange.fund(ALICES, 5)
    entries = bench.get(f"/v1/funding/balance-ledger?account={ALICES}")[1]["entries"]
    assert entries[-1]["entryType"] == "LEDGER_ENTRY_TYPE_BALANCE_DEPOSIT"


def test_33_a_commission_is_an_entry_of_its_own(bench: Bench) -> None:
    """The execution moves the price alone."""
    bench.place(orderQty=100)
    bench.place(orderQty=100, side="SIDE_SELL", participant=BOB)
    entries = bench.get(f"/v1/funding/balance-ledger?account={ALICES}")[1]["entries"]
    moved = {each["entryType"].rpartition("BALANCE_")[2]: each for each in entries}
    assert set(moved) == {"ORDER_EXECUTION", "COMMISSION"}
    execution = moved["ORDER_EXECUTION"]
    assert float(execution["beforeBalance"]) - float(execution["afterBalance"]) == 50


@pytest.mark.parametrize("value", ["json", "csv"])
def test_34_ledger_downloads(keys: Keys, value: str) -> None:
    """JSON objects with base64 inside, or plain CSV, by the switch; an empty one is an empty body."""
    bench = ruled(keys, ledger_downloads=value)
    path = f"/v1/funding/balance-ledger/download?account={ALICES}"
    assert bench.answer("GET", path).body == b""
    bench.house.exchange.fund(ALICES, 5)
    body = bench.answer("GET", path).body
    assert ("data" in json.loads(body.splitlines()[0])["result"]) if value == "json" else body.count(b",") > 5


def test_35_health_and_incentives_are_public(bench: Bench) -> None:
    """Neither asks for a token; earnings do."""
    for path in ("/v1/health", "/v1/incentives"):
        assert bench.send("GET", path, token="none", participant=None)[0] == 200
    assert bench.send("GET", "/v1/incentives/earnings", token="none")[0] == 401


def test_39_operations_have_their_paths(bench: Bench) -> None:
    """Whatever their gRPC names are, the paths are those of the schemas."""
    paths = bench.house.document.tree["paths"]
    assert set(NAMES) == {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


def test_40_cash_quantities_go_with_limits(bench: Bench) -> None:
    """A LIMIT order may be given in cash."""
    order_id = bench.post(INSERT, order_body(orderQty=None, cashOrderQty=5000))[1]["orderId"]
    bench.settle()
    order, _ = bench.read(order_id)
    assert (order["state"], order["cashOrderQty"]) == ("ORDER_STATE_NEW", "5000")


def test_41_the_retail_path_is_unknown(bench: Bench) -> None:
    """``/v1/orders`` belongs to another service."""
    assert bench.post("/v1/orders", order_body())[0] == 403


@pytest.mark.parametrize("changes", [{"price": 0.5}, {"price": "0.5"}, {"orderQty": "1.5"}], ids=str)
def test_43_prices_and_quantities_are_integers(bench: Bench, changes: dict[str, object]) -> None:
    """Decimals are FIX's."""
    assert bench.post(INSERT, order_body(**changes))[0] == 400
