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


ORDER: Schema = record(
    id=TEXT,
    clord_id=TEXT,
    symbol=TEXT,
    side=TEXT,
    type=TEXT,
    time_in_force=TEXT,
    state=TEXT,
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
    state=TEXT,
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
