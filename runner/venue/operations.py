"""Every operation of the venue that this project knows, in one table.

Source: docs.polymarket.us, the published OpenAPI files under institutional/oapi-schemas; for scopes and the participant
header trader-guide/authentication and trader-guide/accounts-identity; for rates trader-guide/rate-limits.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Literal, TypeAlias

from runner.frozen import frozen

Participant: TypeAlias = Literal["required", "optional", "never"]
Effect: TypeAlias = Literal["reads", "changes", "cancels"]

CALL_LIMIT = 15.0
RATE_TEXT = r"^(off|(?!0+(\.0+)?/)\d{1,6}(\.\d{1,6})?/(s|min))$"
_SLOW = {"users": 30.0, "symbols": 30.0}
_UNSIGNED = {"health", "incentives"}
_SPANS = {1: "a second", 60: "a minute"}
_COUNTED_WITH = {"incentive_earnings": "incentives"}

_TABLE = """
# In brackets the file of the contract in schemas/venue/; `-` where the venue has published no form.
# Then name, method, path, scope, whether the call carries x-participant-id, what it does, the calls that a firm of the
# lowest tier may make (in so many seconds @ at once, where that is documented), and the rows of its largest page
# (* for a listing that has no `eof`).
[health]
health                   GET   /v1/health                             -                  never    reads   -       -
[accounts]
whoami                   GET   /v1/whoami                             read:accounts      optional reads   -       -
users                    GET   /v1/users                              read:accounts      required reads   -       -
accounts                 GET   /v1/accounts                           read:accounts      required reads   -       -
[refdata]
instruments              POST  /v1/refdata/instruments                read:instruments   never    reads   6/60    1000
symbols                  POST  /v1/refdata/symbols                    read:instruments   never    reads   6/60    -
metadata                 POST  /v1/refdata/metadata                   read:instruments   never    reads   -       -
[orderbook]
order_book               GET   /v1/orderbook/{symbol}                 read:l2marketdata  never    reads   12/60   -
best_prices              GET   /v1/orderbook/{symbol}/bbo             read:marketdata    never    reads   12/60   -
settlement               GET   /v1/instruments/{symbol}/settlement    read:marketdata    never    reads   10/1@10 -
[trading]
insert_order             POST  /v1/trading/orders                     write:orders       required changes 30/1@30 -
insert_orders            POST  /v1/trading/orders/list                write:orders       required changes 50/1@50 -
insert_cross             POST  /v1/trading/orders/cross               write:orders       required changes -       -
preview_order            POST  /v1/trading/orders/preview             read:orders        required reads   -       -
replace_order            POST  /v1/trading/orders/replace             write:orders       required changes 30/1@30 -
replace_orders           POST  /v1/trading/orders/replace/list        write:orders       required changes 50/1@50 -
cancel_order             POST  /v1/trading/orders/cancel              write:orders       required cancels 90/1@90 -
cancel_orders            POST  /v1/trading/orders/cancel/list         write:orders       required cancels 50/1@50 -
open_orders              GET   /v1/trading/orders/open                read:orders        required reads   -       -
[report]
search_orders            POST  /v1/report/orders/search               read:reports       required reads   12/60   5000*
search_executions        POST  /v1/report/executions/search           read:reports       required reads   12/60   5000
search_trades            POST  /v1/report/trades/search               read:reports       required reads   12/60   5000*
orders_csv               POST  /v1/report/orders/csv                  read:reports       required reads   -       -
executions_csv           POST  /v1/report/executions/csv              read:reports       required reads   -       -
trades_csv               POST  /v1/report/trades/csv                  read:reports       required reads   -       -
trade_stats              POST  /v1/report/trades/stats                read:reports       never    reads   60/60   -
[positions]
positions                GET   /v1/positions                          read:positions     required reads   -       1000
balance                  POST  /v1/positions/balance                  read:positions     required reads   -       -
balances                 POST  /v1/positions/balances                 read:positions     required reads   -       -
position_ledger          GET   /v1/positions/ledger                   read:positions     required reads   1/2@5   1000
position_ledger_download GET   /v1/positions/ledger/download          read:positions     required reads   1/12@1  1000
[funding]
balance_ledger           GET   /v1/funding/balance-ledger             read:positions     required reads   1/2@5   1000
balance_ledger_download  GET   /v1/funding/balance-ledger/download    read:positions     required reads   1/12@1  1000
[incentives]
incentives               GET   /v1/incentives                         -                  never    reads   5/1     -
incentive_earnings       GET   /v1/incentives/earnings                read:reports       required reads   5/1     -
[kyc]
kyc_start                POST  /v1/kyc/start                          write:kyc          never    changes -       -
kyc_status               GET   /v1/kyc/status                         read:kyc           never    reads   -       -
kyc_webhook              POST  /v1/kyc/webhook                        write:kyc          never    changes -       -
kyc_prefill              POST  /v1/kyc/prefill                        write:kyc          never    changes -       -
kyc_prefill_otp          POST  /v1/kyc/prefill/otp                    write:kyc          never    changes -       -
[-]
funding_sources          GET   /v1/funding/sources                    read:funding       optional reads   -       -
funding_accounts         GET   /v1/funding/accounts                   read:funding       optional reads   -       -
update_funding_account   PATCH /v1/funding/accounts/{id}              write:funding      optional changes -       -
funding_transactions     GET   /v1/funding/transactions               read:funding       optional reads   -       -
funding_requirements     GET   /v1/funding/transaction-requirements   read:funding       optional reads   -       -
"""


SWITCHES = "/sandbox/"
"""Where the sandbox exchange has switches of its own, which no venue has: depositing test money, for one."""


@frozen
class Bucket:
    """How many calls of one method a firm may make: ``calls`` in ``seconds``, and at once at most ``burst``.

    It fills continuously, and each method has its own. A ``burst`` of None is one that is not documented.
    """

    calls: float
    seconds: int
    burst: int | None

    @property
    def capacity(self) -> float:
        """How many calls it holds when it is full: one at least, and where no burst is stated the whole ``calls``."""
        return self.burst or max(1.0, self.calls)

    @property
    def per_second(self) -> float:
        """How fast it fills, in calls a second."""
        return self.calls / self.seconds

    def __str__(self) -> str:
        """As a person would say it: ``12 a minute``."""
        return f"{self.calls:g} {_SPANS.get(self.seconds, f'in {self.seconds} s')}"


@frozen
class Paging:
    """How a listing comes in pages: of at most ``largest`` rows, each with the token of the next one.

    An empty ``nextPageToken`` ends every listing, and a true ``eof`` those that have it.
    """

    largest: int
    eof: bool


@frozen
class Operation:
    """One operation: where it is, what it needs, and what it may do.

    ``path`` may hold ``{symbol}``-like parts. ``scope`` is empty where none is needed. ``participant`` says whether the
    call carries ``x-participant-id``. ``family`` names the file of its contract, empty where there is none. ``bucket``
    is None where no limit is stated, ``paging`` where all comes at once. ``time_limit`` is for one call, in seconds
    from connecting to the last byte. ``signed`` is False for what the venue answers without a token.
    """

    name: str
    method: str
    path: str
    scope: str
    participant: Participant
    effect: Effect
    family: str
    bucket: Bucket | None
    paging: Paging | None
    time_limit: float
    signed: bool

    @property
    def counted_as(self) -> str:
        """Whose bucket it takes from: its own; the two reads of incentives share one, and nothing else does."""
        return _COUNTED_WITH.get(self.name, self.name)


def rate(text: str) -> Bucket | None:
    """A rate as people write it, by ``RATE_TEXT``: ``12/min``, ``0.5/s``; None for ``off``."""
    calls, _, span = text.partition("/")
    return Bucket(float(calls), 1 if span == "s" else 60, None) if span else None


def find(method: str, path: str) -> Operation | None:
    """The operation that a request would reach; ``path`` is compared whole, case included, without a query."""
    for operation, pattern in _patterns():
        if operation.method == method.upper() and pattern.fullmatch(path):
            return operation
    return None


@cache
def _patterns() -> tuple[tuple[Operation, re.Pattern[str]], ...]:
    return tuple((each, re.compile(re.sub(r"\{\w+\}", "[^/]+", each.path))) for each in OPERATIONS.values())


def _read(table: str) -> dict[str, Operation]:
    found: dict[str, Operation] = {}
    family = ""
    for line in table.splitlines():
        if line.startswith("["):
            family = line.strip("[]-")
        elif line and not line.startswith("#"):
            operation = _operation(family, *line.split())
            found[operation.name] = operation
    return found


def _operation(family: str, name: str, *row: Any) -> Operation:
    method, path, scope, participant, effect, rate, page = row
    limit = _SLOW.get(name, CALL_LIMIT)
    return Operation(
        name,
        method,
        path,
        scope.strip("-"),
        participant,
        effect,
        family,
        _bucket(rate),
        _paging(page),
        limit,
        name not in _UNSIGNED,
    )


def _bucket(rate: str) -> Bucket | None:
    """``30/1@30`` is 30 in a second, 30 at once."""
    if rate == "-":
        return None
    often, _, burst = rate.partition("@")
    calls, _, seconds = often.partition("/")
    return Bucket(int(calls), int(seconds), int(burst) if burst else None)


def _paging(page: str) -> Paging | None:
    return None if page == "-" else Paging(int(page.rstrip("*")), not page.endswith("*"))


OPERATIONS = _read(_TABLE)
SWITCH = Operation("switch", "POST", SWITCHES, "", "never", "changes", "", None, None, CALL_LIMIT, signed=True)
"""Any switch of the sandbox exchange; nothing that reaches it touches an order or anybody's money."""


def is_switch(method: str, path: str) -> bool:
    """Whether a request would turn a switch of the sandbox exchange."""
    return method.upper() == SWITCH.method and path.startswith(SWITCHES)
