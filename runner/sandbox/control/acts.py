"""What a test may do to the exchange that no client of the venue can."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from runner.sandbox import world
from runner.sandbox.control import sight
from runner.sandbox.control.wish import Wish, WrongWish
from runner.sandbox.directory import MOST_KEYS, TooManyKeys
from runner.sandbox.exchange.terms import InstrumentState
from runner.sandbox.gateway.wire import Tree
from runner.sandbox.house import House


def arm(house: House, wish: Wish) -> Tree:
    """Let faults wait for their calls: all of ``faults``, or none if one is wrong."""
    # Few exchanges ever see a fault; their many kinds would be a part of every start.
    from runner.sandbox.faults.reading import WrongFaults, read

    try:
        wanted = read(wish.members)
    except WrongFaults as error:
        raise WrongWish(str(error)) from error
    return {"ids": [house.armoury.arm(fault).id for fault in wanted]}


def disarm(house: House, wish: Wish) -> Tree:
    """Take one fault back."""
    if not house.armoury.disarm(wish.number("id")):
        raise WrongWish("there is no such fault")
    return {"disarmed": 1}


def disarm_all(house: House, _wish: Wish) -> Tree:
    """Take all faults back."""
    return {"disarmed": house.armoury.disarm_all()}


def turn_clock(house: House, wish: Wish) -> Tree:
    """``stopped`` first, then ``set`` to a time, then ``move`` by seconds; ``real`` alone is the real time again."""
    clock, to, by = house.clock, wish.moment("set"), wish.seconds("move")
    if wish.members.get("real") is True:
        clock.reset()
    if wish.members.get("stopped") is True:
        clock.stop()
    if wish.members.get("stopped") is False:
        clock.go()
    if to is not None:
        clock.set(_sane(to))
    if by is not None:
        clock.set(_sane(clock.now() + timedelta(seconds=by)))
    house.exchange.advance()
    return sight.clock(house, wish)


def add_key(house: House, wish: Wish) -> Tree:
    """Let the client sign with one more key, its public half as PEM; two may be valid at once."""
    try:
        key = load_pem_public_key(wish.text("public_key").encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise WrongWish("public_key must be a public key as PEM") from error
    if not isinstance(key, rsa.RSAPublicKey):
        raise WrongWish("public_key must be an RSA key")
    try:
        house.directory.add_key(world.CLIENT_ID, key)
    except TooManyKeys as error:
        raise WrongWish(f"the client has {MOST_KEYS} keys already; revoke one first") from error
    return sight.keys(house, wish)


def revoke_key(house: House, wish: Wish) -> Tree:
    """Take a key from the client; tokens that it signed for live on until they expire."""
    try:
        house.directory.revoke_key(world.CLIENT_ID, wish.number("id"))
    except IndexError as error:
        raise WrongWish("there is no such key") from error
    return sight.keys(house, wish)


def set_scopes(house: House, wish: Wish) -> Tree:
    """Grant the client these scopes and no others; tokens that were given before keep theirs."""
    house.directory.grant(world.CLIENT_ID, wish.words("scopes"))
    return {"scopes": list(house.directory.clients[world.CLIENT_ID].scopes)}


def fund(house: House, wish: Wish) -> Tree:
    """Deposit test money, in whole dollars; the venue has no call for it."""
    name, dollars = wish.text("account"), wish.whole("dollars")
    if name not in house.exchange.accounts:
        raise WrongWish("there is no such account")
    _try(lambda: house.exchange.fund(name, dollars))
    return {"account": name, "dollars": dollars}


def set_state(house: House, wish: Wish) -> Tree:
    """Put an instrument into another state."""
    symbol, name = _symbol(house, wish), wish.text("state").removeprefix("INSTRUMENT_STATE_")
    if name not in InstrumentState.__members__:
        raise WrongWish(f"state must be one of {', '.join(InstrumentState.__members__)}")
    _try(lambda: house.exchange.set_state(symbol, InstrumentState[name]))
    return {"symbol": symbol, "state": name}


def settle(house: House, wish: Wish) -> Tree:
    """Settle an instrument: ``price`` in dollars, 1 if the event happened and 0 if not."""
    symbol, price = _symbol(house, wish), wish.whole("price")
    if price not in (0, 1):
        raise WrongWish("price must be 0 or 1 dollar")
    _try(lambda: house.exchange.settle(symbol, price * house.exchange.instruments[symbol].price_scale))
    return {"symbol": symbol, "price": price}


def _sane(to: datetime) -> datetime:
    """A time that leaves room for a century on both sides."""
    if not 1970 <= to.year <= 2500:
        raise WrongWish("the clock goes from 1970 to 2500")
    return to


def _try(act: Callable[[], None]) -> None:
    """Do what the exchange may refuse."""
    try:
        act()
    except ValueError as error:
        raise WrongWish(str(error)) from error


def _symbol(house: House, wish: Wish) -> str:
    symbol = wish.text("symbol")
    if symbol not in house.exchange.instruments:
        raise WrongWish("there is no such instrument")
    return symbol
