"""Every operation of the exchange in one table: method, path, handler, scope, whether a participant is demanded.

Scopes and the header's place come from docs.polymarket.us: trader-guide/authentication and accounts-identity.
"""

from __future__ import annotations

from runner.sandbox.endpoints import identity, positions, refdata, reports, trading
from runner.sandbox.gateway.gateway import Route

ROUTES = (
    Route("GET", "/v1/health", identity.health),
    Route("GET", "/v1/whoami", identity.whoami, "read:accounts"),
    Route("GET", "/v1/users", identity.users, "read:accounts", needs_participant=True),
    Route("GET", "/v1/accounts", identity.accounts, "read:accounts"),
    Route("POST", "/v1/refdata/instruments", refdata.instruments, "read:instruments"),
    Route("POST", "/v1/refdata/symbols", refdata.symbols, "read:instruments"),
    Route("POST", "/v1/refdata/metadata", refdata.metadata, "read:instruments"),
    Route("POST", "/v1/positions/balance", positions.balance, "read:positions", needs_participant=True),
    Route("POST", "/v1/trading/orders", trading.insert, "write:orders", needs_participant=True),
    Route("POST", "/v1/trading/orders/cancel", trading.cancel, "write:orders", needs_participant=True),
    Route("GET", "/v1/trading/orders/open", trading.open_orders, "read:orders", needs_participant=True),
    Route("POST", "/v1/report/orders/search", reports.search_orders, "read:reports", needs_participant=True),
)
