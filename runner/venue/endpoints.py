"""The venue's operations as functions on a ``Desk``: published spelling out, the model in.

Each gives a ``Reply``: the model's value and the answer as it came. Nothing here is tried again.
Source: docs.polymarket.us, the published OpenAPI files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from runner.frozen import frozen
from runner.venue import normal
from runner.venue.model import Account, Balance, Identity, Instrument, User, Verification
from runner.venue.normal import RawOrder
from runner.venue.operations import OPERATIONS
from runner.venue.paging import all_pages
from runner.venue.wire import Fields, camel

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
    raw = desk.send(OPERATIONS["health"]).body
    return Reply(Fields(raw).text("status"), raw)


def whoami(desk: Desk) -> Reply[Identity]:
    """Who the token speaks for."""
    raw = desk.send(OPERATIONS["whoami"]).body
    return Reply(normal.identity(raw), raw)


def users(desk: Desk) -> Reply[tuple[User, ...]]:
    """The firm's participants. The venue has been seen to take 11 seconds for it."""
    raw = desk.send(OPERATIONS["users"]).body
    return Reply(normal.users(raw), raw)


def accounts(desk: Desk, user: str = "") -> Reply[tuple[Account, ...]]:
    """The trading accounts, of one user if given."""
    raw = desk.send(OPERATIONS["accounts"], query={"user": user or None}).body
    return Reply(normal.accounts(raw), raw)


def instruments(
    desk: Desk, filters: Mapping[str, Any] | None = None, limit: int = 1000
) -> Reply[tuple[Instrument, ...]]:
    """Instruments that match all ``filters`` (either spelling, None is left out), all pages up to ``limit``."""
    raw = all_pages(desk, OPERATIONS["instruments"], published(filters), ("instruments",), limit)
    found = Fields(raw).items("instruments")[:limit]
    return Reply(tuple(normal.instrument(each, f"instruments[{at}].") for at, each in enumerate(found)), raw)


def instrument(desk: Desk, symbol: str) -> Reply[Instrument | None]:
    """One instrument by its exact symbol; None if the venue lists no such one."""
    reply = instruments(desk, {"symbols": [symbol]}, limit=1)
    found = next((each for each in reply.value if each.symbol == symbol), None)
    return Reply(found, reply.raw)


def symbols(desk: Desk) -> Reply[tuple[str, ...]]:
    """The symbols of all instruments. The venue has been seen to take more than 30 seconds for it."""
    raw = desk.send(OPERATIONS["symbols"], body={}).body
    return Reply(tuple(Fields(raw).items("symbols")), raw)


def exchange_metadata(desk: Desk) -> Reply[dict[str, str]]:
    """What the exchange says of itself."""
    raw = desk.send(OPERATIONS["metadata"], body={}).body
    return Reply(Fields(raw).texts("metadata"), raw)


def balance(desk: Desk, account: str, currency: str = "USD") -> Reply[Balance]:
    """Money of one account (full resource name) in one currency."""
    raw = desk.send(OPERATIONS["balance"], body={"name": account, "currency": currency}).body
    return Reply(normal.balance(raw), raw)


def start_kyc(desk: Desk, body: Mapping[str, Any]) -> Reply[Verification]:
    """Ask for the check of a person (snake_case names, as the venue takes them); 409 if it was approved before."""
    raw = desk.send(OPERATIONS["kyc_start"], body=body).body
    return Reply(normal.verification(raw), raw)


def kyc_status(desk: Desk, external_id: str) -> Reply[Verification]:
    """Where the check of a person stands, by our own id; 404 for one that was never started."""
    raw = desk.send(OPERATIONS["kyc_status"], query={"external_id": external_id}).body
    return Reply(normal.verification(raw), raw)


def insert_order(desk: Desk, body: Mapping[str, Any]) -> Reply[str]:
    """Send an order, once; gives the venue's order id. An id only says that the request was taken."""
    raw = desk.send(OPERATIONS["insert_order"], body=body).body
    return Reply(normal.order_id(raw), raw)


def preview_order(desk: Desk, body: Mapping[str, Any]) -> Reply[RawOrder]:
    """The order that an insert of ``body`` would make, without an id; nothing is placed. Informational only."""
    raw = desk.send(OPERATIONS["preview_order"], body={"request": body}).body
    shown = Fields(raw).values("previewOrder")
    return Reply(RawOrder({"id": "", "symbol": body["symbol"], **shown}), raw)


def replace_order(desk: Desk, body: Mapping[str, Any]) -> Reply[None]:
    """Ask for an order's replace, once. Read back to know what came of it: a refused one leaves the order as it was."""
    return Reply(None, desk.send(OPERATIONS["replace_order"], body=body).body)


def cancel_order(desk: Desk, order_id: str, symbol: str, clord_id: str | None = None) -> Reply[None]:
    """Ask for an order's cancel; ``clord_id`` names the request, not the order. Read back to know what came of it."""
    body = published({"order_id": order_id, "symbol": symbol, "clord_id": clord_id})
    return Reply(None, desk.send(OPERATIONS["cancel_order"], body=body).body)


def cancel_orders(desk: Desk, orders: Sequence[tuple[str, str]]) -> Reply[None]:
    """Ask for the cancel of at most 20 orders, each an id and its symbol. No answer tells what came of any of them."""
    requests = [published({"order_id": order_id, "symbol": symbol}) for order_id, symbol in orders]
    return Reply(None, desk.send(OPERATIONS["cancel_orders"], body={"requests": requests}).body)


def open_orders(desk: Desk, symbols: Sequence[str] = (), accounts: Sequence[str] = ()) -> Reply[tuple[RawOrder, ...]]:
    """The participant's working orders, of these symbols and accounts if any are given. They come in one page."""
    raw = desk.send(OPERATIONS["open_orders"], query={"symbols": symbols, "accounts": accounts}).body
    return Reply(tuple(RawOrder(each) for each in Fields(raw).items("orders", "order")), raw)


def search_orders(
    desk: Desk, filters: Mapping[str, Any] | None = None, limit: int = 1000, *, with_last_execution: bool = False
) -> Reply[tuple[RawOrder, ...]]:
    """Orders, finished ones too, that match ``filters`` (either spelling), all pages up to ``limit``.

    ``with_last_execution`` also asks for each order's last execution, which is where a reject's text stands.
    """
    body = published(filters)
    if with_last_execution:
        body["withLastExecution"] = True
    raw = all_pages(desk, OPERATIONS["search_orders"], body, ("order", "orders"), limit)
    return Reply(_with_executions(Fields(raw).items("order", "orders")[:limit], raw), raw)


def _with_executions(orders: Sequence[Any], raw: Any) -> tuple[RawOrder, ...]:
    """Each order with its last execution, found by the order's id; the venue lists them beside the orders."""
    got = Fields(raw)
    executions = got.items("lastExecutions") if got.has("lastExecutions") else []
    by_order: dict[str, Any] = {}
    for at, each in enumerate(executions):
        if each is not None and (got := Fields(each, f"lastExecutions[{at}].")).has("order"):
            by_order[got.part("order").text("id", "")] = each
    return tuple(RawOrder(each, by_order.get(RawOrder(each).id)) for each in orders)


def published(values: Mapping[str, Any] | None) -> dict[str, Any]:
    """Names in the venue's published spelling; what is None is left out."""
    return {camel(name): value for name, value in (values or {}).items() if value is not None}
