"""Money of an account."""

from __future__ import annotations

from collections.abc import Iterator

from runner.action import Action, Arguments, Context, Observation
from runner.actions.shapes import MAYBE_NUMBER, MAYBE_TIME, NUMBER, RAW, record
from runner.errors import StepErrored
from runner.foreseen import Foreseen, Outlook
from runner.later import Later
from runner.value import NAME, Argument
from runner.venue import asks, endpoints
from runner.venue.asks import Word


def account_for(arguments: Arguments, context: Context) -> str:
    """The account that was named, else the settings', else the only one that the participant has.

    Raises ``StepErrored`` if it has none, or several.
    """
    account: str = arguments["account"] or context.account
    return account or _only_account(context)


def account_foreseen(arguments: Arguments, outlook: Outlook) -> tuple[Word, list[Foreseen]]:
    """The account that ``account_for`` will give, and the call that it may need for it."""
    look = asks.accounts(outlook.participant)
    if arguments["account"]:
        nothing = isinstance(arguments["account"], Later) and outlook.account_open
        return arguments["account"], [Foreseen(look, when="if the account comes to nothing", trouble=True)] * nothing
    if outlook.account and not outlook.account_open:
        return outlook.account, []
    asked = Foreseen(look, when="unless an account is set, or this was asked before")
    return outlook.account or Later("the participant's only account"), [asked]


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


def _foreseen(arguments: Arguments, outlook: Outlook) -> Iterator[Foreseen]:
    account, looks = account_foreseen(arguments, outlook)
    yield from looks
    yield Foreseen(asks.balance(account, arguments["currency"]))


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
    foresee=_foreseen,
    example="action: check_balance\nexpect:\n  - result.buying_power >= 1.00",
    source="docs.polymarket.us: institutional/positions/overview",
)
