"""All orders, executions and trades, with the indexes that keep searches short."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from runner.sandbox.exchange.orders import Execution, Order, Trade
from runner.sandbox.exchange.searches import ExecutionSearch, OrderSearch, TradeSearch
from runner.sandbox.exchange.terms import OrderStateFilter

_OPEN_STATES = frozenset(
    {
        OrderStateFilter.OPEN,
        OrderStateFilter.NEW,
        OrderStateFilter.PARTIALLY_FILLED,
        OrderStateFilter.REPLACED,
    }
)


class Registry:
    """Orders by id, participant, symbol and client order id; executions and trades by whom they concern."""

    def __init__(self) -> None:
        self._orders: dict[str, Order] = {}
        self._open: defaultdict[str, dict[str, Order]] = defaultdict(dict)
        self._open_on: defaultdict[tuple[str, str], dict[str, Order]] = defaultdict(dict)
        self._of: defaultdict[str, list[str]] = defaultdict(list)
        self._on: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        self._named: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        self._live: dict[tuple[str, str], str] = {}
        self._executions: defaultdict[str, list[Execution]] = defaultdict(list)
        self._last: dict[str, Execution] = {}
        self._trades: defaultdict[str, list[Trade]] = defaultdict(list)
        self._market: defaultdict[str, list[Trade]] = defaultdict(list)

    def get(self, order_id: str) -> Order | None:
        """An order as it is now."""
        return self._orders.get(order_id)

    def __getitem__(self, order_id: str) -> Order:
        return self._orders[order_id]

    def put(self, order: Order) -> Order:
        """Keep an order, new or changed; the order itself."""
        before = self._orders.get(order.id)
        self._orders[order.id] = order
        if before is None:
            self._enter(order)
            self._name(order)
        elif before.client_key != order.client_key:
            self._unname(before)
            self._name(order)
        self._keep_open(order)
        return order

    def holder(self, key: tuple[str, str]) -> str | None:
        """The live order that first took a client order id, or None."""
        return self._live.get(key)

    def record(self, execution: Execution) -> Execution:
        """Keep an execution; the execution itself."""
        self._executions[execution.order.request.participant].append(execution)
        self._last[execution.order.id] = execution
        return execution

    def record_trade(self, trade: Trade) -> None:
        """Keep a trade, for both its participants and for the market."""
        for participant in {side.order.request.participant for side in trade.sides}:
            self._trades[participant].append(trade)
        self._market[trade.symbol].append(trade)

    def last_execution(self, order_id: str) -> Execution | None:
        """The latest execution of an order; None while it is PENDING_NEW."""
        return self._last.get(order_id)

    def orders(self, participant: str, wanted: OrderSearch) -> list[Order]:
        """A participant's orders that meet the criteria, oldest first, finished ones included."""
        candidates, left = self._candidates(participant, wanted)
        return left.of(candidates)

    def executions(self, participant: str, wanted: ExecutionSearch) -> list[Execution]:
        """A participant's executions that meet the criteria, oldest first."""
        return wanted.of(self._executions[participant])

    def trades(self, participant: str, wanted: TradeSearch) -> list[Trade]:
        """A participant's trades that meet the criteria, oldest first."""
        return wanted.of(self._trades[participant])

    def market_trades(self, symbol: str) -> list[Trade]:
        """All trades in an instrument, oldest first."""
        return self._market[symbol]

    def everything(self) -> Iterable[Order]:
        """Every order there ever was, oldest first."""
        return self._orders.values()

    def _candidates(self, participant: str, wanted: OrderSearch) -> tuple[Iterable[Order], OrderSearch]:
        """The orders of the shortest index that has all that could meet the criteria, and what else they must meet."""
        if wanted.order_id:
            order = self._orders.get(wanted.order_id)
            return [order] if order and order.request.participant == participant else [], wanted
        if wanted.client_order_id:
            return self._all(self._named.get((participant, wanted.client_order_id), [])), wanted
        symbol = next(iter(wanted.symbols)) if len(wanted.symbols) == 1 else ""
        rest = replace(wanted, symbols=frozenset()) if symbol else wanted
        if wanted.state in _OPEN_STATES:
            rest = replace(rest, state=OrderStateFilter.UNDEFINED) if wanted.state is OrderStateFilter.OPEN else rest
            found = self._open_on.get((participant, symbol), {}) if symbol else self._open[participant]
            return found.values(), rest
        ids = self._on.get((participant, symbol), []) if symbol else self._of[participant]
        return self._all(ids), rest

    def _all(self, ids: Iterable[str]) -> Iterable[Order]:
        return (self._orders[order_id] for order_id in ids)

    def _enter(self, order: Order) -> None:
        request = order.request
        self._of[request.participant].append(order.id)
        self._on[request.participant, request.symbol].append(order.id)

    def _keep_open(self, order: Order) -> None:
        request = order.request
        every, on_symbol = self._open[request.participant], self._open_on[request.participant, request.symbol]
        if not order.finished:
            every[order.id] = on_symbol[order.id] = order
            return
        every.pop(order.id, None)
        on_symbol.pop(order.id, None)
        self._release(order)

    def _name(self, order: Order) -> None:
        if order.request.client_order_id:
            self._named[order.client_key].append(order.id)
            self._live.setdefault(order.client_key, order.id)

    def _unname(self, order: Order) -> None:
        if order.request.client_order_id:
            self._named[order.client_key].remove(order.id)
            self._release(order)

    def _release(self, order: Order) -> None:
        if self._live.get(order.client_key) == order.id:
            del self._live[order.client_key]
