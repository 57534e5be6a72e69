"""The weekly maintenance: while it lasts, every call but the health check is refused.

Its hours are from docs.polymarket.us: learn/trading/access-and-limits/trading-hours and the changelog. Which status
the venue gives then is documented nowhere; 503 with code 14 is what its error page has for what is gone for a while.
"""

from __future__ import annotations

from functools import wraps

from runner.sandbox.exchange.calendar import in_maintenance
from runner.sandbox.gateway.call import Call, Handler
from runner.sandbox.gateway.errors import Refused
from runner.sandbox.gateway.message import Answer
from runner.sandbox.gateway.wire import Lines, Tree


def in_hours(handler: Handler) -> Handler:
    """The handler, closed while the exchange is in maintenance."""

    @wraps(handler)
    def serve(call: Call) -> Tree | Lines | Answer:
        if in_maintenance(call.exchange.now(), call.setting.rules.maintenance_window):
            raise Refused(503, 14, "the exchange is closed for maintenance")
        return handler(call)

    return serve
