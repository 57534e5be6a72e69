"""What an order and its replaces can lose is never counted too low, whatever the venue does with them."""

from __future__ import annotations

from dataclasses import replace as copy_of
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.actions.orders.amending import added
from runner.engine.ledger import Ledger
from runner.record.events import OrderIntended, OrderSeen, ReplaceIntended, ReplaceSettled, ReplaceVerdict

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
prices = st.integers(1, 99).map(lambda cents: Decimal(cents) / 100)
quantities = st.integers(1, 20).map(Decimal)


def worth(side: str, price: Decimal) -> Decimal:
    return price if side == "SIDE_BUY" else 1 - price


class Venue:
    """An exchange that knows what it did, and what that has cost for certain."""

    def __init__(self, side: str, price: Decimal, quantity: Decimal) -> None:
        self.side, self.price, self.quantity = side, price, quantity
        self.filled, self.cost = Decimal(0), Decimal(0)
        self.clord_id = "c0"
        intended = OrderIntended("o", "c0", "s", side, price, quantity, worth(side, price) * quantity, "p", "", {}, NOW)
        self.ledger = Ledger()
        self.ledger.take(intended)

    @property
    def at_risk(self) -> Decimal:
        return self.cost + (self.quantity - self.filled) * worth(self.side, self.price)

    def trade(self, quantity: Decimal) -> None:
        quantity = min(quantity, self.quantity - self.filled)
        self.filled += quantity
        self.cost += quantity * worth(self.side, self.price)

    def show(self) -> None:
        state = "FILLED" if self.filled == self.quantity else "NEW"
        self.ledger.take(
            OrderSeen("x", self.clord_id, "o1", f"ORDER_STATE_{state}", self.filled, None, self.price, self.quantity)
        )

    def intend(self, name: str, price: Decimal, quantity: Decimal) -> ReplaceIntended:
        """As the action does, from what it read just now."""
        self.show()
        more = added(worth(self.side, self.price), self.quantity, worth(self.side, price), quantity, filled=self.filled)
        whole = worth(self.side, price) * quantity
        intended = ReplaceIntended(
            name, name, "o1", self.clord_id, "s", self.side, price, quantity, whole, more, "p", "", {}, NOW
        )
        self.ledger.take(intended)
        return intended

    def carry_out(self, intended: ReplaceIntended) -> bool:
        if intended.price is None or intended.quantity <= self.filled or self.filled == self.quantity:
            return False
        self.clord_id, self.price, self.quantity = intended.clord_id, intended.price, intended.quantity
        return True

    def counted(self) -> Decimal:
        return self.ledger.others_at_risk("")[1]


replaces = st.lists(
    st.tuples(prices, quantities, quantities, st.booleans(), st.sampled_from(["told", "lost", "shown"]), quantities),
    max_size=5,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["SIDE_BUY", "SIDE_SELL"]), prices, quantities, replaces)
def test_never_too_little(side: str, price: Decimal, quantity: Decimal, acts: list[tuple[object, ...]]) -> None:
    """Trades before, while and after a replace, one that is carried out, refused or of unknown fate."""
    venue = Venue(side, price, quantity)
    for at, (new_price, new_quantity, before, works, known, after) in enumerate(acts):
        assert isinstance(new_price, Decimal)
        assert isinstance(new_quantity, Decimal)
        assert isinstance(before, Decimal)
        assert isinstance(after, Decimal)
        if venue.filled == venue.quantity:
            break
        if new_quantity <= venue.filled:
            continue
        intended = venue.intend(f"c{at + 1}", new_price, new_quantity)
        assert venue.counted() >= venue.at_risk
        venue.trade(before // 4)
        done = bool(works) and venue.carry_out(intended)
        assert venue.counted() >= venue.at_risk
        if known == "shown":
            venue.show()
        if known != "lost":
            verdict: ReplaceVerdict = "carried_out" if done else "refused"
            venue.show()
            venue.ledger.take(ReplaceSettled("x", intended.clord_id, verdict))
        assert venue.counted() >= venue.at_risk
        venue.trade(after // 4)
        assert venue.counted() >= venue.at_risk
        venue.show()
        assert venue.counted() >= venue.at_risk


@pytest.mark.parametrize(
    ("verdict", "counted"),
    [("carried_out", "6.0"), ("refused", "5.0"), ("not_sent", "5.0"), ("not_found", "6.0"), ("inconclusive", "6.0")],
)
def test_verdicts(verdict: ReplaceVerdict, counted: str) -> None:
    """What was not carried out for certain adds nothing; what nobody knows does."""
    venue = Venue("SIDE_BUY", Decimal("0.5"), Decimal(10))
    intended = venue.intend("c1", Decimal("0.6"), Decimal(10))
    if verdict == "carried_out":
        venue.carry_out(intended)
    venue.show()
    venue.ledger.take(ReplaceSettled("x", "c1", verdict))
    assert venue.counted() == Decimal(counted)
    known = verdict != "inconclusive"
    assert (venue.ledger.known("c1"), venue.ledger.known("c0")) == (known, True)


def test_shares() -> None:
    """The order bears no more than it was intended with, a replace what it added; all is free once it is over."""
    venue = Venue("SIDE_BUY", Decimal("0.5"), Decimal(10))
    venue.carry_out(venue.intend("c1", Decimal("0.6"), Decimal(10)))
    venue.show()
    ledger = venue.ledger
    assert (ledger.at_risk("c0"), ledger.at_risk("c1"), ledger.others_at_risk("c1")) == (
        Decimal(5),
        Decimal(1),
        (1, Decimal(5)),
    )
    seen = ledger.seen("c0")
    assert seen is not None
    ledger.take(copy_of(seen, state="ORDER_STATE_CANCELED"))
    assert (ledger.at_risk("c0"), ledger.at_risk("c1"), ledger.over("c1")) == (Decimal(0), Decimal(0), True)
