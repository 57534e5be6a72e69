"""What searches ask for. Every criterion that is set must hold; keys are those of the report endpoints.

Each search turns into conditions, only of what was set: most searches set little and look at much.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from runner.sandbox.exchange.calendar import trade_date
from runner.sandbox.exchange.ledger import EVER, Period
from runner.sandbox.exchange.orders import Execution, Order, OrderRequest, Trade
from runner.sandbox.exchange.terms import ExecutionType, OrderStateFilter, OrderType, Side, TradeState

_Item = TypeVar("_Item")
_Condition = Callable[[_Item], bool]
Days = tuple[date | None, date | None]

ANY_DAY: Days = (None, None)


@dataclass(frozen=True, slots=True)
class OrderSearch:
    """Orders. ``period`` bounds the creation, ``days`` the trade days of the last change, both inclusively."""

    order_id: str = ""
    client_order_id: str = ""
    symbols: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    side: Side = Side.UNDEFINED
    type: OrderType = OrderType.UNDEFINED
    state: OrderStateFilter = OrderStateFilter.UNDEFINED
    cross_id: str = ""
    host_cross_id: str = ""
    period: Period = EVER
    days: Days = ANY_DAY
    labels: Mapping[str, str] = field(default_factory=dict)

    def of(self, orders: Iterable[Order]) -> list[Order]:
        """The orders that meet the criteria, in the order given."""
        return _meeting(orders, [*self._narrow(), *self._wide()])

    def _narrow(self) -> list[_Condition[Order]]:
        made: list[_Condition[Order]] = []
        if self.order_id:
            made.append(lambda order: order.id == self.order_id)
        if self.client_order_id:
            made.append(lambda order: order.request.client_order_id == self.client_order_id)
        if self.symbols:
            made.append(lambda order: order.request.symbol in self.symbols)
        if self.state is not OrderStateFilter.UNDEFINED:
            made.append(self._in_state)
        if self.cross_id:
            made.append(lambda order: order.request.cross_id == self.cross_id)
        if self.host_cross_id:
            made.append(lambda order: order.request.host_cross_id == self.host_cross_id)
        return made

    def _wide(self) -> list[_Condition[Order]]:
        made: list[_Condition[Order]] = []
        if self.accounts:
            made.append(lambda order: order.request.account in self.accounts)
        if self.side:
            made.append(lambda order: order.request.side is self.side)
        if self.type:
            made.append(lambda order: order.request.type is self.type)
        if self.period != EVER:
            made.append(lambda order: self.period.holds(order.created))
        if self.days != ANY_DAY:
            made.append(lambda order: _within(trade_date(order.changed), self.days))
        if self.labels:
            made.append(lambda order: _labelled(order.request, self.labels))
        return made

    def _in_state(self, order: Order) -> bool:
        if self.state in (OrderStateFilter.OPEN, OrderStateFilter.CLOSED):
            return order.finished == (self.state is OrderStateFilter.CLOSED)
        return order.state.name == self.state.name


@dataclass(frozen=True, slots=True)
class ExecutionSearch:
    """Executions. ``period`` bounds the moment, ``days`` its trade day, both inclusively."""

    order_id: str = ""
    client_order_id: str = ""
    symbol: str = ""
    accounts: frozenset[str] = frozenset()
    types: frozenset[ExecutionType] = frozenset()
    ids: frozenset[str] = frozenset()
    period: Period = EVER
    days: Days = ANY_DAY
    labels: Mapping[str, str] = field(default_factory=dict)

    def of(self, executions: Iterable[Execution]) -> list[Execution]:
        """The executions that meet the criteria, in the order given."""
        made: list[_Condition[Execution]] = []
        if self.ids:
            made.append(lambda execution: execution.id in self.ids)
        if self.types:
            made.append(lambda execution: execution.type in self.types)
        if self.period != EVER:
            made.append(lambda execution: self.period.holds(execution.at))
        if self.days != ANY_DAY:
            made.append(lambda execution: _within(trade_date(execution.at), self.days))
        wanted = OrderSearch(
            order_id=self.order_id,
            client_order_id=self.client_order_id,
            symbols=frozenset({self.symbol} if self.symbol else ()),
            accounts=self.accounts,
            labels=self.labels,
        )
        if wanted != OrderSearch():
            made.append(lambda execution: bool(wanted.of([execution.order])))
        return _meeting(executions, made)


@dataclass(frozen=True, slots=True)
class TradeSearch:
    """Trades of some accounts, seen from either side. ``period`` bounds the moment inclusively."""

    trade_id: str = ""
    order_id: str = ""
    execution_id: str = ""
    symbol: str = ""
    accounts: frozenset[str] = frozenset()
    states: frozenset[TradeState] = frozenset()
    period: Period = EVER

    def of(self, trades: Iterable[Trade]) -> list[Trade]:
        """The trades that meet the criteria, in the order given."""
        made: list[_Condition[Trade]] = []
        if self.trade_id:
            made.append(lambda trade: trade.id == self.trade_id)
        if self.order_id:
            made.append(lambda trade: any(side.order.id == self.order_id for side in trade.sides))
        if self.execution_id:
            made.append(lambda trade: any(side.id == self.execution_id for side in trade.sides))
        if self.symbol:
            made.append(lambda trade: trade.symbol == self.symbol)
        if self.accounts:
            made.append(lambda trade: any(side.order.request.account in self.accounts for side in trade.sides))
        if self.states:
            made.append(lambda _: TradeState.CLEARED in self.states)
        if self.period != EVER:
            made.append(lambda trade: self.period.holds(trade.aggressor.at))
        return _meeting(trades, made)


def _meeting(items: Iterable[_Item], conditions: list[_Condition[_Item]]) -> list[_Item]:
    found = list(items)
    for condition in conditions:
        found = [item for item in found if condition(item)]
    return found


def _within(day: date, bounds: Days) -> bool:
    first, last = bounds
    return (first is None or day >= first) and (last is None or day <= last)


def _labelled(request: OrderRequest, wanted: Mapping[str, str]) -> bool:
    return all(request.labels.get(name) == text for name, text in wanted.items())
