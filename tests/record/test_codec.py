"""Events go through JSON and back without loss, whatever they hold."""

from __future__ import annotations

import dataclasses
import json
import typing
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.record import events
from runner.record.codec import decode, decode_value, encode, encode_value, text_of
from runner.record.events import Event
from runner.redact import Secret

KINDS: tuple[type[Any], ...] = get_args(Event)

texts = st.text(st.characters(codec="utf-8"), max_size=12)
keys = texts | st.sampled_from(["$decimal", "$time", "$seconds", "$map", "$", "event"])
zones = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(timezones=zones).map(lambda moment: moment.replace(fold=0))
decimals = st.decimals(allow_nan=False, allow_infinity=False, places=None, min_value=-(10**30), max_value=10**30)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**38), 10**38)
    | texts
    | decimals
    | times
    | st.timedeltas(timedelta(days=-999), timedelta(days=999))
)
plain = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3))


def strategy(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a field by its type."""
    known: dict[Any, st.SearchStrategy[Any]] = {
        str: texts,
        int: st.integers(0, 10**9),
        float: st.floats(0, 1e6, allow_nan=False),
        bool: st.booleans(),
        object: plain,
        datetime: times,
        Decimal: decimals,
        type(None): st.none(),
    }
    if hint in known:
        return known[hint]
    if get_origin(hint) is Literal:
        return st.sampled_from(get_args(hint))
    if dataclasses.is_dataclass(hint):
        return built(typing.cast("type[Any]", hint))
    if get_origin(hint) is not None and get_args(hint) == (str, object):
        return st.dictionaries(keys, plain, max_size=3)
    return st.one_of(*map(strategy, get_args(hint)))


def built(kind: type[Any]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind, vars(events))
    return st.builds(kind, **{each.name: strategy(hints[each.name]) for each in dataclasses.fields(kind)})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_round_trip(kind: type[Any], data: st.DataObject) -> None:
    """Every type of event comes back equal, and its decimals with all their digits."""
    event = data.draw(built(kind))
    back = decode(json.loads(json.dumps(encode(event))))
    assert back == event
    assert repr(back) == repr(event)


@settings(max_examples=100, deadline=None)
@given(value=plain)
def test_values(value: object) -> None:
    """So does any plain data, keys that look like the codec's own included."""
    assert decode_value(json.loads(json.dumps(encode_value(value)))) == value


def test_every_event_is_covered() -> None:
    """The union of events and the module's classes are the same."""
    helpers = {events.Surroundings, events.Problem}
    assert {each for each in vars(events).values() if dataclasses.is_dataclass(each)} - helpers == set(KINDS)


@pytest.mark.parametrize("value", [Secret("abcdefgh"), 0.5, {1, 2}, object()], ids=["secret", "float", "set", "object"])
def test_what_is_never_recorded(value: object) -> None:
    """A secret, and what JSON or our own reading could not give back, is refused."""
    with pytest.raises(TypeError, match="is never recorded"):
        encode_value({"a": [value]})


@pytest.mark.parametrize("name", ["Nothing", "Event", "datetime", "fields", None])
def test_unknown_event(name: object) -> None:
    """An event of a later version is refused by its name."""
    with pytest.raises(ValueError, match="no event is called"):
        decode({"event": name})


def test_added_field_has_its_default() -> None:
    """What an older version wrote lacks the fields that were added since."""
    written = encode(events.CleanupDone("order", "order", "done"))
    del written["help"]
    assert decode(written) == events.CleanupDone("order", "order", "done")


@settings(max_examples=200, deadline=None)
@given(st.one_of(*map(built, KINDS)))
def test_text_of_an_event(event: Event) -> None:
    """The quick way to JSON's text gives what the plain one gives, keys that look like forms of ours included."""
    assert json.loads(text_of(event)) == encode(event)


@settings(max_examples=200, deadline=None)
@given(plain)
def test_text_of_plain_data(value: object) -> None:
    """The same for a value of its own; a secret in it is refused."""
    assert json.loads(text_of(value)) == encode_value(value)
    with pytest.raises(TypeError):
        text_of([value, {"a": Secret("never-recorded")}])
