"""A program that lives to be killed: it trades on an exchange in a file and prints every order it was told of.

Arguments: the file, and a seed. Each line is an order's id, printed once the exchange has taken the order.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from random import Random

from runner.sandbox.exchange.clock import SystemClock
from runner.sandbox.exchange.exchange import FinishedOrder
from runner.sandbox.exchange.orders import Amendment, OrderRequest
from runner.sandbox.exchange.terms import OrderType, Side, TimeInForce
from runner.sandbox.founding import Charter, found
from runner.sandbox.rules import Rules
from sandbox.bench import ALICE, ALICES, BOB, BOBS


def main(path: str, seed: str) -> None:
    random = Random(seed)
    exchange = found(Charter(Rules(), timedelta(microseconds=200), "off", Path(path)), SystemClock())
    symbol = list(exchange.instruments)[1]
    placed: list[tuple[str, str]] = []
    print("ready", flush=True)
    while True:
        participant, account = random.choice(((ALICE, ALICES), (BOB, BOBS)))
        side, price = random.choice((Side.BUY, Side.SELL)), random.randint(400, 410)
        gtc = TimeInForce.GOOD_TILL_CANCEL
        request = OrderRequest(participant, account, symbol, side, OrderType.LIMIT, gtc, random.randint(1, 9), price)
        order_id = exchange.submit(request).id
        print(order_id, flush=True)
        placed.append((participant, order_id))
        try:
            if random.random() < 0.3:
                exchange.cancel(*random.choice(placed))
            elif random.random() < 0.3:
                exchange.amend(*random.choice(placed), "", Amendment(price=random.randint(400, 410)))
        except FinishedOrder:
            continue


if __name__ == "__main__":
    main(*sys.argv[1:])
