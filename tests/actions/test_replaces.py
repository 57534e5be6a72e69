"""What goes out on the wire for a replace, and what is refused before; and what a preview says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from engine.conftest import Worlds
from engine.exchange import INSERT, OPEN, changed, says
from engine.world import World, playbook
from sandbox.bench import symbol

from runner.record.events import ReplaceIntended
from runner.sandbox.gateway.dialect import PUBLISHED, SEED, Dialect

REPLACE = "POST /v1/trading/orders/replace"
PREVIEW = "POST /v1/trading/orders/preview"
STEPS = """
  - id: order
    action: place_order
    with: {symbol: SYM, PLACED}
    capture: {order_id: result.order.id}
  - id: replaced
    action: replace_order
    with: {order_id: "{{ order_id }}", symbol: SYM, CHANGES}
    capture: {price: result.order.price, quantity: result.order.quantity}
"""
LIMIT = "side: buy, price: 0.5, quantity: 2"


def replaced(changes: str, placed: str = LIMIT, team: str = "buf") -> str:
    return playbook(STEPS.replace("SYM", symbol(team)).replace("PLACED", placed).replace("CHANGES", changes))


GTC = {"timeInForce": "TIME_IN_FORCE_GOOD_TILL_CANCEL"}
UNTIL = {"timeInForce": "TIME_IN_FORCE_GOOD_TILL_TIME"}
WIRE: dict[str, tuple[str, str, dict[str, object]]] = {
    "price": (LIMIT, "price: 0.57", {"price": 57, "orderQty": 200, **GTC}),
    "price, which no binary float holds": (LIMIT, "price: 0.29", {"price": 29, "orderQty": 200, **GTC}),
    "quantity": (LIMIT, "quantity: 1.13", {"price": 50, "orderQty": 113, **GTC}),
    "text": (LIMIT, "quantity: '2.50', price: '0.01'", {"price": 1, "orderQty": 250, **GTC}),
    "word": (
        LIMIT,
        "time_in_force: day",
        {"price": 50, "orderQty": 200, "timeInForce": "TIME_IN_FORCE_DAY"},
    ),
    "until": (
        LIMIT,
        "time_in_force: good_till_time, good_till: '2026-12-01T00:00:00Z'",
        {"price": 50, "orderQty": 200, **UNTIL, "goodTillTime": "2026-12-01T00:00:00Z"},
    ),
    "what has a time keeps it": (
        f"{LIMIT}, time_in_force: good_till_time, good_till: '2026-12-01T00:00:00Z'",
        "price: 0.4",
        {"price": 40, "orderQty": 200, **UNTIL, "goodTillTime": "2026-12-01T00:00:00Z"},
    ),
    "no time any more": (
        f"{LIMIT}, time_in_force: good_till_time, good_till: '2026-12-01T00:00:00Z'",
        "time_in_force: good_till_cancel",
        {"price": 50, "orderQty": 200, **GTC},
    ),
    "what is post-only stays so": (
        f"{LIMIT}, post_only: true",
        "price: 0.4",
        {"price": 40, "orderQty": 200, **GTC, "participateDontInitiate": True},
    ),
    "stop": (
        "side: buy, type: stop_limit, price: 0.6, stop_price: 0.7, quantity: 2, minimum_quantity: 1",
        "stop_price: 0.75",
        {"price": 60, "stopPrice": 75, "orderQty": 200, "minQty": 100, **GTC},
    ),
}


@pytest.mark.parametrize("dialect", [PUBLISHED, SEED], ids=["published", "seed"])
@pytest.mark.parametrize(("placed", "changes", "body"), WIRE.values(), ids=WIRE)
def test_wire(placed: str, changes: str, body: dict[str, object], dialect: Dialect, worlds: Worlds) -> None:
    """What is given goes out as the instrument's integers, and what is not as it stands; in both dialects."""
    world = worlds(dialect=dialect)
    ran = world.run(replaced(changes, placed))
    assert ran.exit_code == 0
    sent, intended = world.wire.of(REPLACE)[0].body, ran.of(ReplaceIntended)[0]
    named = {"orderId": intended.order_id, "clordId": intended.clord_id, "symbol": intended.symbol}
    assert sent == named | body == intended.body
    assert ran.captured("replaced") == {"price": intended.price, "quantity": intended.quantity}


REFUSED = {
    "off tick": ("buf", "price: 0.505", "0.505 is not on the tick of 0.01"),
    "above the highest": ("buf", "price: 0.999", "0.999 is above the instrument's highest"),
    "cents for dollars": ("buf", "price: 57", "57 is not between 0 and 1 dollar"),
    "between lots": ("buf", "quantity: 0.015", "0.015 is no multiple of the lot of 0.01"),
    "no quantity": ("buf", "quantity: 0", "a quantity of 0 is too small"),
}


@pytest.mark.parametrize(("team", "changes", "message"), REFUSED.values(), ids=REFUSED)
def test_refused_before_sending(team: str, changes: str, message: str, world: World) -> None:
    """What the instrument does not allow is refused as it is for a new order; nothing is sent or recorded."""
    ran = world.run(replaced(changes, team=team))
    assert (ran.exit_code, ran.statuses()["replaced"]) == (5, "refused")
    assert message in ran.error("replaced")
    assert (world.wire.count(REPLACE), ran.of(ReplaceIntended)) == (0, [])


def test_less_than_has_traded(world: World) -> None:
    """A quantity that leaves nothing to trade is no replace."""
    traded = changed(lambda body: {"orders": [{**each, "cumQty": "100"} for each in body["orders"]]})
    world.wire.plan(OPEN, None, None, traded)
    ran = world.run(replaced("quantity: 1"))
    assert ran.error("replaced") == "a quantity of 1 leaves nothing to trade: 1 have traded"


INCOMPLETE = {
    "nothing": ("price: '{{ none }}'", "a replace changes something about an order"),
    "time without its word": (
        "time_in_force: day, good_till: '2026-12-01T00:00:00Z'",
        "`good_till` belongs to a good_till_time order",
    ),
    "word without its time": ("time_in_force: good_till_time", "this order needs `good_till`"),
}


@pytest.mark.parametrize(("changes", "message"), INCOMPLETE.values(), ids=INCOMPLETE)
def test_incomplete(changes: str, message: str, world: World) -> None:
    """What belongs together must be there."""
    ran = world.run(replaced(changes))
    assert (ran.exit_code, ran.error("replaced"), world.wire.count(REPLACE)) == (3, message, 0)


PREVIEWED = "  - {id: it, action: preview_order, with: {symbol: SYM, TERMS}, capture: {all: result.order}}\n"


def previewed(terms: str, team: str = "buf", head: str = "") -> str:
    return playbook(PREVIEWED.replace("SYM", symbol(team)).replace("TERMS", terms), head=head)


@pytest.mark.parametrize("dialect", [PUBLISHED, SEED], ids=["published", "seed"])
def test_preview(dialect: Dialect, worlds: Worlds) -> None:
    """The order as the venue would take it; nothing is placed, recorded or counted as an order."""
    world = worlds(dialect=dialect)
    ran = world.run(previewed(LIMIT, head="limits: {orders: 0, exposure: 0}"))
    finished = ran.step("it").finished
    assert finished is not None
    assert (ran.exit_code, finished.learned) == (0, "no objection to buy 2 at $0.5")
    order = ran.captured("it")["all"]
    assert (order["state"], order["price"], order["quantity"]) == (
        "ORDER_STATE_PENDING_NEW",
        Decimal("0.5"),
        Decimal(2),
    )
    assert (ran.intended, ran.result.orders, world.wire.count(INSERT)) == ([], (), 0)
    assert "clordId" not in world.wire.of(PREVIEW)[0].body["request"]


def test_preview_that_is_refused(world: World) -> None:
    """What the venue would reject fails with its reason and what to do."""
    ran = world.run(previewed("side: buy, price: 0.5, quantity: 100000000"))
    assert (ran.exit_code, ran.statuses()) == (1, {"it": "failed"})
    assert ran.error("it").startswith("the venue would reject the order: 1000000 USD available, requested 50000000")
    finished = ran.step("it").finished
    assert finished is not None
    assert finished.error is not None
    assert finished.error.help.startswith("add funds")


def test_preview_that_shows_a_reject(world: World) -> None:
    """Should the venue answer with a rejected order, that is one, too."""

    def rejected(body: Any) -> object:
        return {"previewOrder": {**body["previewOrder"], "state": "ORDER_STATE_REJECTED"}}

    world.wire.plan(PREVIEW, changed(rejected))
    ran = world.run(previewed(LIMIT))
    assert (ran.exit_code, ran.error("it")) == (1, "the venue would reject the order: no reason given")


def test_preview_off_the_tick(world: World) -> None:
    """What the instrument does not allow is refused as it is for an order that is placed."""
    ran = world.run(previewed("side: buy, price: 0.505, quantity: 1"))
    assert (ran.exit_code, world.wire.count(PREVIEW)) == (5, 0)


@pytest.mark.parametrize(("status", "exit_code"), [(401, 3), (403, 1), (404, 1)])
def test_preview_that_goes_wrong(status: int, exit_code: int, world: World) -> None:
    """Any other refusal is about the call, not about the order."""
    world.wire.always[PREVIEW] = says(status)
    ran = world.run(previewed(LIMIT))
    assert ran.exit_code == exit_code
    assert "would reject" not in ran.error("it")


def test_preview_is_tried_again(world: World) -> None:
    """It changes nothing, so it may be asked for again."""
    world.wire.plan(PREVIEW, says(503))
    assert world.run(previewed(LIMIT)).exit_code == 0
    assert world.wire.count(PREVIEW) == 2


def test_preview_without_an_id(world: World) -> None:
    """An order that is not there has no id, and need not be shown with one."""
    body = {"previewOrder": {"symbol": symbol("buf"), "side": "SIDE_BUY", "price": "50", "orderQty": "200"}}
    world.wire.plan(PREVIEW, changed(lambda _: body))
    order = world.run(previewed(LIMIT)).captured("it")["all"]
    assert (order["id"], order["price"], order["quantity"]) == ("", Decimal("0.5"), Decimal(2))
