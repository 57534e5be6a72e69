"""The venue's operations as functions on a ``Desk``: published spelling out, the model in.

Each gives a ``Reply``: the model's value and the answer as it came. Nothing here is tried again.
Source: docs.polymarket.us, the published OpenAPI files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from runner.frozen import frozen
from runner.venue import asks, normal
from runner.venue.model import Account, Balance, Identity, Instrument, User, Verification
from runner.venue.normal import RawOrder
from runner.venue.paging import all_pages
from runner.venue.wire import Fields

if TYPE_CHECKING:
    from runner.venue.desk import Desk

T = TypeVar("T")


@frozen
class Reply(Generic[T]):
    """``value`` in the model's terms; ``raw`` is the answer's body.

    Where several pages were read, ``raw`` is the last one with the items of all of them.
    """

    value: T
    raw: Any


def health(desk: Desk) -> Reply[str]:
    """The venue's word for how it is, such as ``ok``. Needs no token."""
    raw = desk.send(asks.health()).body
    return Reply(Fields(raw).text("status"), raw)


def whoami(desk: Desk) -> Reply[Identity]:
    """Who the token speaks for."""
    raw = desk.send(asks.whoami()).body
    return Reply(normal.identity(raw), raw)


def users(desk: Desk) -> Reply[tuple[User, ...]]:
    """The firm's participants. The venue has been seen to take 11 seconds for it."""
    raw = desk.send(asks.users()).body
    return Reply(normal.users(raw), raw)


def accounts(desk: Desk, user: str = "") -> Reply[tuple[Account, ...]]:
    """The trading accounts, of one user if given."""
    raw = desk.send(asks.accounts(user)).body
    return Reply(normal.accounts(raw), raw)


def instruments(
    desk: Desk, filters: Mapping[str, Any] | None = None, limit: int = 1000
) -> Reply[tuple[Instrument, ...]]:
    """Instruments that match all ``filters`` (either spelling, None is left out), all pages up to ``limit``."""
    raw = all_pages(desk, asks.instruments(filters, limit), ("instruments",))
    return Reply(_instruments(raw, limit), raw)


def instrument(desk: Desk, symbol: str) -> Reply[Instrument | None]:
    """One instrument by its exact symbol; None if the venue lists no such one."""
    raw = all_pages(desk, asks.instrument(symbol), ("instruments",))
    found = _instruments(raw, 1)
    return Reply(next((each for each in found if each.symbol == symbol), None), raw)


def symbols(desk: Desk) -> Reply[tuple[str, ...]]:
    """The symbols of all instruments. The venue has been seen to take more than 30 seconds for it."""
    raw = desk.send(asks.symbols()).body
    return Reply(tuple(Fields(raw).items("symbols")), raw)


def exchange_metadata(desk: Desk) -> Reply[dict[str, str]]:
    """What the exchange says of itself."""
    raw = desk.send(asks.exchange_metadata()).body
    return Reply(Fields(raw).texts("metadata"), raw)


def balance(desk: Desk, account: str, currency: str = "USD") -> Reply[Balance]:
    """Money of one account (full resource name) in one currency."""
    raw = desk.send(asks.balance(account, currency)).body
    return Reply(normal.balance(raw), raw)


def start_kyc(desk: Desk, body: Mapping[str, Any]) -> Reply[Verification]:
    """Ask for the check of a person (snake_case names, as the venue takes them); 409 if it was approved before."""
    raw = desk.send(asks.start_kyc(body)).body
    return Reply(normal.verification(raw), raw)


def kyc_status(desk: Desk, external_id: str) -> Reply[Verification]:
    """Where the check of a person stands, by our own id; 404 for one that was never started."""
    raw = desk.send(asks.kyc_status(external_id)).body
    return Reply(normal.verification(raw), raw)


def insert_order(desk: Desk, body: Mapping[str, Any]) -> Reply[str]:
    """Send an order, once; gives the venue's order id. An id only says that the request was taken."""
    raw = desk.send(asks.insert_order(body)).body
    return Reply(normal.order_id(raw), raw)


def preview_order(desk: Desk, body: Mapping[str, Any]) -> Reply[RawOrder]:
    """The order that an insert of ``body`` would make, without an id; nothing is placed. Informational only."""
    raw = desk.send(asks.preview_order(body)).body
    shown = Fields(raw).values("previewOrder")
    return Reply(RawOrder({"id": "", "symbol": body["symbol"], **shown}), raw)


def replace_order(desk: Desk, body: Mapping[str, Any]) -> Reply[None]:
    """Ask for an order's replace, once. Read back to know what came of it: a refused one leaves the order as it was."""
    return Reply(None, desk.send(asks.replace_order(body)).body)


def cancel_order(desk: Desk, order_id: str, symbol: str, clord_id: str | None = None) -> Reply[None]:
    """Ask for an order's cancel; ``clord_id`` names the request, not the order. Read back to know what came of it."""
    return Reply(None, desk.send(asks.cancel_order(order_id, symbol, clord_id)).body)


def cancel_orders(desk: Desk, orders: Sequence[tuple[str, str]]) -> Reply[None]:
    """Ask for the cancel of at most 20 orders, each an id and its symbol. No answer tells what came of any of them."""
    return Reply(None, desk.send(asks.cancel_orders(orders)).body)


def open_orders(desk: Desk, symbols: Sequence[str] = (), accounts: Sequence[str] = ()) -> Reply[tuple[RawOrder, ...]]:
    """The participant's working orders, of these symbols and accounts if any are given. They come in one page."""
    raw = desk.send(asks.open_orders(symbols, accounts)).body
    return Reply(tuple(RawOrder(each) for each in Fields(raw).items("orders", "order")), raw)


def search_orders(
    desk: Desk, filters: Mapping[str, Any] | None = None, limit: int = 1000, *, with_last_execution: bool = False
) -> Reply[tuple[RawOrder, ...]]:
    """Orders, finished ones too, that match ``filters`` (either spelling), all pages up to ``limit``.

    ``with_last_execution`` also asks for each order's last execution, which is where a reject's text stands.
    """
    listing = asks.search_orders(filters, limit, with_last_execution=with_last_execution)
    raw = all_pages(desk, listing, ("order", "orders"))
    return Reply(_with_executions(Fields(raw).items("order", "orders")[:limit], raw), raw)


def _instruments(raw: Any, limit: int) -> tuple[Instrument, ...]:
    rows = Fields(raw).items("instruments")[:limit]
    return tuple(normal.instrument(each, f"instruments[{at}].") for at, each in enumerate(rows))


def _with_executions(orders: Sequence[Any], raw: Any) -> tuple[RawOrder, ...]:
    """Each order with its last execution, found by the order's id; the venue lists them beside the orders."""
    got = Fields(raw)
    executions = got.items("lastExecutions") if got.has("lastExecutions") else []
    by_order: dict[str, Any] = {}
    for at, each in enumerate(executions):
        if each is not None and (got := Fields(each, f"lastExecutions[{at}].")).has("order"):
            by_order[got.part("order").text("id", "")] = each
    return tuple(RawOrder(each, by_order.get(RawOrder(each).id)) for each in orders)
