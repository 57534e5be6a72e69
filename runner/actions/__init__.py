"""All actions that exist, in one table written by hand."""

from __future__ import annotations

from runner.action import Action
from runner.actions.check_balance import CHECK_BALANCE
from runner.actions.check_health import CHECK_HEALTH
from runner.actions.create_user import CREATE_USER
from runner.actions.exchange import GET_EXCHANGE_METADATA, LIST_SYMBOLS
from runner.actions.flow import CONFIRM, RUN_PLAYBOOK
from runner.actions.holdings import GET_BALANCE_LEDGER, GET_POSITION_LEDGER, LIST_POSITIONS
from runner.actions.http import HTTP
from runner.actions.identity import AUTHENTICATE, LIST_ACCOUNTS, LIST_USERS, WHOAMI
from runner.actions.instruments import GET_INSTRUMENT, LIST_INSTRUMENTS
from runner.actions.kyc import CHECK_KYC, START_KYC
from runner.actions.market import GET_BEST_PRICES, GET_ORDER_BOOK, GET_SETTLEMENT, GET_TRADE_STATS
from runner.actions.orders.cancel import CANCEL_ORDER
from runner.actions.orders.cancel_open import CANCEL_OPEN_ORDERS
from runner.actions.orders.history import SEARCH_EXECUTIONS, SEARCH_TRADES
from runner.actions.orders.place import PLACE_ORDER
from runner.actions.orders.preview import PREVIEW_ORDER
from runner.actions.orders.reading import CHECK_ORDER, LIST_OPEN_ORDERS, SEARCH_ORDERS
from runner.actions.orders.replace import REPLACE_ORDER
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
        LIST_SYMBOLS,
        GET_EXCHANGE_METADATA,
        GET_ORDER_BOOK,
        GET_BEST_PRICES,
        GET_TRADE_STATS,
        GET_SETTLEMENT,
        CHECK_BALANCE,
        LIST_POSITIONS,
        GET_POSITION_LEDGER,
        GET_BALANCE_LEDGER,
        PREVIEW_ORDER,
        PLACE_ORDER,
        REPLACE_ORDER,
        CHECK_ORDER,
        SEARCH_ORDERS,
        LIST_OPEN_ORDERS,
        SEARCH_EXECUTIONS,
        SEARCH_TRADES,
        CANCEL_ORDER,
        START_KYC,
        CHECK_KYC,
        CREATE_USER,
        CANCEL_OPEN_ORDERS,
        HTTP,
        WAIT,
        SET,
        ASSERT,
        LOG,
        CONFIRM,
        RUN_PLAYBOOK,
    )
}
