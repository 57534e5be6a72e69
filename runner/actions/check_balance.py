"""Money of an account."""

from __future__ import annotations

from runner.action import Action, Arguments, Context, Observation
from runner.actions.shapes import MAYBE_NUMBER, MAYBE_TIME, NUMBER, RAW, record
from runner.errors import StepErrored
from runner.value import NAME, Argument
from runner.venue import endpoints


def account_for(arguments: Arguments, context: Context) -> str:
    """The account that was named, else the settings', else the only one that the participant has.

    Raises ``StepErrored`` if it has none, or several.
    """
    account: str = arguments["account"] or context.account
    return account or _only_account(context)


def _only_account(context: Context) -> str:
    participant = context.desk.participant
    known = context.accounts.get(participant)
    if known is None:
        names = [each.name for each in endpoints.accounts(context.desk, participant).value]
        if len(names) != 1:
            raise StepErrored(
                f"no account is set, and {participant or 'the client'} has {len(names)}",
                help="give `account`, or set PMX_ACCOUNT; `list_accounts` shows the names",
            )
        known = context.accounts[participant] = names[0]
        context.note(f"no account is set; took the participant's only one, {known}")
    return known


def _perform(arguments: Arguments, context: Context) -> Observation:
    reply = endpoints.balance(context.desk, account_for(arguments, context), arguments["currency"])
    learned = f"${reply.value.buying_power:,f} to trade with"
    return Observation(reply.value.plain() | {"raw": reply.raw}, learned)


CHECK_BALANCE = Action(
    name="check_balance",
    summary="Check the balance",
    effect="reads",
    arguments={
        "account": Argument(NAME, "firms/<firm>/accounts/<account>; the settings' one if not given"),
        "currency": Argument(NAME, "ISO code", default="USD"),
    },
    result=record(
        balance=NUMBER,
        buying_power=NUMBER,
        open_orders=MAYBE_NUMBER,
        margin_requirement=MAYBE_NUMBER,
        capital_requirement=MAYBE_NUMBER,
        excess_capital=MAYBE_NUMBER,
        unsettled_funds=MAYBE_NUMBER,
        updated_at=MAYBE_TIME,
        raw=RAW,
    ),
    perform=_perform,
    example="action: check_balance\nexpect:\n  - result.buying_power >= 1.00",
    source="docs.polymarket.us: institutional/positions/overview",
)
