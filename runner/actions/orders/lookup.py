"""Reading orders back: by the venue's id, by our client order id, and for as long as it takes to know.

A 200 on an insert or a cancel says only that the request was taken, and an empty answer to a search proves nothing.
Source: docs.polymarket.us, trader-guide/order-management and institutional/trading/overview.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from runner.action import Context
from runner.actions.instruments import instrument_of, reading_foreseen
from runner.clock import Deadline
from runner.errors import InDoubt, Interrupted, PmxError, Refused, StepErrored, Unreachable
from runner.foreseen import Foreseen, Outlook
from runner.frozen import frozen
from runner.later import Later
from runner.venue import asks, endpoints
from runner.venue.asks import Ask, Word
from runner.venue.model import Order
from runner.venue.normal import RawOrder
from runner.venue.scales import Scales

_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 1.0
_LOOKS_FOR_CERTAINTY = 3
_LOOKS = 5
_FOUND = 100
_LOOK_YOURSELF = "look for it at the venue; its cleanup, if it has one, is tried at the end of the run"


@frozen
class Found:
    """An order in our terms, and as it came."""

    order: Order
    raw: Mapping[str, Any]

    @property
    def result(self) -> dict[str, Any]:
        """What actions about one order give back."""
        return {"order": self.order.plain(), "raw": dict(self.raw)}


@frozen
class Placed:
    """An order that the venue took: the id that it gave, and ours."""

    order_id: str
    clord_id: str
    symbol: str


def scales_for(context: Context, raw: RawOrder) -> Scales:
    """An order's scales; its instrument is looked up if it does not carry its own."""
    return raw.scales or Scales.of(instrument_of(context, raw.symbol))


def in_our_terms(context: Context, raw: RawOrder) -> Order:
    """An order in dollars and contracts; the run remembers it as seen."""
    order = raw.order(scales_for(context, raw))
    context.seen(order)
    return order


def read_order(context: Context, order_id: str, symbol: str) -> Found | None:
    """An order by the venue's id: open orders first, then the search, which costs more of its allowance."""
    return _first(context, symbol, {"orderId": order_id}, lambda raw: raw.id == order_id)


def find_order(context: Context, clord_id: str, symbol: str) -> Found | None:
    """An order by the client order id that we gave it."""
    return _first(context, symbol, {"clordId": clord_id}, lambda raw: raw.clord_id == clord_id)


def pauses() -> Iterator[float]:
    """Seconds between looks at something that should happen soon: short at first, then up to a second."""
    pause = _FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 2, _LONGEST_PAUSE)


def most_looks(seconds: float | None, waits: Iterator[float] | None = None) -> int | None:
    """How many looks there are at most within so many seconds, with ``pauses`` (or others) between them."""
    if seconds is None:
        return None
    passed = 0.0
    for looks, pause in enumerate(waits or pauses(), start=1):
        passed += pause
        if passed > seconds:
            return looks
    raise AssertionError("pauses never end")


def reading_orders_foreseen(
    order: Mapping[str, Word],
    symbol: Word,
    most: int | None,
    when: str,
    *,
    trouble: bool = False,
    counted: bool = False,
) -> Iterator[Foreseen]:
    """The calls of ``read_order`` and ``find_order``; ``order`` is ``orderId`` or ``clordId`` with its value."""
    yield Foreseen(_open(symbol), most, when, trouble, counted)
    hidden = ", ".join(filter(None, (when, "where it is not among the open orders")))
    yield Foreseen(_searched(order, symbol), most, hidden, trouble, counted)


def scales_foreseen(symbol: Word | None, most: int | None) -> Iterator[Foreseen]:
    """The calls of ``scales_for``: needed only for orders that do not carry scales of their own."""
    for each in reading_foreseen(symbol or Later("symbol of an order")):
        when = f"if an order comes without its scales, {each.when}"
        yield Foreseen(each.ask, 1 if symbol else most, when, trouble=True, kept=each.kept if symbol else 0.0)


def reconciling_foreseen(clord_id: Word, symbol: Word) -> Iterator[Foreseen]:
    """The calls of ``reconcile``."""
    when = "looking for the order, if its answer was lost"
    yield from reading_orders_foreseen({"clordId": clord_id}, symbol, _LOOKS, when, trouble=True)


def least(*seconds: float | None) -> float | None:
    """The shortest of several times; None if nobody can tell."""
    known = [each for each in seconds if each is not None]
    return min(known) if len(known) == len(seconds) else None


def settling_foreseen(order_id: Word, symbol: Word, settle: Any, outlook: Outlook) -> Iterator[Foreseen]:
    """The calls of ``settled``; ``settle`` in milliseconds."""
    most = most_looks(least(None if isinstance(settle, Later) else settle / 1000, outlook.seconds))
    yield from reading_orders_foreseen({"orderId": order_id}, symbol, most, "until the venue has decided")


def settled(context: Context, placed: Placed, seconds: float) -> Found:
    """Read an order until the venue has decided about it, for at most ``seconds``.

    A look that is not answered is followed by another one, since the order is there. Raises ``InDoubt`` if it never
    shows, is still pending when the time is over, or may not be read.
    """
    deadline = Deadline(context.clock, min(seconds, context.deadline.left))
    found: Found | None = None
    for pause in pauses():
        seen, why_not = _look(context, placed)
        found = seen or found
        if found is not None and not found.order.pending:
            return found
        if deadline.left < pause:
            raise _undecided(found, placed, seconds, why_not)
        context.wait(pause, "until the venue has decided about the order")
    raise AssertionError("pauses never end")


def reconcile(context: Context, clord_id: str, symbol: str) -> Found:
    """Look for an order whose answer was lost; it is never sent again.

    Raises ``StepErrored`` when at least three looks of both kinds, the one at the window's end among them, found
    nothing; ``InDoubt`` when less than that is known.
    """
    steadfast = context.reconciling()
    what = f"order {clord_id}, whose answer was lost"
    found, looks = sought(steadfast, what, lambda: find_order(steadfast, clord_id, symbol))
    if found is None:
        raise _gone(steadfast, clord_id, looks)
    steadfast.note(f"the order's answer was lost; found it as {found.order.id}")
    return found


def sought(context: Context, what: str, look: Callable[[], Found | None]) -> tuple[Found | None, int]:
    """Look for something all over the window of a reconciling ``context``.

    Gives what was found; else None and how many looks were in vain, 0 if there were too few of them to prove anything.
    """
    pause = context.reconcile_window / (_LOOKS - 1)
    empty: list[int] = []
    for at in range(_LOOKS):
        try:
            if at:
                context.wait(pause, f"before looking again for {what}")
            found = look()
        except Interrupted:
            break
        except (Refused, Unreachable):
            continue
        if found is not None:
            return found, 0
        empty.append(at)
    return None, len(empty) if len(empty) >= _LOOKS_FOR_CERTAINTY and empty[-1] == _LOOKS - 1 else 0


def _first(context: Context, symbol: str, search: dict[str, str], wanted: Callable[[RawOrder], bool]) -> Found | None:
    raw = next(filter(wanted, endpoints.open_orders(context.desk, _symbols(symbol)).value), None)
    if raw is None:
        filters = search | _of(symbol)
        finished = endpoints.search_orders(context.desk, filters, _FOUND, with_last_execution=True).value
        raw = next(filter(wanted, finished), None)
    return None if raw is None else Found(in_our_terms(context, raw), raw.values)


def _symbols(symbol: Word) -> list[Any]:
    return [symbol] if symbol else []


def _of(symbol: Word) -> dict[str, Any]:
    return {"symbol": symbol} if symbol else {}


def _open(symbol: Word) -> Ask:
    return asks.open_orders(_symbols(symbol))


def _searched(order: Mapping[str, Word], symbol: Word) -> Ask:
    return asks.search_orders({**order, **_of(symbol)}, _FOUND, with_last_execution=True).page()


def _look(context: Context, placed: Placed) -> tuple[Found | None, str]:
    """The order, if it shows; else why there was no usable answer, if there was none."""
    try:
        return read_order(context.reading_back(), placed.order_id, placed.symbol), ""
    except Refused as refused:
        message = f"the venue took order {placed.order_id} ({placed.symbol}) and won't show it: {refused.message}"
        raise InDoubt(message, help=_LOOK_YOURSELF, clord_id=placed.clord_id) from refused
    except Unreachable as unreachable:
        return None, unreachable.message


def _undecided(found: Found | None, placed: Placed, seconds: float, why_not: str) -> InDoubt:
    order = f"order {placed.order_id} ({placed.symbol})"
    message = f"the venue took {order} and does not show it, {seconds:g} s later"
    if found is not None:
        message = f"{order} is still {found.order.state} after {seconds:g} s"
    if why_not:
        message += f"; at the last look {why_not}"
    return InDoubt(message, help=_LOOK_YOURSELF, clord_id=placed.clord_id)


def _gone(context: Context, clord_id: str, looks: int) -> PmxError:
    if looks:
        context.lost(clord_id, "not_found")
        return StepErrored(
            f"the answer to order {clord_id} was lost, and {looks} looks over "
            f"{context.reconcile_window:g} s did not find it: as far as can be known nothing was placed",
            help="it is not sent again; look at the venue before you run this playbook once more",
        )
    context.lost(clord_id, "inconclusive")
    return InDoubt(
        f"the answer to order {clord_id} was lost, and the venue could not be asked often enough to know its fate",
        help=f"look for client order id {clord_id} at the venue, and cancel the order if it is there",
        clord_id=clord_id,
    )
