"""Arguments: one declaration reads what was written, and says what was wanted where it can't."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import jsonschema_rs
import pytest
from engine.world import World, playbook

from runner.redact import Secret
from runner.value import (
    ANY,
    DECIMAL,
    DURATION,
    FLAG,
    MAPPING,
    NAME,
    SECRET_TEXT,
    TEXT,
    TIME,
    WHOLE,
    Argument,
    Kind,
    WrongValue,
    choice,
    count,
    list_of,
    read_arguments,
)

SIDE = choice("SIDE_", "buy", "sell")
SECRET = Secret("abcdefgh")

READ: dict[str, tuple[Kind, object, object]] = {
    "text": (TEXT, "x", "x"),
    "empty text": (TEXT, "", ""),
    "name": (NAME, "x", "x"),
    "secret text": (SECRET_TEXT, SECRET, SECRET),
    "plain text for a secret one": (SECRET_TEXT, "x", "x"),
    "flag": (FLAG, True, True),
    "whole": (WHOLE, 7, 7),
    "decimal": (DECIMAL, Decimal("0.57"), Decimal("0.57")),
    "decimal from a whole number": (DECIMAL, 3, Decimal(3)),
    "decimal from text": (DECIMAL, "0.57", Decimal("0.57")),
    "negative decimal from text": (DECIMAL, "-1", Decimal(-1)),
    "milliseconds": (DURATION, "500ms", 500),
    "seconds": (DURATION, "15s", 15_000),
    "parts": (DURATION, "1h30m", 5_400_000),
    "days": (DURATION, "2d", 172_800_000),
    "fraction": (DURATION, "1.5s", 1500),
    "time": (TIME, "2026-11-22T14:00:00Z", datetime(2026, 11, 22, 14, tzinfo=UTC)),
    "time as a value": (TIME, datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC)),
    "short word": (SIDE, "buy", "SIDE_BUY"),
    "wire word": (SIDE, "SIDE_SELL", "SIDE_SELL"),
    "list": (list_of(SIDE), ["buy", "SIDE_SELL"], ["SIDE_BUY", "SIDE_SELL"]),
    "empty list": (list_of(TEXT), [], []),
    "mapping": (MAPPING, {"a": 1}, {"a": 1}),
    "anything": (ANY, [1, {"a": None}], [1, {"a": None}]),
    "count": (count(at_most=5), 5, 5),
}


@pytest.mark.parametrize(("kind", "written", "value"), READ.values(), ids=READ)
def test_read(kind: Kind, written: object, value: object) -> None:
    """What a kind takes, it gives in the form that the engine works with."""
    read = kind.read(written)
    assert (read, type(read)) == (value, type(value))


REFUSED: dict[str, tuple[Kind, object, str]] = {
    "number for a text": (TEXT, 7, "a text is wanted, not 7"),
    "null for a text": (TEXT, None, "a text is wanted, not null"),
    "secret for a text": (TEXT, SECRET, "a text is wanted, not ****"),
    "secret for a name": (NAME, SECRET, "a text is wanted, not ****"),
    "empty name": (NAME, "", "a text is wanted, not an empty one"),
    "number for a secret text": (SECRET_TEXT, 7, "a text is wanted, not 7"),
    "text for a flag": (FLAG, "true", 'true or false is wanted, not "true"'),
    "number for a flag": (FLAG, 1, "true or false is wanted, not 1"),
    "flag for a number": (WHOLE, True, "a whole number is wanted, not true"),
    "decimal for a whole": (WHOLE, Decimal("7.5"), "a whole number is wanted, not 7.5"),
    "flag for a decimal": (DECIMAL, True, "a number is wanted, not true"),
    "word for a decimal": (DECIMAL, "one", 'a number is wanted, not "one"'),
    "exponent in a text": (DECIMAL, "1e5", 'a number is wanted, not "1e5"'),
    "spaces in a text": (DECIMAL, " 1", 'a number is wanted, not " 1"'),
    "final newline": (DECIMAL, "1\n", r'a number is wanted, not "1\n"'),
    "other digits": (DECIMAL, "1٣", 'a number is wanted, not "1٣"'),
    "other digits in a duration": (DURATION, "1٣s", '"1٣s" is no duration: write `15s`, `2m`, `1h30m` or `500ms`'),
    "secret for a decimal": (DECIMAL, SECRET, "a number is wanted, not ****"),
    "number for a duration": (DURATION, 15, "a text is wanted, not 15"),
    "duration without unit": (DURATION, "15", '"15" is no duration: write `15s`, `2m`, `1h30m` or `500ms`'),
    "empty duration": (DURATION, "", '"" is no duration: write `15s`, `2m`, `1h30m` or `500ms`'),
    "time without zone": (
        TIME,
        "2026-11-22T14:00:00",
        '"2026-11-22T14:00:00" has no time zone: write `2026-11-22T14:00:00Z`',
    ),
    "no time": (TIME, "now", '"now" is no time: write `2026-11-22T14:00:00Z`'),
    "unknown word": (SIDE, "bye", 'one of buy, sell is wanted, not "bye"; did you mean buy?'),
    "text for a list": (list_of(TEXT), "ab", 'a list is wanted, not "ab"'),
    "wrong item": (list_of(TEXT), ["a", 1], "a text is wanted, not 1"),
    "list for a mapping": (MAPPING, [1], "a mapping is wanted, not a list of 1"),
    "count of zero": (count(at_most=5), 0, "a whole number from 1 to 5 is wanted, not 0"),
    "count beyond": (count(at_most=5), 6, "a whole number from 1 to 5 is wanted, not 6"),
}


@pytest.mark.parametrize(("kind", "written", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(kind: Kind, written: object, message: str) -> None:
    """What it does not take is told with what was wanted; a secret is never shown."""
    with pytest.raises(WrongValue) as wrong:
        kind.read(written)
    assert str(wrong.value) == message


LITERALS = {name: each[:2] for name, each in (READ | REFUSED).items() if not isinstance(each[1], (Secret, datetime))}


@pytest.mark.parametrize(("kind", "written"), LITERALS.values(), ids=LITERALS)
def test_schema_and_reading_agree(kind: Kind, written: Any) -> None:
    """A literal that the schema lets through is read, and the other way round."""
    fits = jsonschema_rs.Draft202012Validator(kind.schema).is_valid(written)
    try:
        kind.read(written)
    except WrongValue:
        # A format is a hint to editors; a validator need not know it.
        assert not fits or "format" in kind.schema
    else:
        assert fits


def test_read_arguments() -> None:
    """Each declared argument is there: its value, or its default; null is as good as nothing."""
    declared = {"a": Argument(TEXT, "", required=True), "b": Argument(WHOLE, "", default=5), "c": Argument(FLAG, "")}
    assert read_arguments(declared, {"a": "x", "b": None}) == {"a": "x", "b": 5, "c": None}


@pytest.mark.parametrize(
    ("given", "message"),
    [({}, "`a` is missing"), ({"a": None}, "`a` is missing"), ({"a": 1}, "`a`: a text is wanted, not 1")],
)
def test_read_arguments_refuses(given: dict[str, object], message: str) -> None:
    """The argument is named."""
    with pytest.raises(WrongValue, match=message):
        read_arguments({"a": Argument(TEXT, "", required=True)}, given)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("check_order, with: {order_id: '{{ any(7) }}'}", "argument `order_id`: a text is wanted, not 7"),
        ("get_instrument, with: {symbol: '{{ any(none) }}'}", "argument `symbol` is missing"),
        ("list_instruments, with: {limit: '{{ 0 }}'}", "argument `limit`: a whole number from 1 to 100000"),
        ("wait, with: {for: '{{ any(\"long\") }}'}", 'argument `for`: "long" is no duration'),
        ("check_order, with: {}", "an order is named by `order_id` or `clord_id`"),
        ("check_order, with: {order_id: a, clord_id: b}", "an order is named by `order_id` or `clord_id`"),
    ],
)
def test_wrong_in_a_run(step: str, message: str, world: World) -> None:
    """A value that is known only in the run is refused before anything is sent."""
    ran = world.run(playbook(f"  - {{id: it, action: {step}}}"))
    assert (ran.exit_code, ran.statuses(), world.wire.asked) == (3, {"it": "errored"}, [])
    assert ran.error("it").startswith(message)
