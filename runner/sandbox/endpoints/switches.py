"""What only this exchange has, for playbooks: the venue knows no call for it, and answers 403.

They stand below ``/sandbox/`` and not below ``/v1/``, so that nobody takes them for the venue's own.
"""

from __future__ import annotations

from runner.sandbox.gateway.call import Call
from runner.sandbox.gateway.errors import denied, invalid
from runner.sandbox.gateway.wire import Tree

_DOLLARS_BITS = 32


def fund(call: Call) -> Tree:
    """Deposit test money, in whole dollars, in an account of a user of the client's firm.

    Raises Refused: 403 for an account of nobody's or of another firm's, 400 for less than a dollar.
    """
    name, dollars = call.fields.text("account"), call.fields.integer("dollars", _DOLLARS_BITS)
    account = call.exchange.accounts.get(name)
    if account is None or not account.owner.startswith(f"firms/{call.client.firm}/users/"):
        raise denied("the account does not belong to a user of the firm")
    try:
        call.exchange.fund(name, dollars)
    except ValueError as error:
        raise invalid(str(error)) from error
    return {"account": name, "dollars": dollars}


def arm(call: Call) -> Tree:
    """Let faults wait for their calls, as the control call of the same name does: all of ``faults``, or none.

    Raises Refused: 400 for a fault that there is not.
    """
    # Few exchanges ever see a fault; their many kinds would be a part of every start.
    from runner.sandbox.faults.reading import WrongFaults, read

    try:
        wanted = read({"faults": call.fields.plain("faults")})
    except WrongFaults as error:
        raise invalid(str(error)) from error
    return {"ids": [call.setting.armoury.arm(fault).id for fault in wanted]}


def disarm(call: Call) -> Tree:
    """Take the faults of these ``ids`` back; one that is gone already is none too many."""
    ids = call.fields.plain("ids")
    if not isinstance(ids, list) or not all(type(each) is int for each in ids):
        raise invalid("ids must be a list of whole numbers")
    return {"disarmed": sum(call.setting.armoury.disarm(number) for number in ids)}
