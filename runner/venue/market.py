"""What the market shows of an instrument: order book, best prices, settlement; in dollars and contracts.

Source: docs.polymarket.us, institutional/orderbook/overview and institutional/settlement/overview.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from runner.frozen import frozen
from runner.venue import asks
from runner.venue.endpoints import Reply
from runner.venue.model import Plain
from runner.venue.normal import price
from runner.venue.scales import Scales, divided
from runner.venue.wire import Fields, broken

if TYPE_CHECKING:
    from runner.venue.desk import Desk


@frozen
class Level(Plain):
    """All orders at one price together."""

    price: Decimal
    quantity: Decimal


@frozen
class MarketStats(Plain):
    """What an instrument did so far today; whatever the venue does not tell is None, or an empty text."""

    open: Decimal | None
    close: Decimal | None
    low: Decimal | None
    high: Decimal | None
    last_price: Decimal | None
    last_quantity: Decimal | None
    indicative_open: Decimal | None
    settlement_price: Decimal | None
    volume: Decimal | None
    notional: Decimal | None
    open_interest: Decimal | None


@frozen
class Book(Plain):
    """An order book: bids from the highest down, offers from the lowest up."""

    bids: tuple[Level, ...]
    offers: tuple[Level, ...]
    state: str
    stats: MarketStats
    updated_at: datetime | None


@frozen
class BestPrices(Plain):
    """The best of each side; None where nobody bids or offers. ``mid`` is as the venue rounded it."""

    bid: Decimal | None
    bid_quantity: Decimal | None
    offer: Decimal | None
    offer_quantity: Decimal | None
    spread: Decimal | None
    mid: Decimal | None
    state: str
    updated_at: datetime | None


@frozen
class Settlement(Plain):
    """What an instrument was settled at; ``price`` (0 is one) is None until that is final."""

    settled: bool
    price: Decimal | None
    method: str
    text: str
    settled_at: datetime | None


def order_book(desk: Desk, symbol: str, scales: Scales, depth: int | None = None) -> Reply[Book]:
    """The order book, ``depth`` levels of it (the venue's own default if None)."""
    raw = desk.send(asks.order_book(symbol, depth)).body
    got = _of(symbol, raw)
    book = Book(
        _levels(got, "bids", scales),
        _levels(got, "offers", scales),
        got.text("state", "INSTRUMENT_STATE_CLOSED"),
        _stats(got.part("stats") if got.has("stats") else Fields({}), scales),
        got.time("transactTime"),
    )
    return Reply(book, raw)


def best_prices(desk: Desk, symbol: str, scales: Scales) -> Reply[BestPrices]:
    """The best bid and offer."""
    raw = desk.send(asks.best_prices(symbol)).body
    got = _of(symbol, raw)
    bid, offer = _best(got, "bestBid", scales), _best(got, "bestOffer", scales)
    both = bid is not None and offer is not None
    prices = BestPrices(
        bid=bid.price if bid else None,
        bid_quantity=bid.quantity if bid else None,
        offer=offer.price if offer else None,
        offer_quantity=offer.quantity if offer else None,
        spread=_maybe(got, "spread", scales.dollars) if both else None,
        mid=_maybe(got, "midPrice", scales.dollars) if both else None,
        state=got.text("state", "INSTRUMENT_STATE_CLOSED"),
        updated_at=got.time("transactTime"),
    )
    return Reply(prices, raw)


def settlement(desk: Desk, symbol: str) -> Reply[Settlement]:
    """What an instrument was settled at, by the scale of the answer itself."""
    raw = desk.send(asks.settlement(symbol)).body
    got = _of(symbol, raw)
    if not got.has("stats") or got.part("stats").flag("settlementPreliminary"):
        return Reply(Settlement(False, None, "", "", None), raw)
    stats, scale = got.part("stats"), got.whole("priceScale")
    if scale <= 0:
        broken(f"`priceScale` is {scale}, which divides nothing")
    final = divided(stats.whole("settlementPx"), scale)
    method, text = (stats.text(f"settlementPriceCalculation{each}", "") for each in ("Method", "Text"))
    return Reply(Settlement(True, final, method, text, stats.time("settlementSetTime")), raw)


def _of(symbol: str, raw: object) -> Fields:
    """The answer, if it is about this instrument."""
    got = Fields(raw)
    return got if got.text("symbol") == symbol else broken(f"`symbol` is {got.text('symbol')!r}, not {symbol!r}")


def _levels(got: Fields, name: str, scales: Scales) -> tuple[Level, ...]:
    rows = (Fields(each, f"{name}[{at}].") for at, each in enumerate(got.items(name)))
    return tuple(Level(scales.dollars(row.whole("px")), scales.contracts(row.whole("qty"))) for row in rows)


def _best(got: Fields, name: str, scales: Scales) -> Level | None:
    """One side's best; a price of 0 is that of an empty side."""
    if not got.has(name):
        return None
    side = got.part(name)
    best = price(side, "px", scales)
    return Level(best, scales.contracts(side.whole("qty"))) if best is not None else None


def _stats(got: Fields, scales: Scales) -> MarketStats:
    return MarketStats(
        open=price(got, "openPx", scales),
        close=price(got, "closePx", scales),
        low=price(got, "lowPx", scales),
        high=price(got, "highPx", scales),
        last_price=price(got, "lastTradePx", scales),
        last_quantity=_maybe(got, "lastTradeQty", scales.contracts),
        indicative_open=price(got, "indicativeOpenPx", scales),
        settlement_price=_maybe(got, "settlementPx", scales.dollars),
        volume=_maybe(got, "sharesTraded", scales.contracts),
        notional=_maybe(got, "notionalTraded", scales.money),
        open_interest=_maybe(got, "openInterest", scales.contracts),
    )


def _maybe(got: Fields, name: str, convert: Callable[[int], Decimal]) -> Decimal | None:
    """A number that may be absent; 0 is one."""
    return convert(got.whole(name)) if got.has(name) else None
