"""How an exchange comes to be: new, with its world and its maker's quotes, or brought back from its file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random, SystemRandom
from typing import Literal

from runner.sandbox import world
from runner.sandbox.endpoints.courier import Courier
from runner.sandbox.exchange.clock import Clock
from runner.sandbox.exchange.exchange import Exchange
from runner.sandbox.exchange.maker import MAKER, maker_account, quotes
from runner.sandbox.rules import Rules
from runner.sandbox.storage import Birth, Storage, StorageError

Liquidity = Literal["off", "seeded"]
_QUOTING_SEED = 1


@dataclass(frozen=True, slots=True)
class Charter:
    """What an exchange is founded on. ``database`` is the file it lives in, None for memory alone."""

    rules: Rules
    settle: timedelta
    liquidity: Liquidity = "off"
    database: Path | None = None


def found(charter: Charter, clock: Clock) -> Exchange:
    """The exchange of a charter. Raises StorageError if its file cannot be used."""
    birth = Birth(clock.now(), SystemRandom().getrandbits(63), charter.liquidity)
    if charter.database is None:
        exchange = _born(birth, clock)
    else:
        exchange = _brought_back(Storage(charter.database), birth, clock)
    exchange.configure(charter.rules, charter.settle)
    courier = Courier(exchange, Random())
    exchange.on_news = courier.wake
    courier.wake()
    return exchange


def _brought_back(storage: Storage, new: Birth, clock: Clock) -> Exchange:
    try:
        return _repeated(storage, new, clock)
    except BaseException:
        storage.close()
        raise


def _repeated(storage: Storage, new: Birth, clock: Clock) -> Exchange:
    exchange = _born(storage.begin(new), clock)
    for kept in storage.commands():
        if exchange.repeat(kept.at, kept.command, kept.arguments) != kept.given:
            raise StorageError(f"{storage.path}: an exchange of another version wrote it")
    exchange.remember(storage)
    return exchange


def _born(birth: Birth, clock: Clock) -> Exchange:
    """The exchange in its first moment, which no option changes: those come after it, as a command."""
    exchange = Exchange(
        world.instruments(birth.at),
        [*world.accounts(), maker_account()],
        clock,
        Rules(),
        timedelta(0),
        Random(birth.seed),
        [*world.PARTICIPANTS, MAKER],
    )
    if birth.liquidity == "seeded":
        _quote(exchange, birth.at)
    return exchange


def _quote(exchange: Exchange, at: datetime) -> None:
    """Enter the maker's quotes, all of them in the first moment."""
    for symbol in world.quoted(exchange.instruments):
        for request in quotes(exchange.instruments[symbol], _QUOTING_SEED):
            exchange.repeat(at, "submit", (request, ""))
