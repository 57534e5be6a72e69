"""An order is one however often it was replaced, whichever of its ids an event names."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from runner.record.events import (
    Event,
    OrderIntended,
    OrderLost,
    OrderSeen,
    ReplaceIntended,
    ReplaceSettled,
    RunStarted,
    Surroundings,
)
from runner.record.result import OrderResult, fold

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
STARTED = RunStarted("r", NOW, "0", "p", "p.yaml", "0" * 64, Surroundings("sandbox", "h", "", ""))
HALF, TEN = Decimal("0.5"), Decimal(10)
PLACED = OrderIntended("order", "c1", "s", "SIDE_BUY", HALF, TEN, Decimal(5), "p", "a", {}, NOW)


def replaced(clord_id: str, replaces: str, order_id: str = "o1") -> ReplaceIntended:
    return ReplaceIntended(
        clord_id, clord_id, order_id, replaces, "s", "SIDE_BUY", HALF, TEN, Decimal(5), Decimal(0), "p", "a", {}, NOW
    )


def seen(clord_id: str, state: str = "NEW", order_id: str = "o1", price: str = "0.5") -> OrderSeen:
    return OrderSeen("x", clord_id, order_id, f"ORDER_STATE_{state}", Decimal(0), None, Decimal(price), TEN)


def orders(*events: Event) -> list[OrderResult]:
    return list(fold([STARTED, *events]).orders)


def test_one_row() -> None:
    """An order and its replaces are one row, with the terms and the client order id that the venue told last."""
    (order,) = orders(
        PLACED, seen("c1"), replaced("c2", "c1"), seen("c2", price="0.6"), replaced("c3", "c2"), seen("c3", "CANCELED")
    )
    assert (order.clord_id, order.clord_ids, order.intended) == ("c3", ("c1", "c2", "c3"), PLACED)
    assert (order.order_id, order.state, order.price) == ("o1", "ORDER_STATE_CANCELED", HALF)


def test_replace_that_was_not_carried_out() -> None:
    """The row keeps what the venue tells, and knows the id that the order never got."""
    (order,) = orders(PLACED, seen("c1"), replaced("c2", "c1"), ReplaceSettled("x", "c2", "refused"), seen("c1"))
    assert (order.clord_id, order.clord_ids, order.state) == ("c1", ("c1", "c2"), "ORDER_STATE_NEW")


def test_order_of_another_run() -> None:
    """It is a row from its first replace on, even if it carried no client order id."""
    stranger = seen("", price="0.4")
    (order,) = orders(stranger, replaced("c9", ""), stranger)
    assert (order.clord_id, order.state, order.price) == ("c9", "ORDER_STATE_NEW", Decimal("0.4"))
    (order,) = orders(seen("theirs"), replaced("c9", "theirs"), seen("theirs", "FILLED"))
    assert (order.clord_id, order.clord_ids, order.state) == ("theirs", ("theirs", "c9"), "ORDER_STATE_FILLED")


def test_another_id_at_the_venue() -> None:
    """Once the venue has given it another id, what it tells of the old one counts no more."""
    (order,) = orders(PLACED, seen("c1"), replaced("c2", "c1"), seen("c2", "NEW", "o2"), seen("c1", "CANCELED", "o1"))
    assert (order.order_id, order.state) == ("o2", "ORDER_STATE_NEW")


def test_others_are_none_of_it() -> None:
    """Orders that the run did not send stay out of it."""
    assert orders(seen("c7"), OrderLost("x", "c7", "not_found"), ReplaceSettled("x", "c7", "carried_out")) == []


def test_record_that_did_not_tell_the_terms() -> None:
    """Of an older record the terms are those of the intent."""
    (order,) = orders(PLACED, OrderSeen("x", "c1", "o1", "ORDER_STATE_NEW", Decimal(0), None))
    assert (order.price, order.quantity) == (HALF, TEN)
