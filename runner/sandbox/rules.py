"""The undocumented points of the venue as switches, each with the choice this exchange makes by default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Rules:
    """One field for each point on which the public documentation is silent or contradicts itself."""

    cancel_unknown: Literal["not_found", "ignore"] = "not_found"
    """Cancel of an order that does not exist: 404 code 5, or 200 as if nothing had happened."""

    cancel_finished: Literal["conflict", "ignore"] = "conflict"
    """Cancel of a finished order: 409 code 10 as trader-guide/error-handling has it, or 200."""

    duplicate_client_order_id: Literal["late_reject", "conflict"] = "late_reject"
    """A second live order with one id: 200 and a later REJECTED, or 409 code 6 at once."""

    missing_account: Literal["only_account", "invalid"] = "only_account"
    """An order without account: the participant's only account, or 400 code 3."""

    missing_time_in_force: Literal["day", "invalid"] = "day"
    """An order without time in force: DAY as in FIX, or 400 code 3."""

    unknown_route: Literal["forbidden", "not_found"] = "forbidden"
    """A path that does not exist: 403 code 7, as the retired accounts route answers, or 404 code 5."""
