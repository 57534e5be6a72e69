"""An exchange in a file comes back as it was, whatever ended it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from runner.sandbox.exchange.acceptance import usd
from runner.sandbox.exchange.exchange import Exchange, FinishedOrder
from runner.sandbox.exchange.onboarding import Path as Course
from runner.sandbox.exchange.orders import Amendment
from runner.sandbox.exchange.surprises import Surprises
from runner.sandbox.exchange.terms import InstrumentState, Side, TimeInForce
from runner.sandbox.founding import Charter, found
from runner.sandbox.rules import Rules
from runner.sandbox.storage import StorageError
from sandbox.bench import ALICES, BOBS, CAROLS, MovingClock, symbol
from sandbox.floor import OWNER, Floor

TESTS = Path(__file__).parent.parent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "exchange.db"


@contextmanager
def opened(path: Path, clock: MovingClock, **options: object) -> Iterator[Floor]:
    floor = Floor.founded(path, options.get("liquidity", "off"), clock)
    try:
        yield floor
    finally:
        floor.exchange.close()


def shown(exchange: Exchange) -> dict[str, object]:
    """All that an exchange holds, comparable."""
    return {
        "orders": list(exchange.everything()),
        "accounts": {name: (account.cash, account.positions) for name, account in exchange.accounts.items()},
        "ledgers": [(account.balance_ledger, account.position_ledger) for account in exchange.accounts.values()],
        "house": exchange.house.cash,
        "trades": [exchange.market_trades(name) for name in exchange.instruments],
        "instruments": exchange.instruments,
        "participants": exchange.participants,
        "books": [exchange.depth(name, side, 10) for name in exchange.instruments for side in (Side.BUY, Side.SELL)],
        "news": exchange.news(),
    }


def live_a_life(floor: Floor, random: Random) -> None:
    """Everything that changes an exchange, some of it many times, time passing in between."""
    exchange = floor.exchange
    exchange.enrol("ISV-Participant-Acme", "ISV-Acme", "dora", Course.APPROVE)
    exchange.send_code("ISV-Participant-Acme", "emil")
    exchange.fund(ALICES, 50)
    placed: list[str] = []
    for _ in range(80):
        account = random.choice((ALICES, BOBS, CAROLS))
        side = random.choice((Side.BUY, Side.SELL))
        until = floor.clock.now() + timedelta(seconds=random.randint(1, 5))
        gtt = {"time_in_force": TimeInForce.GOOD_TILL_TIME, "good_till": until}
        more = random.choice(({}, gtt, {"client_order_id": f"c{len(placed)}"}, {"self_match_id": "x"}))
        placed.append(exchange.submit(floor.request(account, side, random.randint(1, 9), 400, **more)).id)
        order = floor.read(random.choice(placed))
        try:
            if random.random() < 0.3:
                exchange.cancel(order.request.participant, order.id)
            elif random.random() < 0.3:
                exchange.amend(order.request.participant, order.id, "", Amendment(quantity=random.randint(1, 9)))
        except FinishedOrder:
            pass
        floor.clock.move(milliseconds=random.randint(0, 900))
    exchange.surprises = Surprises(late_reject="Global Rate Limit Exceeded")
    exchange.submit(floor.request(ALICES, Side.BUY, 1, 300))
    exchange.surprises = Surprises()
    floor.put(InstrumentState.PREOPEN, "buf")
    exchange.settle(symbol("gb"), 100)
    exchange.submit_cross(floor.request(ALICES, Side.BUY, 1, 50, "sf"), floor.request(BOBS, Side.SELL, 1, 50, "sf"))


@pytest.mark.parametrize("liquidity", ["off", "seeded"])
def test_everything_comes_back(path: Path, liquidity: str) -> None:
    """Orders, executions, trades, money, ledgers, states, users, ids: all as before, and it goes on from there."""
    clock = MovingClock()
    with opened(path, clock, liquidity=liquidity) as floor:
        live_a_life(floor, Random(3))
        before = shown(floor.exchange)
    clock.move(seconds=30)
    with opened(path, clock) as floor:
        clock.move(seconds=-30)
        assert shown(floor.exchange) == before
        resting = floor.buy(ALICES, 1, 10)
    with opened(path, clock) as floor:
        assert floor.read(resting).leaves == 1


def test_what_was_pending_goes_on(path: Path) -> None:
    """Work that was waiting for its moment is done when that comes, after a restart as before it."""
    clock = MovingClock()
    with opened(path, clock) as floor:
        floor.exchange.configure(Rules(), timedelta(seconds=1))
        pending = floor.buy(ALICES, 1, 10)
        assert floor.state(pending).name == "PENDING_NEW"
    with opened(path, clock) as floor:
        assert floor.state(pending).name == "PENDING_NEW"
        clock.move(seconds=1)
        assert floor.state(pending).name == "NEW"


def test_other_options_count_from_the_restart(path: Path) -> None:
    """What happened by the older rules stays as it was."""
    clock = MovingClock()
    with opened(path, clock) as floor:
        expired = floor.buy(ALICES, 1, 400, time_in_force=TimeInForce.IMMEDIATE_OR_CANCEL)
    exchange = found(Charter(Rules(immediate_remainder="canceled"), timedelta(0), "off", path), clock)
    floor.exchange = exchange
    canceled = floor.buy(ALICES, 1, 400, time_in_force=TimeInForce.IMMEDIATE_OR_CANCEL)
    assert [floor.state(order).name for order in (expired, canceled)] == ["EXPIRED", "CANCELED"]
    exchange.close()


def test_one_exchange_at_a_time(path: Path) -> None:
    """A second exchange in the same file does not start."""
    with opened(path, MovingClock()), pytest.raises(StorageError, match="locked"):
        Floor.founded(path)


def test_other_files_are_refused(tmp_path: Path) -> None:
    """Neither another database nor a text is written over; nor can a folder be a file."""
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE things (name TEXT)")
    connection.close()
    text = tmp_path / "text.db"
    text.write_text("not a database at all " * 100)
    for path in (other, text, tmp_path):
        with pytest.raises(StorageError, match=str(path)):
            Floor.founded(path)


def test_another_version_is_refused(path: Path) -> None:
    """What would come back otherwise than it was does not come back at all."""
    with opened(path, MovingClock()) as floor:
        floor.buy(ALICES, 1, 400)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE commands SET given = 'ANOTHERORDER' WHERE name = 'submit'")
    connection.commit()
    connection.close()
    with pytest.raises(StorageError, match="another version"):
        Floor.founded(path)


def kill_and_look(path: Path, seed: int) -> None:
    """Kill a trading program at some moment; no order that it was told of is lost, and none invented."""
    command = [sys.executable, "-m", "sandbox.killed", str(path), str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=TESTS) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        time.sleep(Random(seed).uniform(0.0, 0.15))
        process.kill()
        told = process.stdout.read().split("\n")[:-1]
    with opened(path, MovingClock()) as floor:
        kept = [order.id for order in floor.exchange.everything()]
        assert kept[: len(told)] == told
        assert len(kept) - len(told) <= 1
        before = [(order.id, order.request) for order in floor.exchange.everything()]
        total = 3_000_000 + 1_000_000_000
        assert usd(floor.all_money()) == str(total)
    with opened(path, MovingClock()) as floor:
        assert [(order.id, order.request) for order in floor.exchange.everything()] == before
        assert all(order.request.participant in OWNER.values() for order in floor.exchange.everything())


@pytest.mark.parametrize("seed", range(3))
def test_a_sample_of_kills(path: Path, seed: int) -> None:
    """Three random moments."""
    kill_and_look(path, seed)


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(100))
def test_a_hundred_kills(path: Path, seed: int, record_property: Callable[[str, object], None]) -> None:
    """A hundred random moments."""
    kill_and_look(path, seed)
    record_property("kills", 1)
