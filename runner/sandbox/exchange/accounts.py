"""Money: cash, holdings and what open orders could cost. All amounts are whole millionths of a dollar.

Follows docs.polymarket.us: market-structure/collateral-and-margin. A buyer pays the price; a short seller receives
the price and must keep one dollar a contract, so that it costs him one minus the price. Open orders are looked at
instrument by instrument; those in one instrument never stand in the way of those in another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from runner.sandbox.exchange.holdings import EMPTY, Position
from runner.sandbox.exchange.instruments import Instrument
from runner.sandbox.exchange.ledger import BalanceEntry, PositionEntry
from runner.sandbox.exchange.terms import Side


@dataclass(frozen=True, slots=True)
class Participant:
    """A user of a participant firm, by the full name that the header of a request carries."""

    name: str
    display_name: str
    firm: str


@dataclass(slots=True)
class Exposure:
    """The resting orders of one account in one instrument: wire quantity and value on each side."""

    quantity: dict[Side, int] = field(default_factory=lambda: {Side.BUY: 0, Side.SELL: 0})
    value: dict[Side, int] = field(default_factory=lambda: {Side.BUY: 0, Side.SELL: 0})

    def add(self, side: Side, quantity: int, value: int) -> None:
        """Count an order in, or out again with negative figures."""
        self.quantity[side] += quantity
        self.value[side] += value

    def plus(self, side: Side, quantity: int, value: int) -> Exposure:
        """The exposure as it would be with one more order."""
        more = Exposure(dict(self.quantity), dict(self.value))
        more.add(side, quantity, value)
        return more


@dataclass(slots=True)
class Account:
    """A trading account: cash, positions and open exposure by symbol, and the entries of its two ledgers."""

    name: str
    owner: str
    display_name: str
    cash: int
    positions: dict[str, Position] = field(default_factory=dict)
    exposures: defaultdict[str, Exposure] = field(default_factory=lambda: defaultdict(Exposure))
    balance_ledger: list[BalanceEntry] = field(default_factory=list)
    position_ledger: list[PositionEntry] = field(default_factory=list)

    def net(self, symbol: str) -> int:
        """The net holding in wire quantities; negative is short."""
        return self.positions.get(symbol, EMPTY).net

    def margin(self, instruments: Mapping[str, Instrument]) -> int:
        """What must be kept for short holdings: the full payout."""
        held = self.positions.items()
        return sum(instruments[symbol].payout(-position.net) for symbol, position in held if position.net < 0)

    def reserved(self, instrument: Instrument, exposure: Exposure | None = None) -> int:
        """The worst case of the account's open orders in one instrument, or of the exposure given instead."""
        exposure = exposure or self.exposures[instrument.symbol]
        return worst_case(instrument, self.net(instrument.symbol), exposure)

    def open_orders(self, instruments: Mapping[str, Instrument]) -> int:
        """The worst cases of all instruments together."""
        return sum(self.reserved(instruments[symbol]) for symbol in list(self.exposures))

    def available(self, symbol: str) -> int:
        """What of a holding its open orders would leave, in wire quantities: what they would close is taken."""
        net, open_quantity = self.net(symbol), self.exposures[symbol].quantity
        if net >= 0:
            return max(0, net - open_quantity[Side.SELL])
        return min(0, net + open_quantity[Side.BUY])


def worst_case(instrument: Instrument, net: int, exposure: Exposure) -> int:
    """The larger loss of buying power, if all bids filled or if all offers did; what closes a holding costs nothing."""
    return max(0, *losses(instrument, net, exposure).values())


def losses(instrument: Instrument, net: int, exposure: Exposure) -> dict[Side, int]:
    """The loss of buying power if all orders of one side filled, by side.

    Bids first buy back a short and free its margin; offers first sell a long holding and need none.
    """
    bought_back = min(exposure.quantity[Side.BUY], max(0, -net))
    sold_short = max(0, exposure.quantity[Side.SELL] - max(0, net))
    return {
        Side.BUY: exposure.value[Side.BUY] - instrument.payout(bought_back),
        Side.SELL: instrument.payout(sold_short) - exposure.value[Side.SELL],
    }
