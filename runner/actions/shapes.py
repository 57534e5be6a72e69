"""JSON Schemas of what actions give back, shared by those that give the same things."""

from __future__ import annotations

from runner.value import Schema

TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
MAYBE_NUMBER: Schema = {"type": ["number", "null"]}
TEXTS: Schema = {"type": "object", "additionalProperties": TEXT}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}
MAYBE_TIME: Schema = {"type": ["string", "null"], "format": "date-time"}
RAW: Schema = {"description": "the venue's answer as it came"}


def record(**fields: Schema) -> Schema:
    """An object with these fields, all of them always there."""
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def many(of: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": of}


def maybe(of: Schema) -> Schema:
    """It, or null."""
    return {"anyOf": [of, {"type": "null"}]}


def words(prefix: str, *short: str) -> Schema:
    """A word of the venue, as on the wire, from those that it has now; a new one is no mistake, an unknown one empty.

    Source: docs.polymarket.us, institutional/trading/overview, institutional/refdata/overview and
    institutional/report/overview.
    """
    return {"anyOf": [{"enum": [f"{prefix}{word}" for word in short]}, TEXT]}


SIDE = words("SIDE_", "UNDEFINED", "BUY", "SELL")
ORDER_TYPE = words("ORDER_TYPE_", "UNDEFINED", "MARKET_TO_LIMIT", "LIMIT", "STOP", "STOP_LIMIT")
TIME_IN_FORCE = words(
    "TIME_IN_FORCE_",
    *("UNDEFINED", "DAY", "GOOD_TILL_CANCEL", "IMMEDIATE_OR_CANCEL", "GOOD_TILL_TIME", "FILL_OR_KILL"),
)
ORDER_STATE = words(
    "ORDER_STATE_",
    *("NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED", "REPLACED", "REJECTED", "EXPIRED"),
    *("PENDING_NEW", "PENDING_REPLACE", "PENDING_CANCEL", "PENDING_RISK"),
)
INSTRUMENT_STATE = words(
    "INSTRUMENT_STATE_",
    *("CLOSED", "OPEN", "PREOPEN", "SUSPENDED", "EXPIRED", "TERMINATED", "HALTED", "MATCH_AND_CLOSE_AUCTION"),
    "PENDING",
)

ORDER: Schema = record(
    id=TEXT,
    clord_id=TEXT,
    symbol=TEXT,
    side=SIDE,
    type=ORDER_TYPE,
    time_in_force=TIME_IN_FORCE,
    state=ORDER_STATE,
    price=MAYBE_NUMBER,
    quantity=NUMBER,
    leaves_quantity=MAYBE_NUMBER,
    filled_quantity=NUMBER,
    average_price=MAYBE_NUMBER,
    account=TEXT,
    reject_reason=TEXT,
    reject_text=TEXT,
    created_at=MAYBE_TIME,
    updated_at=MAYBE_TIME,
)

INSTRUMENT: Schema = record(
    symbol=TEXT,
    description=TEXT,
    state=INSTRUMENT_STATE,
    price_scale=WHOLE,
    quantity_scale=WHOLE,
    tick_size=NUMBER,
    minimum_quantity=NUMBER,
    price_low=MAYBE_NUMBER,
    price_high=MAYBE_NUMBER,
    tradable=FLAG,
    expires_on=MAYBE_TEXT,
    metadata=TEXTS,
)
