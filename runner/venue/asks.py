"""What each call asks of the venue: its path, query and body, in the published spelling.

The client sends what is made here, and ``pmx-run plan`` shows it: what is planned can't differ from what is sent. Any
leaf may be ``Later`` before a run; the mark then stands where the value will.
Source: docs.polymarket.us, the published OpenAPI files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from math import ceil
from typing import Any, TypeAlias

from runner.frozen import frozen
from runner.later import Later, if_known
from runner.redact import Secret
from runner.venue.call import Request
from runner.venue.operations import CALL_LIMIT, OPERATIONS, SWITCH, Effect, Operation, Participant, find, is_switch
from runner.venue.paths import Query, filled, with_query
from runner.venue.wire import camel

Word: TypeAlias = "str | Later"
"""A text, or what stands for one that is yet to come."""


@frozen
class Ask:
    """One call of an operation: ``path`` fills its ``{parts}``."""

    operation: Operation
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Query | None = None
    body: object = None

    def request(self, base_url: str, participant: Word) -> Request:
        """The request that it is, all but the token; ``GuardRefused`` for a path or query that must not be sent."""
        wanted = self.operation
        url = with_query(base_url + filled(wanted.path, self.path), self.query)
        headers = participant_header(wanted.participant, participant)
        return Request(wanted.method, url, wanted.effect, wanted.time_limit, headers, self.body)


@frozen
class FreeAsk:
    """Any call: to a path of the venue, or to a ``place`` that is a whole URL."""

    method: str
    place: Any
    query: Query | None = None
    headers: Mapping[str, str | Secret] = field(default_factory=dict)
    body: object = None

    @property
    def operation(self) -> Operation | None:
        """What of the venue it would reach; None for another host, or if nobody knows yet."""
        if not isinstance(self.place, str) or not isinstance(self.method, str):
            return None
        return SWITCH if is_switch(self.method, self.place) else find(self.method, self.place)

    def request(self, base_url: str, participant: Word) -> Request:
        """The request that it is, all but the token; a path is one of ``base_url``."""
        place = str(self.place)
        return self.request_to(base_url + place if place.startswith("/") else place, self.operation, participant)

    def request_to(self, url: str, operation: Operation | None, participant: Word) -> Request:
        """The same to a URL that was judged before."""
        return Request(
            str(self.method).upper(),
            with_query(url, self.query),
            _effect(self.method, operation),
            operation.time_limit if operation else CALL_LIMIT,
            {**self.headers, **participant_header(operation.participant if operation else "never", participant)},
            self.body,
            any_text=True,
        )


@frozen
class Listing:
    """A listing in pages, read until it holds ``limit`` rows. ``asked`` is body or query without size and token."""

    operation: Operation
    asked: Mapping[str, Any]
    limit: Any

    def page(self, token: Word = "") -> Ask:
        """One page: the first, or the one that a token leads to."""
        size = if_known(self.limit, lambda limit: min(limit, self._largest), f"page size, {self._largest} at most")
        asked = {**self.asked, "pageSize": size, **({"pageToken": token} if token else {})}
        return Ask(self.operation, query=asked) if self.operation.method == "GET" else Ask(self.operation, body=asked)

    @property
    def pages(self) -> int | None:
        """How many pages it has at most if each is full; None if nobody knows yet."""
        return None if isinstance(self.limit, Later) else ceil(self.limit / self._largest)

    @property
    def _largest(self) -> int:
        assert self.operation.paging is not None  # noqa: S101 - only a listing is read by pages
        return self.operation.paging.largest


def health() -> Ask:
    """The venue's word for how it is."""
    return Ask(OPERATIONS["health"])


def whoami() -> Ask:
    """Who the token speaks for."""
    return Ask(OPERATIONS["whoami"])


def users() -> Ask:
    """The firm's participants."""
    return Ask(OPERATIONS["users"])


def accounts(user: Word = "") -> Ask:
    """The trading accounts, of one user if given."""
    return Ask(OPERATIONS["accounts"], query={"user": user or None})


def instruments(filters: Mapping[str, Any] | None, limit: Any) -> Listing:
    """Instruments that match all ``filters``."""
    return Listing(OPERATIONS["instruments"], published(filters), limit)


def instrument(symbol: Word) -> Listing:
    """One instrument by its exact symbol."""
    return instruments({"symbols": [symbol]}, 1)


def symbols() -> Ask:
    """The symbols of all instruments."""
    return Ask(OPERATIONS["symbols"], body={})


def exchange_metadata() -> Ask:
    """What the exchange says of itself."""
    return Ask(OPERATIONS["metadata"], body={})


def order_book(symbol: Word, depth: Any) -> Ask:
    """An order book, so many levels of it."""
    return Ask(OPERATIONS["order_book"], path={"symbol": symbol}, query={"depth": depth})


def best_prices(symbol: Word) -> Ask:
    """The best bid and offer."""
    return Ask(OPERATIONS["best_prices"], path={"symbol": symbol})


def settlement(symbol: Word) -> Ask:
    """What an instrument was settled at."""
    return Ask(OPERATIONS["settlement"], path={"symbol": symbol})


def trade_stats(filters: Mapping[str, Any]) -> Ask:
    """Statistics of one instrument's trades."""
    return Ask(OPERATIONS["trade_stats"], body=published(filters))


def balance(account: Word, currency: Word) -> Ask:
    """Money of one account (full resource name) in one currency."""
    return Ask(OPERATIONS["balance"], body={"name": account, "currency": currency})


def positions(account: Word, filters: Mapping[str, Any], limit: Any) -> Listing:
    """The positions of one account."""
    return Listing(OPERATIONS["positions"], {"name": account, **published(filters)}, limit)


def ledger(operation: str, account: Word, filters: Mapping[str, Any], limit: Any) -> Listing:
    """One of the two ledgers of an account: ``position_ledger`` or ``balance_ledger``."""
    return Listing(OPERATIONS[operation], {"account": account, **published(filters)}, limit)


def start_kyc(body: Mapping[str, Any]) -> Ask:
    """Ask for the check of a person (snake_case names, as the venue takes them)."""
    return Ask(OPERATIONS["kyc_start"], body=body)


def kyc_status(external_id: Word) -> Ask:
    """Where the check of a person stands, by our own id."""
    return Ask(OPERATIONS["kyc_status"], query={"external_id": external_id})


def insert_order(body: Mapping[str, Any]) -> Ask:
    """Send an order."""
    return Ask(OPERATIONS["insert_order"], body=body)


def preview_order(body: Mapping[str, Any]) -> Ask:
    """The order that an insert of ``body`` would make."""
    return Ask(OPERATIONS["preview_order"], body={"request": body})


def replace_order(body: Mapping[str, Any]) -> Ask:
    """Ask for an order's replace."""
    return Ask(OPERATIONS["replace_order"], body=body)


def cancel_order(order_id: Word, symbol: Word, clord_id: str | None = None) -> Ask:
    """Ask for an order's cancel; ``clord_id`` names the request, not the order."""
    body = published({"order_id": order_id, "symbol": symbol, "clord_id": clord_id})
    return Ask(OPERATIONS["cancel_order"], body=body)


def cancel_orders(orders: Any) -> Ask:
    """Ask for the cancel of several orders, each an id and its symbol."""
    requests = if_known(
        orders, lambda known: [published({"order_id": each, "symbol": of}) for each, of in known], "a cancel for each"
    )
    return Ask(OPERATIONS["cancel_orders"], body={"requests": requests})


def open_orders(symbols: Sequence[Word] = (), accounts: Sequence[Word] = ()) -> Ask:
    """The participant's working orders, of these symbols and accounts if any are given."""
    return Ask(OPERATIONS["open_orders"], query={"symbols": symbols, "accounts": accounts})


def search_orders(filters: Mapping[str, Any] | None, limit: Any, *, with_last_execution: bool = False) -> Listing:
    """Orders, finished ones too; with the last execution of each where that is asked for."""
    more = {"withLastExecution": True} if with_last_execution else {}
    return Listing(OPERATIONS["search_orders"], published(filters) | more, limit)


def executions(filters: Mapping[str, Any], limit: Any) -> Listing:
    """Executions that match all ``filters``."""
    return Listing(OPERATIONS["search_executions"], published(filters), limit)


def trades(filters: Mapping[str, Any], limit: Any) -> Listing:
    """Trades that match all ``filters``."""
    return Listing(OPERATIONS["search_trades"], published(filters), limit)


def published(values: Mapping[str, Any] | None) -> dict[str, Any]:
    """Names in the venue's published spelling, from either; what is None is left out."""
    return {camel(name): value for name, value in (values or {}).items() if value is not None}


def participant_header(need: Participant, participant: Word) -> dict[str, Any]:
    """Whom a call acts for, where it says so at all."""
    return {} if need == "never" or not participant else {"x-participant-id": participant}


def _effect(method: str, operation: Operation | None) -> Effect:
    if operation is not None:
        return operation.effect
    return "reads" if str(method).upper() in {"GET", "HEAD", "OPTIONS"} else "changes"
