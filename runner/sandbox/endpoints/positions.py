"""Balances (docs.polymarket.us: institutional/positions/overview). Amounts are decimal strings in dollars."""

from __future__ import annotations

from decimal import Decimal

from runner.sandbox.exchange.acceptance import plain
from runner.sandbox.exchange.accounts import Account
from runner.sandbox.gateway.call import Call
from runner.sandbox.gateway.errors import invalid
from runner.sandbox.gateway.wire import Entries, Tree, moment

_CURRENCY = "USD"


def balance(call: Call) -> Tree:
    """The balance of one account; the published dialect demands its name and the currency."""
    account = _account(call)
    _check_currency(call)
    funds = call.exchange.funds(account)
    return {
        "balance": _dollars(funds.cash),
        "capital_requirement": _dollars(funds.margin),
        "excess_capital": _dollars(funds.excess),
        "buying_power": _dollars(funds.buying_power),
        "securities": Entries(),
        "total_security_notional_value": "0",
        "total_security_available_value": "0",
        "open_orders": _dollars(funds.open_orders),
        "alternate_capital_requirement_currency": "",
        "alternate_capital_requirement": "0",
        "unsettled_funds": "0",
        "margin_requirement": _dollars(funds.margin),
        "update_time": moment(call.exchange.clock.now()),
    }


def _account(call: Call) -> Account:
    name = call.fields.text("name")
    account = call.account(name) if name else None if call.strict else call.first_account()
    if account is None:
        raise invalid("name is required")
    return account


def _check_currency(call: Call) -> None:
    currency = call.fields.text("currency")
    if not currency and call.strict:
        raise invalid("currency is required")
    if currency not in ("", _CURRENCY):
        raise invalid(f"unknown currency {currency}")


def _dollars(micros: int) -> str:
    return plain(Decimal(micros).scaleb(-6))
