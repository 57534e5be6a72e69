"""Every operation of the venue that this project knows, in one table.

Source: docs.polymarket.us, the published OpenAPI files under institutional/oapi-schemas, and for scopes and the
participant header trader-guide/authentication and trader-guide/accounts-identity.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

Participant: TypeAlias = Literal["required", "optional", "never"]
Effect: TypeAlias = Literal["reads", "changes", "cancels"]

CALL_LIMIT = 15.0
_SLOW = 30.0


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: where it is, what it needs, and what it may do.

    ``path`` may hold ``{symbol}``-like parts. ``scope`` is empty where none is needed. ``participant`` says whether the
    call carries ``x-participant-id``. ``time_limit`` is in seconds, for one call from connecting to the last byte.
    ``signed`` is False for what the venue answers without a token.
    """

    method: str
    path: str
    scope: str
    participant: Participant
    effect: Effect
    time_limit: float = CALL_LIMIT
    signed: bool = True


OPERATIONS: dict[str, Operation] = {
    "health": Operation("GET", "/v1/health", "", "never", "reads", signed=False),
    "whoami": Operation("GET", "/v1/whoami", "read:accounts", "optional", "reads"),
    "users": Operation("GET", "/v1/users", "read:accounts", "required", "reads", _SLOW),
    "accounts": Operation("GET", "/v1/accounts", "read:accounts", "required", "reads"),
    "instruments": Operation("POST", "/v1/refdata/instruments", "read:instruments", "never", "reads"),
    "symbols": Operation("POST", "/v1/refdata/symbols", "read:instruments", "never", "reads", _SLOW),
    "metadata": Operation("POST", "/v1/refdata/metadata", "read:instruments", "never", "reads"),
    "order_book": Operation("GET", "/v1/orderbook/{symbol}", "read:l2marketdata", "never", "reads"),
    "best_prices": Operation("GET", "/v1/orderbook/{symbol}/bbo", "read:marketdata", "never", "reads"),
    "settlement": Operation("GET", "/v1/instruments/{symbol}/settlement", "read:marketdata", "never", "reads"),
    "insert_order": Operation("POST", "/v1/trading/orders", "write:orders", "required", "changes"),
    "insert_orders": Operation("POST", "/v1/trading/orders/list", "write:orders", "required", "changes"),
    "insert_cross": Operation("POST", "/v1/trading/orders/cross", "write:orders", "required", "changes"),
    "preview_order": Operation("POST", "/v1/trading/orders/preview", "read:orders", "required", "reads"),
    "replace_order": Operation("POST", "/v1/trading/orders/replace", "write:orders", "required", "changes"),
    "replace_orders": Operation("POST", "/v1/trading/orders/replace/list", "write:orders", "required", "changes"),
    "cancel_order": Operation("POST", "/v1/trading/orders/cancel", "write:orders", "required", "cancels"),
    "cancel_orders": Operation("POST", "/v1/trading/orders/cancel/list", "write:orders", "required", "cancels"),
    "open_orders": Operation("GET", "/v1/trading/orders/open", "read:orders", "required", "reads"),
    "search_orders": Operation("POST", "/v1/report/orders/search", "read:reports", "required", "reads"),
    "search_executions": Operation("POST", "/v1/report/executions/search", "read:reports", "required", "reads"),
    "search_trades": Operation("POST", "/v1/report/trades/search", "read:reports", "required", "reads"),
    "orders_csv": Operation("POST", "/v1/report/orders/csv", "read:reports", "required", "reads"),
    "executions_csv": Operation("POST", "/v1/report/executions/csv", "read:reports", "required", "reads"),
    "trades_csv": Operation("POST", "/v1/report/trades/csv", "read:reports", "required", "reads"),
    "trade_stats": Operation("POST", "/v1/report/trades/stats", "read:reports", "never", "reads"),
    "positions": Operation("GET", "/v1/positions", "read:positions", "required", "reads"),
    "balance": Operation("POST", "/v1/positions/balance", "read:positions", "required", "reads"),
    "balances": Operation("POST", "/v1/positions/balances", "read:positions", "required", "reads"),
    "position_ledger": Operation("GET", "/v1/positions/ledger", "read:positions", "required", "reads"),
    "position_ledger_download": Operation(
        "GET", "/v1/positions/ledger/download", "read:positions", "required", "reads"
    ),
    "balance_ledger": Operation("GET", "/v1/funding/balance-ledger", "read:positions", "required", "reads"),
    "balance_ledger_download": Operation(
        "GET", "/v1/funding/balance-ledger/download", "read:positions", "required", "reads"
    ),
    "incentives": Operation("GET", "/v1/incentives", "", "never", "reads", signed=False),
    "incentive_earnings": Operation("GET", "/v1/incentives/earnings", "read:reports", "required", "reads"),
    "kyc_start": Operation("POST", "/v1/kyc/start", "write:kyc", "never", "changes"),
    "kyc_status": Operation("GET", "/v1/kyc/status", "read:kyc", "never", "reads"),
    "kyc_webhook": Operation("POST", "/v1/kyc/webhook", "write:kyc", "never", "changes"),
    "kyc_prefill": Operation("POST", "/v1/kyc/prefill", "write:kyc", "never", "changes"),
    "kyc_prefill_otp": Operation("POST", "/v1/kyc/prefill/otp", "write:kyc", "never", "changes"),
    "funding_sources": Operation("GET", "/v1/funding/sources", "read:funding", "optional", "reads"),
    "funding_accounts": Operation("GET", "/v1/funding/accounts", "read:funding", "optional", "reads"),
    "update_funding_account": Operation("PATCH", "/v1/funding/accounts/{id}", "write:funding", "optional", "changes"),
    "funding_transactions": Operation("GET", "/v1/funding/transactions", "read:funding", "optional", "reads"),
    "funding_requirements": Operation(
        "GET", "/v1/funding/transaction-requirements", "read:funding", "optional", "reads"
    ),
}


def find(method: str, path: str) -> Operation | None:
    """The operation that a request would reach; ``path`` is compared whole, case included, without a query."""
    for operation, pattern in _patterns():
        if operation.method == method.upper() and pattern.fullmatch(path):
            return operation
    return None


@cache
def _patterns() -> tuple[tuple[Operation, re.Pattern[str]], ...]:
    return tuple((each, re.compile(re.sub(r"\{\w+\}", "[^/]+", each.path))) for each in OPERATIONS.values())
