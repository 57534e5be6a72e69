"""What to do about a reject, by the engine's own words.

Source of the texts: docs.polymarket.us, institutional/fix-api/fix-reject-reasons. Their shape is stable, their numbers
vary; they only choose an advice here, nothing is decided by them.
"""

from __future__ import annotations

_ADVICE = (
    ("USD available", "add funds, or lower the price or the quantity; `check_balance` shows what is free"),
    ("Book is ", "the market is not open: try again when the instrument's state is INSTRUMENT_STATE_OPEN"),
    ("Instrument is not tradable", "choose another instrument with `tradable_filter: tradable`"),
    ("price limit", "the price lies outside the instrument's limits; `get_instrument` shows them"),
    ("order size limit", "the quantity lies outside the instrument's limits"),
    ("Minimum trade quantity", "the quantity is below the instrument's minimum; `get_instrument` shows it"),
    ("notional size limit", "price times quantity lies outside the instrument's limits"),
    ("Self Match", "another of your own orders stands on the other side: cancel it first"),
    ("participate but not initiate", "a post-only order would have traded: move the price, or leave `post_only` out"),
    ("No liquidity", "there is nothing on the other side to trade with: use a limit price"),
    ("ClOrdID already in use", "an open order has this client order id already: look at it before you do anything"),
    ("Global Rate Limit Exceeded", "the exchange was late (over 5 s), it is no rate limit: run again, don't slow down"),
    ("PRE_OPEN", "the market is in its opening auction: leave special order attributes out"),
)


def advice_on(reason: str) -> str:
    """The next thing to do about a reject text; empty if it is not a known one."""
    return next((advice for words, advice in _ADVICE if words.lower() in reason.lower()), "")
