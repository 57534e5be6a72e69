"""Orders end to end: what goes out on the wire for a price and a quantity, and what is refused before."""

from __future__ import annotations

from decimal import Decimal

import pytest
from engine.conftest import Worlds
from engine.exchange import INSERT
from engine.world import World, playbook
from sandbox.bench import symbol

from runner.reporters.json_report import report
from runner.sandbox.gateway.dialect import PUBLISHED, SEED, Dialect

ORDER = """
  - id: order
    action: place_order
    with: {symbol: SYM, TERMS}
    capture: {price: result.order.price, quantity: result.order.quantity}
"""


def order(team: str, terms: str) -> str:
    return playbook(ORDER.replace("SYM", symbol(team)).replace("TERMS", terms))


WIRE = {
    "0.57 at scale 100": ("buf", "side: buy, price: 0.57, quantity: 1", 57, 100),
    "0.285 at scale 1000 with tick 0.005": ("phi", "side: buy, price: 0.285, quantity: 1", 285, 100),
    "0.01 contracts at quantity scale 100": ("buf", "side: buy, price: 0.57, quantity: 0.01", 57, 1),
    "0.01 at scale 100": ("buf", "side: buy, price: 0.01, quantity: 3", 1, 300),
    "0.29, which no binary float holds": ("buf", "side: buy, price: 0.29, quantity: 1.13", 29, 113),
    "0.0025 at scale 10000": ("det", "side: sell, price: 0.9975, quantity: 0.5", 9975, 50),
    "text": ("buf", "side: SIDE_BUY, price: '0.57', quantity: '2.50'", 57, 250),
    "quantity scale printed as 0": ("gb", "side: buy, price: 0.5, quantity: 7", 50, 7),
}


@pytest.mark.parametrize("dialect", [PUBLISHED, SEED], ids=["published", "seed"])
@pytest.mark.parametrize(("team", "terms", "price", "quantity"), WIRE.values(), ids=WIRE)
def test_wire(team: str, terms: str, price: int, quantity: int, dialect: Dialect, worlds: Worlds) -> None:
    """Dollars and contracts become the instrument's integers, exactly: in the intent, on the wire and in the report's
    call; and come back as they were."""
    world = worlds(dialect=dialect)
    ran = world.run(order(team, terms))
    assert ran.exit_code == 0
    sent = world.wire.of(INSERT)[0].body
    assert (sent["price"], sent["orderQty"]) == (price, quantity)
    assert ran.intended[0].body == sent
    calls = report(ran.result)["steps"][0]["calls"]
    assert next(each for each in calls if each["url"].endswith("/trading/orders"))["request"]["body"] == sent
    intended = ran.intended[0]
    assert ran.captured("order") == {"price": intended.price, "quantity": intended.quantity}


REFUSED = {
    "off tick": ("phi", "price: 0.283, quantity: 1", "0.283 is not on the tick of 0.005", "0.28 and 0.285"),
    "off tick at the bottom": ("phi", "price: 0.003, quantity: 1", "0.003 is below the instrument's lowest", "0.005"),
    "above the highest": ("buf", "price: 0.999, quantity: 1", "0.999 is above the instrument's highest", "0.99"),
    "zero": ("buf", "price: 0, quantity: 1", "0 is not between 0 and 1 dollar", "0.57"),
    "a dollar": ("buf", "price: 1, quantity: 1", "1 is not between 0 and 1 dollar", "0.57"),
    "cents for dollars": ("buf", "price: 57, quantity: 1", "57 is not between 0 and 1 dollar", "0.57"),
    "negative": ("buf", "price: -0.5, quantity: 1", "-0.5 is not between 0 and 1 dollar", "0.57"),
    "below the minimum": ("kc", "price: 0.5, quantity: 0.5", "a quantity of 0.5 is too small", "the smallest is 1"),
    "between lots": ("buf", "price: 0.5, quantity: 0.015", "0.015 is no multiple of the lot of 0.01", "0.01 and 0.02"),
    "no quantity": ("buf", "price: 0.5, quantity: 0", "a quantity of 0 is too small", "0.01"),
    "closed": ("bal", "price: 0.5, quantity: 1", "takes no orders now: it is INSTRUMENT_STATE_CLOSED", "wait until"),
    "halted": ("cin", "price: 0.5, quantity: 1", "it is INSTRUMENT_STATE_HALTED", "wait until"),
}


@pytest.mark.parametrize(("team", "terms", "message", "help"), REFUSED.values(), ids=REFUSED)
def test_refused_before_sending(team: str, terms: str, message: str, help: str, world: World) -> None:
    """What the instrument does not allow is refused, with what it does allow; nothing is sent or recorded."""
    ran = world.run(order(team, f"side: buy, {terms}"))
    assert (ran.exit_code, ran.statuses()) == (5, {"order": "refused"})
    finished = ran.step("order").finished
    assert finished is not None
    assert finished.error is not None
    assert message in finished.error.message
    assert help in finished.error.help
    assert (world.wire.count(INSERT), ran.intended) == (0, [])


INCOMPLETE = {
    "no price": ("quantity: 1", "this order needs `price`"),
    "neither": ("price: 0.5", "an order has either `quantity` or `cash`"),
    "both": ("price: 0.5, quantity: 1, cash: 5", "an order has either `quantity` or `cash`"),
    "stop": ("price: 0.5, quantity: 1, type: stop_limit", "this order needs `stop_price`"),
    "time": ("price: 0.5, quantity: 1, time_in_force: good_till_time", "this order needs `good_till`"),
}


@pytest.mark.parametrize(("terms", "message"), INCOMPLETE.values(), ids=INCOMPLETE)
def test_incomplete(terms: str, message: str, world: World) -> None:
    """What belongs together must be there."""
    ran = world.run(order("buf", f"side: buy, {terms}"))
    assert (ran.exit_code, ran.error("order"), world.wire.count(INSERT)) == (3, message, 0)


EXTRAS = {
    "cash": ("type: market_to_limit, cash: 5.50", {"cashOrderQty": 550, "type": "ORDER_TYPE_MARKET_TO_LIMIT"}),
    "stop": ("type: stop, stop_price: 0.6, quantity: 1", {"stopPrice": 60, "type": "ORDER_TYPE_STOP"}),
    "minimum": ("price: 0.5, quantity: 2, minimum_quantity: 0.5", {"minQty": 50}),
    "flags": ("price: 0.5, quantity: 1, post_only: true", {"participateDontInitiate": True}),
    "until": (
        "price: 0.5, quantity: 1, time_in_force: good_till_time, good_till: '2026-12-01T00:00:00Z'",
        {"goodTillTime": "2026-12-01T00:00:00Z", "timeInForce": "TIME_IN_FORCE_GOOD_TILL_TIME"},
    ),
}


@pytest.mark.parametrize(("terms", "body"), EXTRAS.values(), ids=EXTRAS)
def test_further_terms(terms: str, body: dict[str, object], world: World) -> None:
    """Other terms go out in the published spelling, as integers where they are money or quantities."""
    world.run(order("buf", f"side: buy, {terms}"))
    sent = world.wire.of(INSERT)[0].body
    assert {name: sent[name] for name in body} == body


EXPOSURES = {
    "buy": ("side: buy, price: 0.57, quantity: 10", "5.70"),
    "sell": ("side: sell, price: 0.57, quantity: 10", "4.30"),
    "buy without a price": ("side: buy, type: stop, stop_price: 0.5, quantity: 10", "9.90"),
    "sell without a price": ("side: sell, type: stop, stop_price: 0.5, quantity: 10", "9.90"),
    "cash": ("side: buy, type: market_to_limit, cash: 5.50", "5.50"),
}


@pytest.mark.parametrize(("terms", "dollars"), EXPOSURES.values(), ids=EXPOSURES)
def test_exposure(terms: str, dollars: str, world: World) -> None:
    """What an order can lose: price times quantity, or one minus the price; at the worst price without one."""
    assert world.run(order("buf", terms)).intended[0].exposure == Decimal(dollars)


def test_unknown_symbol(world: World) -> None:
    """A symbol that the venue does not list fails the step before anything is recorded."""
    ran = world.run(playbook(ORDER.replace("SYM", "nothing").replace("TERMS", "side: buy, price: 0.5, quantity: 1")))
    assert (ran.exit_code, ran.error("order"), ran.intended) == (1, "the venue lists no instrument `nothing`", [])


def test_instrument_is_read_once(world: World) -> None:
    """Reference data serve ten minutes."""
    one = "  - {id: AT, action: place_order, with: {symbol: SYMBOL, side: buy, price: 0.5, quantity: 1}}\n"
    pause = "  - {id: pause, action: wait, with: {for: 11m}}\n"
    steps = [one.replace("AT", at) for at in "abcd"]
    assert world.run(playbook("".join([*steps[:2], pause, *steps[2:]]))).exit_code == 0
    assert world.wire.count("POST /v1/refdata/instruments") == 2


def test_order_without_symbol(world: World) -> None:
    """`check_order` finds an order by its id alone."""
    text = """
  - id: order
    action: place_order
    with: {symbol: SYMBOL, side: buy, price: 0.5, quantity: 1}
    capture: {order_id: result.order.id, clord_id: result.order.clord_id}
  - {id: by_id, action: check_order, with: {order_id: "{{ order_id }}"}, expect: [result.order.id == order_id]}
  - {id: by_ours, action: check_order, with: {clord_id: "{{ clord_id }}"}, expect: [result.order.id == order_id]}
  - {id: none, action: check_order, with: {order_id: NOTHING}}
"""
    ran = world.run(playbook(text))
    assert ran.statuses() == {"order": "passed", "by_id": "passed", "by_ours": "passed", "none": "failed"}
    assert ran.error("none") == "the venue shows no order NOTHING"
    assert all("symbols=" not in each.query for each in world.wire.of("GET /v1/trading/orders/open")[-3:])
