"""What a test may see of the exchange: everything, as it truly is."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import asdict
from decimal import Decimal

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from runner.sandbox.control.wish import Wish
from runner.sandbox.exchange.acceptance import plain
from runner.sandbox.exchange.accounts import Account
from runner.sandbox.exchange.orders import Order
from runner.sandbox.faults.armed import Armed
from runner.sandbox.gateway.wire import Tree, moment
from runner.sandbox.house import House


def status(house: House, _wish: Wish) -> Tree:
    """The exchange at a glance."""
    house.exchange.advance()
    accounts = [account for account in house.exchange.accounts.values() if account.owner]
    return {
        "clock": clock(house, _wish),
        "orders": dict(Counter(order.state.name for order in house.exchange.everything())),
        "balances": [_balance(house, account) for account in accounts],
        "faults": [_fault(armed) for armed in house.armoury],
        "calls": house.log.counts(),
    }


def calls(house: House, wish: Wish) -> Tree:
    """The log, from the call after ``after`` on."""
    return {"calls": [asdict(call) | {"at": moment(call.at)} for call in house.log.after(wish.number("after"))]}


def orders(house: House, wish: Wish) -> Tree:
    """Every order as it is, of all participants or of one."""
    house.exchange.advance()
    participant = wish.parameter("participant")
    every = house.exchange.everything()
    return {"orders": [_order(house, each) for each in every if participant in ("", each.request.participant)]}


def faults(house: House, _wish: Wish) -> Tree:
    """The faults in wait."""
    return {"faults": [_fault(armed) for armed in house.armoury]}


def clock(house: House, _wish: Wish) -> Tree:
    """The exchange's time."""
    return {"now": moment(house.clock.now()), "stopped": house.clock.stopped}


def keys(house: House, _wish: Wish) -> Tree:
    """The public keys that each client may sign with; the number is what ``DELETE /keys/N`` takes."""
    return {
        "clients": {
            client.id: [{"id": index, "sha256": fingerprint(key)} for index, key in enumerate(client.keys)]
            for client in house.directory.clients.values()
        }
    }


def fingerprint(key: rsa.RSAPublicKey) -> str:
    """The SHA-256 of a public key's DER form, in hexadecimal."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _fault(armed: Armed) -> Tree:
    fault = armed.fault
    return {
        "id": armed.id,
        "fault": fault.kind,
        **asdict(fault.effect),  # type: ignore[call-overload]
        "operation": fault.operation,
        "participant": fault.participant,
        "calls": list(fault.calls),
        "share": fault.share,
        "seed": fault.seed,
        "matched": armed.matched,
        "struck": armed.struck,
    }


def _balance(house: House, account: Account) -> Tree:
    funds = house.exchange.funds(account)
    return {
        "account": account.name,
        "participant": account.owner,
        "balance": _dollars(funds.cash),
        "buying_power": _dollars(funds.buying_power),
    }


def _order(house: House, order: Order) -> Tree:
    asked, last = order.request, house.exchange.last_execution(order.id)
    return {
        "id": order.id,
        "participant": asked.participant,
        "account": asked.account,
        "symbol": asked.symbol,
        "side": asked.side.name,
        "type": asked.type.name,
        "time_in_force": asked.time_in_force.name,
        "state": order.state.name,
        "price": asked.price,
        "quantity": asked.quantity,
        "filled": order.filled,
        "leaves": order.leaves,
        "client_order_id": asked.client_order_id,
        "created": moment(order.created),
        "changed": moment(order.changed),
        "text": last.text if last else "",
    }


def _dollars(micros: int) -> str:
    return plain(Decimal(micros).scaleb(-6))
