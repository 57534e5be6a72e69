"""An exchange without a gateway, on a clock that the test moves, and short words for what tests do on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from runner.sandbox import world
from runner.sandbox.exchange.accounts import Account
from runner.sandbox.exchange.exchange import Exchange
from runner.sandbox.exchange.instruments import MICROS
from runner.sandbox.exchange.maker import maker_account
from runner.sandbox.exchange.orders import Amendment, Execution, Order, OrderRequest
from runner.sandbox.exchange.searches import ExecutionSearch, OrderSearch
from runner.sandbox.exchange.terms import InstrumentState, OrderState, OrderType, Side, TimeInForce
from runner.sandbox.founding import Charter, found
from runner.sandbox.rules import Rules
from sandbox.bench import ALICE, ALICES, BOB, BOBS, CAROL, CAROLS, MovingClock, symbol

OWNER = {ALICES: ALICE, BOBS: BOB, CAROLS: CAROL}
GTC = TimeInForce.GOOD_TILL_CANCEL


class Floor:
    """Orders are on ``kc`` (price scale 1000, tick 0.001, whole contracts) unless another team is named."""

    def __init__(self, settle: timedelta = timedelta(0), cash: int | None = None, rules: Rules | None = None) -> None:
        self.clock = MovingClock()
        accounts = world.accounts()
        for account in accounts:
            account.cash = account.cash if cash is None else cash * MICROS
        listed = world.instruments(self.clock.now())
        everybody = [*accounts, maker_account()]
        self.exchange = Exchange(listed, everybody, self.clock, rules or Rules(), settle, Random(7), world.PARTICIPANTS)

    @classmethod
    def founded(cls, path: Path | None = None, liquidity: Any = "off", clock: MovingClock | None = None) -> Floor:
        """A floor whose exchange was founded, in a file if one is given."""
        floor = cls()
        floor.clock = clock or floor.clock
        floor.exchange = found(Charter(Rules(), timedelta(0), liquidity, path), floor.clock)
        return floor

    def request(self, account: str, side: Side, quantity: int, price: int, on: str = "kc", **more: Any) -> OrderRequest:
        plain = OrderRequest(OWNER[account], account, symbol(on), side, OrderType.LIMIT, GTC, quantity, price)
        return replace(plain, **more)

    def buy(self, account: str, quantity: int, price: int, on: str = "kc", **more: Any) -> str:
        return self.exchange.submit(self.request(account, Side.BUY, quantity, price, on, **more)).id

    def sell(self, account: str, quantity: int, price: int, on: str = "kc", **more: Any) -> str:
        return self.exchange.submit(self.request(account, Side.SELL, quantity, price, on, **more)).id

    def cancel(self, order_id: str) -> None:
        self.exchange.cancel(self.read(order_id).request.participant, order_id)

    def amend(self, order_id: str, **changes: Any) -> None:
        order = self.read(order_id)
        self.exchange.amend(order.request.participant, order_id, "", Amendment(**changes))

    def put(self, state: InstrumentState, on: str = "kc") -> None:
        self.exchange.set_state(symbol(on), state)

    def read(self, order_id: str) -> Order:
        return next(order for order in self.exchange.everything() if order.id == order_id)

    def state(self, order_id: str) -> OrderState:
        return self.read(order_id).state

    def text(self, order_id: str) -> str:
        return self.last(order_id).text

    def last(self, order_id: str) -> Execution:
        execution = self.exchange.last_execution(order_id)
        assert execution
        return execution

    def executions(self, order_id: str) -> list[str]:
        participant = self.read(order_id).request.participant
        found = self.exchange.executions(participant, ExecutionSearch(order_id=order_id))
        return [execution.type.name for execution in found]

    def account(self, name: str) -> Account:
        return self.exchange.accounts[name]

    def cash(self, name: str) -> float:
        return self.account(name).cash / MICROS

    def book(self, on: str = "kc") -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        sides = (self.exchange.depth(symbol(on), side, 10) for side in (Side.BUY, Side.SELL))
        bids, offers = sides
        return bids, offers

    def all_money(self) -> int:
        return sum(account.cash for account in self.exchange.accounts.values()) + self.exchange.house.cash

    def open_of(self, participant: str) -> list[Order]:
        return [order for order in self.exchange.search(participant, OrderSearch()) if not order.finished]


Change = Callable[[Floor], None]
