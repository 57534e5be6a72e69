"""Every operation of the exchange in one table: method, path, handler, scope, whether a participant is demanded.

Scopes and the header's place come from docs.polymarket.us: trader-guide/authentication and accounts-identity; a row's
``bucket`` is one of ``gateway/buckets.py``, from trader-guide/rate-limits.
"""

from __future__ import annotations

from dataclasses import replace

from runner.sandbox.endpoints import (
    downloads,
    identity,
    incentives,
    kyc,
    ledgers,
    market,
    positions,
    prefill,
    refdata,
    reports,
    switches,
    trading,
)
from runner.sandbox.endpoints.hours import in_hours
from runner.sandbox.gateway.call import Handler
from runner.sandbox.gateway.routing import Route

_READ_ORDERS, _WRITE_ORDERS = "read:orders", "write:orders"
_READ_POSITIONS, _READ_REPORTS = "read:positions", "read:reports"
_READ_INSTRUMENTS, _READ_MARKET = "read:instruments", "read:marketdata"


def _for_user(method: str, path: str, handler: Handler, scope: str, bucket: str = "") -> Route:
    """A row that demands the participant's header."""
    return Route(method, path, handler, scope, needs_participant=True, bucket=bucket)


_HEALTH = Route("GET", "/v1/health", identity.health)

_IDENTITY = (
    Route("GET", "/v1/whoami", identity.whoami, "read:accounts"),
    _for_user("GET", "/v1/users", identity.users, "read:accounts"),
    Route("GET", "/v1/accounts", identity.accounts, "read:accounts"),
    Route("POST", "/v1/kyc/start", kyc.start, "write:kyc"),
    Route("GET", "/v1/kyc/status", kyc.status, "read:kyc"),
    Route("POST", "/v1/kyc/webhook", kyc.register_webhook, "write:kyc"),
    Route("POST", "/v1/kyc/prefill", prefill.start, "write:kyc"),
    Route("POST", "/v1/kyc/prefill/otp", prefill.submit_code, "write:kyc"),
)

_MARKET = (
    Route("POST", "/v1/refdata/instruments", refdata.instruments, _READ_INSTRUMENTS, bucket="ListInstruments"),
    Route("POST", "/v1/refdata/symbols", refdata.symbols, _READ_INSTRUMENTS, bucket="ListSymbols"),
    Route("POST", "/v1/refdata/metadata", refdata.metadata, _READ_INSTRUMENTS),
    Route("GET", "/v1/orderbook/{symbol}", market.order_book, "read:l2marketdata", bucket="GetOrderBook"),
    Route("GET", "/v1/orderbook/{symbol}/bbo", market.best_prices, _READ_MARKET, bucket="GetBBO"),
    Route(
        "GET",
        "/v1/instruments/{symbol}/settlement",
        market.settlement,
        _READ_MARKET,
        bucket="GetInstrumentSettlement",
    ),
    Route("POST", "/v1/report/trades/stats", market.trade_stats, _READ_REPORTS, bucket="GetTradeStats"),
    Route("GET", "/v1/incentives", incentives.programs, bucket="Incentives"),
    _for_user("GET", "/v1/incentives/earnings", incentives.earnings, _READ_REPORTS, "Incentives"),
)

_TRADING = (
    _for_user("POST", "/v1/trading/orders", trading.insert, _WRITE_ORDERS, "InsertOrder"),
    _for_user("POST", "/v1/trading/orders/list", trading.insert_list, _WRITE_ORDERS, "InsertOrderList"),
    _for_user("POST", "/v1/trading/orders/cross", trading.insert_cross, _WRITE_ORDERS),
    _for_user("POST", "/v1/trading/orders/preview", trading.preview, _READ_ORDERS),
    _for_user("POST", "/v1/trading/orders/replace", trading.replace, _WRITE_ORDERS, "CancelReplaceOrder"),
    _for_user("POST", "/v1/trading/orders/replace/list", trading.replace_list, _WRITE_ORDERS, "CancelReplaceOrderList"),
    _for_user("POST", "/v1/trading/orders/cancel", trading.cancel, _WRITE_ORDERS, "CancelOrder"),
    _for_user("POST", "/v1/trading/orders/cancel/list", trading.cancel_list, _WRITE_ORDERS, "CancelOrderList"),
    _for_user("GET", "/v1/trading/orders/open", trading.open_orders, _READ_ORDERS),
)

_REPORTS = (
    _for_user("POST", "/v1/report/orders/search", reports.search_orders, _READ_REPORTS, "SearchOrders"),
    _for_user("POST", "/v1/report/executions/search", reports.search_executions, _READ_REPORTS, "SearchExecutions"),
    _for_user("POST", "/v1/report/trades/search", reports.search_trades, _READ_REPORTS, "SearchTrades"),
    _for_user("POST", "/v1/report/orders/csv", downloads.orders, _READ_REPORTS),
    _for_user("POST", "/v1/report/executions/csv", downloads.executions, _READ_REPORTS),
    _for_user("POST", "/v1/report/trades/csv", downloads.trades, _READ_REPORTS),
)

_MONEY = (
    _for_user("GET", "/v1/positions", positions.positions, _READ_POSITIONS),
    _for_user("POST", "/v1/positions/balance", positions.balance, _READ_POSITIONS),
    _for_user("POST", "/v1/positions/balances", positions.balances, _READ_POSITIONS),
    _for_user("GET", "/v1/positions/ledger", ledgers.position_ledger, _READ_POSITIONS, "GetPositionLedger"),
    _for_user(
        "GET",
        "/v1/positions/ledger/download",
        ledgers.download_position_ledger,
        _READ_POSITIONS,
        "DownloadPositionLedger",
    ),
    _for_user("GET", "/v1/funding/balance-ledger", ledgers.balance_ledger, _READ_POSITIONS, "GetBalanceLedger"),
    _for_user(
        "GET",
        "/v1/funding/balance-ledger/download",
        ledgers.download_balance_ledger,
        _READ_POSITIONS,
        "DownloadBalanceLedger",
    ),
)

SWITCHES = (
    Route("POST", "/sandbox/accounts/fund", switches.fund, "write:kyc"),
    Route("POST", "/sandbox/faults", switches.arm, _WRITE_ORDERS),
    Route("POST", "/sandbox/faults/disarm", switches.disarm, _WRITE_ORDERS),
)
"""What the venue does not have; who may ask for an account may fund it, and who may place orders may drill trouble."""

ROUTES = (
    _HEALTH,
    *(
        replace(route, handler=in_hours(route.handler))
        for route in (*_IDENTITY, *_MARKET, *_TRADING, *_REPORTS, *_MONEY)
    ),
)
