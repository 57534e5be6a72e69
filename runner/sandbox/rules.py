"""The points on which the venue's public documentation is silent or contradicts itself, as switches.

Each field has the choice this exchange makes by default; ``--switch NAME=VALUE`` sets another.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args, get_type_hints


class UnknownSwitch(Exception):
    """No switch of this name, or not one of its values."""


@dataclass(frozen=True, slots=True)
class Rules:
    """One field for each such point."""

    cancel_unknown: Literal["not_found", "ignore", "conflict"] = "not_found"
    """Cancel of an order that does not exist: 404 code 5, 200 as if nothing had happened, or 409 code 10."""

    cancel_finished: Literal["conflict", "ignore"] = "conflict"
    """Cancel of a finished order: 409 code 10 as trader-guide/error-handling has it, or 200."""

    cancel_without_symbol: Literal["invalid", "accept"] = "invalid"
    """Cancel that names no symbol: 400 code 3 as the engine's page has it, or as the older quickstart sends it."""

    duplicate_client_order_id: Literal["late_reject", "conflict"] = "late_reject"
    """A second live order with one id: 200 and a later REJECTED, or 409 code 6 at once."""

    missing_account: Literal["only_account", "invalid"] = "only_account"
    """An order without account: the participant's only account, or 400 code 3."""

    missing_time_in_force: Literal["day", "invalid"] = "day"
    """An order without time in force: DAY as in FIX, or 400 code 3."""

    missing_page_size: Literal["invalid", "largest"] = "invalid"
    """A report search without page size: 400 code 11 as the venue was seen to answer, or a page of 5000."""

    unknown_route: Literal["forbidden", "not_found"] = "forbidden"
    """A path that does not exist: 403 code 7, as the retired accounts route answers, or 404 code 5."""

    unauthenticated_body: Literal["error", "empty"] = "error"
    """The body of a 401, printed nowhere: the usual error form with code 16, or nothing."""

    retry_after: Literal["off", "on"] = "off"
    """``Retry-After`` on a 429: the error page promises it, the rate page does not; who manages without is safe."""

    assertion_audience: Literal["either", "token_url", "tenant"] = "either"
    """The ``aud`` of a client assertion: the token URL as documented, the tenant's URL as its maker says, or either."""

    whoami_firm: Literal["resource", "bare"] = "resource"
    """``firm`` in whoami: ``firms/<id>`` as real answers have it, or the bare id of the printed examples."""

    accounts_participant: Literal["optional", "required"] = "optional"
    """``GET /v1/accounts`` without the participant's header: the whole firm's accounts, or 403."""

    order_book_scope: Literal["l2marketdata", "marketdata"] = "l2marketdata"
    """The scope of the order book: ``read:l2marketdata`` by the table, ``read:marketdata`` by the overview."""

    day_orders: Literal["stay", "expire"] = "stay"
    """DAY orders when the trade day rolls: they stay since 2026-09-13, or they expire as the guides still say."""

    immediate_remainder: Literal["expired", "canceled"] = "expired"
    """What is left of an IOC or FOK order: EXPIRED as FIX has it, or CANCELED as the guides say."""

    maintenance_window: Literal["off", "trading_hours", "changelog"] = "off"
    """Weekly maintenance, Thursdays in New York: none, 06:00 to 08:00 by one page, 02:00 to 06:00 by another."""

    ledger_downloads: Literal["json", "csv"] = "json"
    """Ledger downloads: JSON objects with base64 inside as the schema has it, or plain CSV as the guide says."""


def rules_from(settings: Iterable[str]) -> Rules:
    """Rules with switches set by ``NAME=VALUE`` texts. Raises UnknownSwitch.

    A name may be written with dashes too.
    """
    known = switches()
    chosen: dict[str, Any] = {}
    for setting in settings:
        name, _, value = setting.partition("=")
        name = name.strip().replace("-", "_")
        if name not in known:
            raise UnknownSwitch(f"there is no switch {name!r}; there are: {', '.join(known)}")
        if value.strip() not in known[name]:
            raise UnknownSwitch(f"switch {name} takes one of: {', '.join(known[name])}")
        chosen[name] = value.strip()
    return Rules(**chosen)


def switches() -> dict[str, tuple[str, ...]]:
    """Every switch with its values, the default first."""
    hints = get_type_hints(Rules)
    default = Rules()
    found: dict[str, tuple[str, ...]] = {}
    for field in fields(Rules):
        first = getattr(default, field.name)
        found[field.name] = (first, *(value for value in get_args(hints[field.name]) if value != first))
    return found
