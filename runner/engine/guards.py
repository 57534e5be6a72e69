"""The one place where limits are held against what is really about to be sent.

Counting is on the safe side: an order counts from the moment it is intended, and its exposure is released only when
the venue has told that it is over and how much of it traded.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from runner.action import OrderIntent
from runner.engine.ledger import Ledger
from runner.engine.shared import Shared
from runner.errors import GuardRefused
from runner.plan.bounds import allowed
from runner.plan.model import Bound, Bounds
from runner.record.events import CallMade, Event

_MOST_CLOCK_OFFSET_MS = 30_000
_OF_THE_DAY = ("per_day.orders", "per_day.exposure")


class Guards:
    """The limits of a run, held against its ledger and what all runs of the firm share.

    Those of an included playbook hold for what was intended at paths that begin with ``prefix``, besides those of
    whatever includes it (``outer``).
    """

    def __init__(
        self,
        bounds: Bounds,
        ledger: Ledger,
        shared: Shared,
        requests: int = 0,
        prefix: str = "",
        outer: Guards | None = None,
    ) -> None:
        self._bounds = bounds
        self._ledger = ledger
        self._shared = shared
        self._requests = requests
        self._prefix = prefix
        self._outer = outer

    def within(self, prefix: str, bounds: Bounds, earlier: Iterable[Event]) -> Guards:
        """Those of a playbook that is included at ``prefix``; ``earlier`` is what was said of the run before."""
        requests = sum(isinstance(each, CallMade) and each.counted and each.path.startswith(prefix) for each in earlier)
        return Guards(bounds, self._ledger, self._shared, requests, prefix, self)

    def own_environment(self, name: str) -> None:
        """Refuse an environment that the playbook's own limits do not name."""
        self._name("environments", name, "the environment")

    def request(self) -> None:
        """Count a call that is about to be made; raises ``GuardRefused`` beyond a limit, and counts nothing then."""
        self._number("requests", Decimal(self._requests + 1), "calls")
        if self._outer is not None:
            self._outer.request()
        self._requests += 1

    def request_not_made(self) -> None:
        """Take back a call that was counted and is not made after all."""
        self._requests -= 1
        if self._outer is not None:
            self._outer.request_not_made()

    def order(self, clord_id: str, intent: OrderIntent, firm: str, now: datetime, clock_offset_ms: int | None) -> None:
        """Judge an order that is about to be recorded and sent; raises ``GuardRefused`` beyond any limit."""
        if self._outer is None:
            self._halted()
            _clock(clock_offset_ms)
        else:
            self._outer.order(clord_id, intent, firm, now, clock_offset_ms)
        self._name("symbols", intent.symbol, "the order's symbol")
        self._number("order_exposure", intent.exposure, "dollars at risk in one order")
        if intent.quantity is not None:
            self._number("order_quantity", intent.quantity, "contracts in one order")
        where = f"in one run of `{self._prefix[:-1]}`" if self._prefix else "in this run"
        self._sums("", self._ledger.others_at_risk(clord_id, self._prefix), intent, where)
        if any(name in self._bounds.numbers for name in _OF_THE_DAY):
            others = self._shared.others_today(clord_id, firm, now)
            self._sums("per_day.", others, intent, "in the venue's trade day")

    def _sums(self, prefix: str, others: tuple[int, Decimal], intent: OrderIntent, where: str) -> None:
        """A replace is not one more order, and one that adds nothing to what is at risk may always be."""
        orders, at_risk = others
        if intent.replaces is None:
            of = " of this firm" if prefix else ""
            self._number(f"{prefix}orders", Decimal(orders + 1), f"orders{of} {where}")
        if intent.added or intent.replaces is None:
            self._number(f"{prefix}exposure", at_risk + intent.added, f"dollars at risk {where}")

    def _halted(self) -> None:
        since = self._shared.halted_since()
        if since is not None:
            raise GuardRefused(
                f"new orders are halted here since {since:%Y-%m-%d %H:%M:%S} UTC",
                help="`pmx-run unhalt` allows them again; cleanups go on",
            )

    def _number(self, name: str, value: Decimal, what: str) -> None:
        bound = self._bounds.number(name)
        if bound is not None and value > bound.value:
            raise _refusal(bound, f"{value:f} {what}, and the limit `{name}` is {bound.value:f}")

    def _name(self, kind: str, name: str, what: str) -> None:
        for bound in self._bounds.names:
            if bound.name == kind and not allowed(name, bound):
                allows = ", ".join(bound.patterns)
                raise GuardRefused(
                    f"{what} is `{name}`, and the limit `{kind}` allows {allows}",
                    help=f"the limit stands at {bound.origin}; nothing was sent",
                )


def narrowed(outer: tuple[str, ...], own: tuple[str, ...]) -> tuple[str, ...]:
    """The hosts that both allow; an entry with a port is the narrower one of an entry without."""
    both = [each for each in own if each in outer or each.partition(":")[0] in outer]
    return tuple(dict.fromkeys([*both, *(each for each in outer if each.partition(":")[0] in own)]))


def _refusal(bound: Bound, message: str) -> GuardRefused:
    return GuardRefused(message, help=f"the limit stands at {bound.origin}; nothing beyond it was sent")


def _clock(offset_ms: int | None) -> None:
    if offset_ms is not None and abs(offset_ms) > _MOST_CLOCK_OFFSET_MS:
        raise GuardRefused(
            f"this machine's clock is {abs(offset_ms) / 1000:.0f} s off the venue's",
            help="set the clock (NTP) before orders are sent; nothing was sent",
        )
