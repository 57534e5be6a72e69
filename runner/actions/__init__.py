"""All actions that exist, in one table written by hand."""

from __future__ import annotations

from runner.action import Action
from runner.actions.check_balance import CHECK_BALANCE
from runner.actions.check_health import CHECK_HEALTH
from runner.actions.http import HTTP
from runner.actions.identity import AUTHENTICATE, LIST_ACCOUNTS, LIST_USERS, WHOAMI
from runner.actions.instruments import GET_INSTRUMENT, LIST_INSTRUMENTS
from runner.actions.orders.cancel import CANCEL_ORDER
from runner.actions.orders.place import PLACE_ORDER
from runner.actions.orders.reading import CHECK_ORDER, LIST_OPEN_ORDERS, SEARCH_ORDERS
from runner.actions.plain import ASSERT, LOG, SET, WAIT

BUILTIN: dict[str, Action] = {
    action.name: action
    for action in (
        AUTHENTICATE,
        CHECK_HEALTH,
        WHOAMI,
        LIST_USERS,
        LIST_ACCOUNTS,
        LIST_INSTRUMENTS,
        GET_INSTRUMENT,
        CHECK_BALANCE,
        PLACE_ORDER,
        CHECK_ORDER,
        SEARCH_ORDERS,
        LIST_OPEN_ORDERS,
        CANCEL_ORDER,
        HTTP,
        WAIT,
        SET,
        ASSERT,
        LOG,
    )
}

PLANNED = (
    "list_symbols",
    "get_exchange_metadata",
    "get_order_book",
    "get_best_prices",
    "get_trade_stats",
    "get_settlement",
    "list_positions",
    "get_position_ledger",
    "get_balance_ledger",
    "preview_order",
    "replace_order",
    "search_executions",
    "search_trades",
    "cancel_open_orders",
    "start_kyc",
    "create_user",
    "check_kyc",
    "confirm",
    "run_playbook",
)
"""Actions of the language that do not exist yet; a playbook that uses one is told so."""
