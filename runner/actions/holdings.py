"""What an account holds, and what became of it: positions and the two ledgers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from runner.action import Action, Arguments, Context, Observation
from runner.actions.check_balance import account_for, account_foreseen
from runner.actions.instruments import instruments_of
from runner.actions.shapes import FLAG, MAYBE_NUMBER, MAYBE_TIME, NUMBER, RAW, TEXT, many, record
from runner.foreseen import Foreseen, Outlook, pages
from runner.later import Later
from runner.value import FLAG as YES_OR_NO
from runner.value import NAME, TIME, Argument, choice, count, counted, list_of
from runner.venue import asks
from runner.venue.scales import Scales
from runner.venue.wire import moment

if TYPE_CHECKING:
    from runner.venue.holdings import ScalesOf

_ACCOUNT = Argument(NAME, "firms/<firm>/accounts/<account>; the settings' one if not given")
_SYMBOL = Argument(NAME, "Only this instrument")
_LIMIT = Argument(count(at_most=100_000), "At most so many, over all pages", default=1000)
_LEDGER = {
    "account": _ACCOUNT,
    "symbol": _SYMBOL,
    "start": Argument(TIME, "Not before this time; nothing before 2026-05-01 is kept"),
    "end": Argument(TIME, "Not after this time"),
    "newest_first": Argument(YES_OR_NO, "The latest entries first"),
    "limit": _LIMIT,
}
_ENTRY_TYPE = choice(
    "LEDGER_ENTRY_TYPE_BALANCE_",
    "deposit",
    "withdrawal",
    "order_execution",
    "correction",
    "resolution",
    "manual_adjustment",
    "account_property_adjustment",
    "commission",
    "withdrawal_rejection",
    "manual_transfer",
    "pending_withdrawal_creation",
)


def _positions(arguments: Arguments, context: Context) -> Observation:
    from runner.venue import holdings

    account = account_for(arguments, context)
    reply = holdings.positions(context.desk, account, _chosen(arguments), arguments["limit"], _scales_in(context))
    found = [each.plain() for each in reply.value]
    return Observation({"positions": found, "raw": reply.raw}, counted(len(found), "position"))


def _position_ledger(arguments: Arguments, context: Context) -> Observation:
    from runner.venue import holdings

    account = account_for(arguments, context)
    reply = holdings.position_ledger(context.desk, account, _period(arguments), arguments["limit"], _scales_in(context))
    return _entries([each.plain() for each in reply.value], reply.raw)


def _balance_ledger(arguments: Arguments, context: Context) -> Observation:
    from runner.venue import holdings

    account = account_for(arguments, context)
    reply = holdings.balance_ledger(context.desk, account, _of_money(arguments), arguments["limit"])
    return _entries([each.plain() for each in reply.value], reply.raw)


def _positions_foreseen(arguments: Arguments, outlook: Outlook) -> Iterator[Foreseen]:
    account, looks = account_foreseen(arguments, outlook)
    yield from looks
    yield from pages(asks.positions(account, _chosen(arguments), arguments["limit"]))
    yield _instruments_foreseen(arguments)


def _position_ledger_foreseen(arguments: Arguments, outlook: Outlook) -> Iterator[Foreseen]:
    account, looks = account_foreseen(arguments, outlook)
    yield from looks
    yield from pages(asks.ledger("position_ledger", account, _period(arguments), arguments["limit"]))
    yield _instruments_foreseen(arguments)


def _balance_ledger_foreseen(arguments: Arguments, outlook: Outlook) -> Iterator[Foreseen]:
    account, looks = account_foreseen(arguments, outlook)
    yield from looks
    yield from pages(asks.ledger("balance_ledger", account, _of_money(arguments), arguments["limit"]))


def _instruments_foreseen(arguments: Arguments) -> Foreseen:
    """The one listing of all instruments among the rows that were not read lately."""
    found = arguments["symbol"] or Later("symbols of the rows")
    listing = asks.instruments({"symbols": [found]}, Later("the number of symbols"))
    return Foreseen(listing.page(), when="if the rows name instruments that were not read in the last 10 minutes")


def _chosen(arguments: Arguments) -> dict[str, Any]:
    return {name: arguments[name] for name in ("symbol", "non_zero_only", "active_only")}


def _of_money(arguments: Arguments) -> dict[str, Any]:
    return _period(arguments) | {name: arguments[name] for name in ("currency", "entry_types")}


def _period(arguments: Arguments) -> dict[str, Any]:
    times = {"start_time": moment(arguments["start"]), "end_time": moment(arguments["end"])}
    return times | {name: arguments[name] for name in ("symbol", "newest_first")}


def _entries(found: list[dict[str, Any]], raw: Any) -> Observation:
    learned = "1 entry" if len(found) == 1 else f"{len(found)} entries"
    return Observation({"entries": found, "raw": raw}, learned)


def _scales_in(context: Context) -> ScalesOf:
    def scales(symbols: Iterable[str]) -> Mapping[str, Scales]:
        return {symbol: Scales.of(each) for symbol, each in instruments_of(context, symbols).items()}

    return scales


LIST_POSITIONS = Action(
    name="list_positions",
    summary="List positions",
    effect="reads",
    arguments={
        "account": _ACCOUNT,
        "symbol": _SYMBOL,
        "non_zero_only": Argument(YES_OR_NO, "Leave out what is flat"),
        "active_only": Argument(YES_OR_NO, "Leave out what has expired"),
        "limit": _LIMIT,
    },
    result=record(
        positions=many(
            record(
                account=TEXT,
                symbol=TEXT,
                net_position=NUMBER,
                bought=MAYBE_NUMBER,
                sold=MAYBE_NUMBER,
                cost=NUMBER,
                realized=NUMBER,
                available=NUMBER,
                expired=FLAG,
                updated_at=MAYBE_TIME,
            )
        ),
        raw=RAW,
    ),
    perform=_positions,
    foresee=_positions_foreseen,
    example="action: list_positions\nwith: {non_zero_only: true}\nexpect:\n  - result.positions | length >= 0",
    source="docs.polymarket.us: institutional/positions/overview",
)

GET_POSITION_LEDGER = Action(
    name="get_position_ledger",
    summary="Read what changed positions",
    effect="reads",
    arguments=_LEDGER,
    result=record(
        entries=many(
            record(
                id=TEXT,
                account=TEXT,
                symbol=TEXT,
                quantity_change=NUMBER,
                cost_change=NUMBER,
                realized_change=NUMBER,
                net_position=NUMBER,
                cost=NUMBER,
                realized=NUMBER,
                description=TEXT,
                updated_at=MAYBE_TIME,
                business_date=TEXT,
            )
        ),
        raw=RAW,
    ),
    perform=_position_ledger,
    foresee=_position_ledger_foreseen,
    example="action: get_position_ledger\nwith: {limit: 10}\nexpect:\n  - result.entries | length <= 10",
    source="docs.polymarket.us: institutional/positions/overview",
)

GET_BALANCE_LEDGER = Action(
    name="get_balance_ledger",
    summary="Read what changed the balance",
    effect="reads",
    arguments=_LEDGER
    | {
        "currency": Argument(NAME, "Only this currency, by its ISO code"),
        "entry_types": Argument(list_of(_ENTRY_TYPE), "Only entries of these types"),
    },
    result=record(
        entries=many(
            record(
                id=TEXT,
                account=TEXT,
                currency=TEXT,
                type=TEXT,
                before=NUMBER,
                after=NUMBER,
                change=NUMBER,
                symbol=TEXT,
                security=TEXT,
                description=TEXT,
                updated_at=MAYBE_TIME,
                business_date=TEXT,
            )
        ),
        raw=RAW,
    ),
    perform=_balance_ledger,
    foresee=_balance_ledger_foreseen,
    example="action: get_balance_ledger\nwith: {limit: 10, newest_first: true}\n"
    "expect:\n  - result.entries | length <= 10",
    source="docs.polymarket.us: institutional/funding/overview",
)
