"""The whole client against the local exchange, as a process of its own, in both dialects."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sandbox.served import served

from runner.clock import Deadline, SystemClock
from runner.errors import NotSignedIn, Refused
from runner.redact import Redactor
from runner.venue import endpoints
from runner.venue.auth import Credentials, KeyFile
from runner.venue.call import Call
from runner.venue.desk import Desk, Venue
from runner.venue.model import Instrument, Order
from runner.venue.scales import Scales
from runner.venue.transport import Transport

D = Decimal


@pytest.fixture(scope="module", params=["published", "seed"])
def settings(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The variables of an exchange that runs as long as these tests do."""
    with served("--dialect", request.param) as variables:
        yield variables


Open = Callable[..., Desk]


@pytest.fixture
def at_desk(settings: dict[str, str]) -> Iterator[Open]:
    """Opens a desk; a setting may be replaced by name."""
    with contextlib.ExitStack() as stack:

        def start(heard: list[Call] | None = None, **changes: Any) -> Desk:
            of = {**settings, **changes}
            clock, redactor = SystemClock(), Redactor()
            transport = stack.enter_context(contextlib.closing(Transport(clock, redactor)))
            key = KeyFile(Path(of["PMX_PRIVATE_KEY_PATH"]))
            credentials = Credentials(of["PMX_CLIENT_ID"], key, of["PMX_AUTH_URL"], of["PMX_AUDIENCE"])
            venue = Venue(credentials, of["PMX_BASE_URL"], transport, clock, redactor)
            hear = (heard if heard is not None else []).append
            return venue.desk(of["PMX_PARTICIPANT_ID"], of["PMX_ACCOUNT"], Deadline(clock, 20), hear)

        yield start


def tradable(desk: Desk) -> Instrument:
    filters = {"tradable_filter": "TRADABLE_FILTER_TRADABLE", "states": ["INSTRUMENT_STATE_OPEN"]}
    return next(each for each in endpoints.instruments(desk, filters, 5).value if each.tradable)


def settled(desk: Desk, order_id: str, scales: Scales) -> Order:
    for _ in range(100):
        found = endpoints.search_orders(desk, {"order_id": order_id}, 10, with_last_execution=True).value
        if found and not (order := found[0].order(scales)).pending:
            return order
        time.sleep(0.01)
    raise AssertionError("the order never settled")


def test_the_flow(at_desk: Open) -> None:
    """Sign in, look around, place an order, find it, cancel it."""
    heard: list[Call] = []
    desk = at_desk(heard)
    assert endpoints.health(desk).value == "ok"
    assert "write:orders" in desk.authenticate().scopes
    assert not endpoints.whoami(desk).value.firm.startswith("firms/")
    assert desk.participant in [each.id for each in endpoints.users(desk).value]
    assert desk.account in [each.name for each in endpoints.accounts(desk).value]
    assert endpoints.balance(desk, desk.account).value.buying_power == 1_000_000

    instrument = tradable(desk)
    scales = Scales.of(instrument)
    assert endpoints.instrument(desk, instrument.symbol).value == instrument
    price, quantity = instrument.tick_size, max(instrument.minimum_quantity, D(1))
    body = {
        "symbol": instrument.symbol,
        "side": "SIDE_BUY",
        "type": "ORDER_TYPE_LIMIT",
        "timeInForce": "TIME_IN_FORCE_GOOD_TILL_CANCEL",
        "price": scales.wire_price(price),
        "orderQty": scales.wire_quantity(quantity),
        "clordId": "flow-1",
        "account": desk.account,
    }
    order_id = endpoints.insert_order(desk, body).value
    order = settled(desk, order_id, scales)
    assert (order.state, order.price, order.quantity) == ("ORDER_STATE_NEW", price, quantity)
    assert (order.clord_id, order.leaves_quantity, order.average_price) == ("flow-1", quantity, None)
    assert order_id in [each.id for each in endpoints.open_orders(desk, [instrument.symbol]).value]

    endpoints.cancel_order(desk, order_id, instrument.symbol)
    assert settled(desk, order_id, scales).state == "ORDER_STATE_CANCELED"
    assert endpoints.open_orders(desk, accounts=[desk.account]).value == ()
    assert all(each.error is None and each.status == 200 for each in heard)


def test_all_instruments_are_read(at_desk: Open) -> None:
    """Whatever state they are in, page by page too."""
    desk = at_desk()
    every = endpoints.instruments(desk).value
    assert len({each.state for each in every}) >= 3
    assert any(each.description == "{{ 7 * 7 }}" for each in every)
    assert endpoints.instruments(desk, limit=3).value == every[:3]
    assert endpoints.instrument(desk, "no-such-symbol").value is None


def test_a_foreign_participant_is_refused(at_desk: Open) -> None:
    """With what to do about it."""
    with pytest.raises(Refused) as caught:
        endpoints.balance(at_desk(PMX_PARTICIPANT_ID="firms/Other/users/x"), "a")
    assert (caught.value.status, caught.value.code) == (403, 7)
    assert "participant" in caught.value.help


@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [
        ("PMX_CLIENT_ID", "somebody-else", "invalid_client"),
        ("PMX_AUDIENCE", "https://api.other.example.com", "access_denied"),
    ],
)
def test_wrong_credentials(setting: str, value: str, reason: str, at_desk: Open) -> None:
    """The token endpoint's word and its advice."""
    with pytest.raises(NotSignedIn) as caught:
        at_desk(**{setting: value}).authenticate()
    assert caught.value.reason.startswith(reason)
    assert caught.value.help


def test_another_key(key_path: Path, at_desk: Open) -> None:
    """A signature that does not match the registered key."""
    with pytest.raises(NotSignedIn, match="invalid_client"):
        at_desk(PMX_PRIVATE_KEY_PATH=str(key_path)).authenticate()
