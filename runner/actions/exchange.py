"""The exchange as a whole: every symbol, and what it says of itself."""

from __future__ import annotations

from runner.action import Action, Arguments, Context, Observation
from runner.actions.shapes import RAW, TEXT, TEXTS, many, record
from runner.foreseen import Foreseen
from runner.value import counted
from runner.venue import asks, endpoints


def _symbols(_arguments: Arguments, context: Context) -> Observation:
    reply = endpoints.symbols(context.desk)
    return Observation({"symbols": list(reply.value), "raw": reply.raw}, counted(len(reply.value), "symbol"))


def _metadata(_arguments: Arguments, context: Context) -> Observation:
    reply = endpoints.exchange_metadata(context.desk)
    return Observation({"metadata": reply.value, "raw": reply.raw}, counted(len(reply.value), "fact"))


LIST_SYMBOLS = Action(
    name="list_symbols",
    summary="List all symbols",
    effect="reads",
    arguments={},
    result=record(symbols=many(TEXT), raw=RAW),
    perform=_symbols,
    foresee=lambda _arguments, _outlook: [Foreseen(asks.symbols())],
    example="action: list_symbols\nexpect:\n  - chosen.symbol in result.symbols",
    source="docs.polymarket.us: institutional/refdata/overview",
)

GET_EXCHANGE_METADATA = Action(
    name="get_exchange_metadata",
    summary="Read what the exchange says of itself",
    effect="reads",
    arguments={},
    result=record(metadata=TEXTS, raw=RAW),
    perform=_metadata,
    foresee=lambda _arguments, _outlook: [Foreseen(asks.exchange_metadata())],
    example="action: get_exchange_metadata\nexpect:\n  - result.metadata | length > 0",
    source="docs.polymarket.us: institutional/refdata/overview",
)
