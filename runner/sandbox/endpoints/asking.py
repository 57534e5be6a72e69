"""Reading what searches and ledgers have in common from requests: spans of time, trade days, page sizes."""

from __future__ import annotations

from datetime import date

from runner.sandbox.exchange.accounts import Account
from runner.sandbox.exchange.ledger import Period
from runner.sandbox.exchange.searches import Days
from runner.sandbox.gateway.call import Call
from runner.sandbox.gateway.errors import invalid, out_of_range
from runner.sandbox.gateway.fields import Fields

_LARGEST_REPORT = 5000
_LARGEST_PAGE = 1000
_DEFAULT_PAGE = 100


def report_page_size(call: Call) -> int:
    """The page size of a report search: the venue answers a missing one as it answers one that is too large."""
    size = call.fields.integer("page_size", 32)
    if not size and (not call.strict or call.setting.rules.missing_page_size == "largest"):
        return _LARGEST_REPORT
    if not 1 <= size <= _LARGEST_REPORT:
        raise out_of_range(f"Maximum requested records is {_LARGEST_REPORT}")
    return size


def page_size(fields: Fields) -> int:
    """The page size of a ledger or of positions: 100 if none is given, 1000 at most. Raises Refused (400)."""
    size = fields.integer("page_size", 32)
    if not 0 <= size <= _LARGEST_PAGE:
        raise invalid(f"page size must be at most {_LARGEST_PAGE}")
    return size or _DEFAULT_PAGE


def period(fields: Fields) -> Period:
    """``startTime`` to ``endTime``, both included."""
    return Period(fields.moment("start_time"), fields.moment("end_time"))


def days(fields: Fields, first: str, last: str) -> Days:
    """Two trade days as messages of year, month and day."""
    return day_within(fields, first), day_within(fields, last)


def day_within(fields: Fields, name: str) -> date | None:
    """A day given as a message, None if it is absent or all zero. Raises Refused (400)."""
    inside = fields.within(name)
    parts = [inside.integer(part, 32) for part in ("year", "month", "day")]
    if not any(parts):
        return None
    try:
        return date(*parts)
    except ValueError as error:
        raise invalid(f"invalid value for date field {name}") from error


def named_account(call: Call, field: str) -> Account:
    """The acting user's account that a field names; the published dialect demands it. Raises Refused."""
    name = call.fields.text(field)
    account = call.account(name) if name else None if call.strict else call.first_account()
    if account is None:
        raise invalid(f"{field} is required")
    return account
