"""The single price at which a book that has gathered orders is uncrossed.

A book that leaves PREOPEN or MATCH_AND_CLOSE_AUCTION trades at one price (docs.polymarket.us:
institutional/refdata/overview). How that price is found is documented nowhere; here it is the one at which most is
traded, then the one that leaves least over, then the middle of those that are left, rounded down to the tick.
"""

from __future__ import annotations

from collections.abc import Sequence

from runner.sandbox.exchange.matching import Fill
from runner.sandbox.exchange.orders import Order


def clearing_price(bids: Sequence[Order], offers: Sequence[Order], tick: int) -> int | None:
    """The price of the auction as a wire integer, or None if nothing would trade."""
    prices = sorted({order.request.price for order in (*bids, *offers)})
    scored = [(_score(price, bids, offers), price) for price in prices]
    best = max((score for score, _ in scored), default=(0, 0))
    if not best[0]:
        return None
    tied = [price for score, price in scored if score == best]
    return (tied[0] + tied[-1]) // 2 // tick * tick


def pairs(bids: Sequence[Order], offers: Sequence[Order], price: int) -> list[tuple[Order, Fill]]:
    """Who trades with whom at the auction's price: each bid with the offers it takes, in priority order."""
    selling = [(order.id, order.remaining) for order in offers if order.request.price <= price]
    met: list[tuple[Order, Fill]] = []
    for bid in (order for order in bids if order.request.price >= price):
        wanted = bid.remaining
        while wanted and selling:
            order_id, left = selling.pop(0)
            quantity = min(wanted, left)
            met.append((bid, Fill(order_id, price, quantity)))
            wanted -= quantity
            if left > quantity:
                selling.insert(0, (order_id, left - quantity))
    return met


def _score(price: int, bids: Sequence[Order], offers: Sequence[Order]) -> tuple[int, int]:
    wanted = sum(order.remaining for order in bids if order.request.price >= price)
    offered = sum(order.remaining for order in offers if order.request.price <= price)
    return min(wanted, offered), -abs(wanted - offered)
