"""Positions and balances (docs.polymarket.us: institutional/positions/overview).

Balances are decimal strings in dollars; quantities, cost and realized are wire integers.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from runner.sandbox.endpoints.asking import day_within, named_account, page_size
from runner.sandbox.exchange.acceptance import usd
from runner.sandbox.exchange.accounts import Account
from runner.sandbox.exchange.calendar import trade_date
from runner.sandbox.exchange.holdings import Position
from runner.sandbox.exchange.ledger import PositionEntry, PositionSearch
from runner.sandbox.exchange.terms import GONE
from runner.sandbox.gateway.call import Call
from runner.sandbox.gateway.errors import invalid
from runner.sandbox.gateway.wire import Entries, Int64, Tree, moment

_CURRENCY = "USD"


def positions(call: Call) -> Tree:
    """One page of an account's positions, now or as of a moment or the end of a trade day."""
    account = named_account(call, "name")
    wanted = [(symbol, held) for symbol, held in _held(call, account) if _wanted(call, symbol, held)]
    shown, following = call.page(wanted, page_size(call.fields), "offset")
    return {
        "positions": [_position(call, account, symbol, held) for symbol, held in shown],
        "available_position": [Int64(account.available(symbol)) for symbol, _ in shown],
        "next_page_token": following,
        "eof": not following,
    }


def balance(call: Call) -> Tree:
    """The balance of one account; the published dialect demands its name and the currency."""
    account = named_account(call, "name")
    currency = call.fields.text("currency")
    if not currency and call.strict:
        raise invalid("currency is required")
    if currency not in ("", _CURRENCY):
        raise invalid(f"unknown currency {currency}")
    return _balance(call, account)


def balances(call: Call) -> Tree:
    """The balances of one account by currency; there is only one."""
    return {"balances": Entries({_CURRENCY: _balance(call, named_account(call, "name"))})}


def _balance(call: Call, account: Account) -> Tree:
    funds = call.exchange.funds(account)
    return {
        "balance": usd(funds.cash),
        "capital_requirement": usd(funds.margin),
        "excess_capital": usd(funds.excess),
        "buying_power": usd(funds.buying_power),
        "securities": Entries(),
        "total_security_notional_value": "0",
        "total_security_available_value": "0",
        "open_orders": usd(funds.open_orders),
        "alternate_capital_requirement_currency": "",
        "alternate_capital_requirement": "0",
        "unsettled_funds": "0",
        "margin_requirement": usd(funds.margin),
        "update_time": moment(call.exchange.now()),
    }


def _held(call: Call, account: Account) -> Iterable[tuple[str, Position]]:
    """The account's positions by symbol: as they are, or as their ledger says that they were."""
    moment_asked, day_asked = call.fields.moment("as_of_time"), day_within(call.fields, "as_of_date")
    if moment_asked and day_asked:
        raise invalid("asOfTime and asOfDate exclude each other")
    entries = call.exchange.position_entries(account, PositionSearch())
    if day_asked:
        entries = [entry for entry in entries if entry.day <= day_asked]
    return _last(entries, moment_asked)


def _last(entries: list[PositionEntry], until: datetime | None) -> Iterable[tuple[str, Position]]:
    last = {entry.symbol: entry.after for entry in entries if until is None or entry.at <= until}
    return sorted(last.items())


def _wanted(call: Call, symbol: str, held: Position) -> bool:
    fields = call.fields
    return (
        fields.text("symbol") in ("", symbol)
        and not (fields.flag("active_only") and _expired(call, symbol))
        and not (fields.flag("non_zero_only") and not held.net)
    )


def _position(call: Call, account: Account, symbol: str, held: Position) -> Tree:
    return {
        "account": account.name,
        "symbol": symbol,
        "net_position": Int64(held.net),
        "qty_bought": Int64(held.bought),
        "qty_sold": Int64(held.sold),
        "cost": Int64(held.cost),
        "realized": Int64(held.realized),
        "bod_position": Int64(held.at_open(trade_date(call.exchange.now()))),
        "expired": _expired(call, symbol),
        "update_time": moment(held.updated),
    }


def _expired(call: Call, symbol: str) -> bool:
    return call.exchange.instruments[symbol].state in GONE
