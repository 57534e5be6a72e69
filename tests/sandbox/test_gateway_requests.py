"""How the gateway reads a request: bodies, query parameters and captures of the path, as one message."""

from __future__ import annotations

import json

import pytest

from runner.sandbox.exchange.terms import Side
from runner.sandbox.gateway.call import Call
from runner.sandbox.gateway.errors import Refused
from runner.sandbox.gateway.fields import parameters, parse
from runner.sandbox.gateway.routing import Route, Router
from runner.sandbox.gateway.wire import Tree
from sandbox.bench import ALICES, BOB, Bench, symbol

SEARCH = "/v1/report/orders/search"
INSTRUMENTS = "/v1/refdata/instruments"


def nothing(_call: Call) -> Tree:
    return {}


@pytest.mark.parametrize("query", ["pageSize=5&symbols=a&symbols=b", "page_size=5&symbols=a&symbols=b&unknown=1"])
def test_query_parameters_in_either_casing(query: str) -> None:
    """Numbers and lists are read from text; unknown names are ignored."""
    fields = parameters(query)
    assert (fields.integer("page_size"), fields.texts("symbols")) == (5, frozenset({"a", "b"}))


def test_query_parameters_have_types() -> None:
    """Flags as Go reads them, enums by word or number, messages by a dot, the last of several for a plain field."""
    fields = parameters("nonZeroOnly=true&side=SIDE_BUY&kind=2&asOfDate.year=2026&name=a&name=b&account=")
    assert fields.flag("non_zero_only")
    assert not fields.flag("active_only")
    assert (fields.word("side", Side), fields.word("kind", Side)) == (Side.BUY, Side.SELL)
    assert fields.word("absent", Side) is Side(0)
    assert fields.within("as_of_date").integer("year", 32) == 2026
    assert (fields.text("name"), fields.text("account")) == ("b", "")


@pytest.mark.parametrize("query", ["nonZeroOnly=maybe", "pageSize=x", "pageSize=99999999999", "startTime=noon"])
def test_query_parameters_of_a_wrong_type(query: str) -> None:
    """400, code 3, and the message names the parameter."""
    fields = parameters(query)
    with pytest.raises(Refused) as caught:
        (fields.flag("non_zero_only"), fields.integer("page_size", 32), fields.moment("start_time"))
    assert (caught.value.status, caught.value.code) == (400, 3)
    assert query.partition("=")[0] in caught.value.message


def test_enum_words_in_a_body_are_not_numbers() -> None:
    """A digit as a text is a word that nobody knows: the zero member."""
    assert parse(b'{"side":"2"}').word("side", Side) is Side(0)
    assert parse(b'{"side":2}').word("side", Side) is Side.SELL


def test_captures_are_fields() -> None:
    """A part of the path reaches the handler as a field, its escapes undone; a fixed path goes first."""
    whole, part = Route("GET", "/v1/things/all", nothing), Route("GET", "/v1/things/{name}", nothing)
    router = Router([part, whole, Route("GET", "/v1/things/{name}/price", nothing)])
    found = router.find("GET", "/v1/things/a%2Fb%20c")
    assert found
    assert (found.route, found.captured) == (part, {"name": "a/b c"})
    every = router.find("GET", "/v1/things/all")
    assert every
    assert every.route is whole
    assert router.find("GET", "/v1/things/a/b/price") is None
    assert router.find("POST", "/v1/things/a") is None
    assert router.knows("/v1/things/a/price")
    assert not router.knows("/v1/things/a/cost")
    with pytest.raises(Refused):
        router.find("GET", "/v1/things/%ff")


@pytest.mark.parametrize("casing", ["camel", "snake"])
def test_both_casings_in_bodies(bench: Bench, casing: str) -> None:
    """The same search either way."""
    bench.place(clordId="mine")
    body = {"pageSize": 5, "clordId": "mine"} if casing == "camel" else {"page_size": "5", "clord_id": "mine"}
    status, answer = bench.post(SEARCH, body | {"noSuchField": {"deep": [1]}})
    assert (status, [order["clordId"] for order in answer["order"]]) == (200, ["mine"])


def page_token(bench: Bench, **body: object) -> str:
    status, answer = bench.post(SEARCH, {"pageSize": 1, **body})
    assert status == 200
    return str(answer["nextPageToken"])


def test_page_tokens_belong_to_their_query(bench: Bench) -> None:
    """Another filter, another user or another operation: 400, code 3; the same query in other words goes on."""
    for name in ("a", "b", "c"):
        bench.place(clordId=name)
    token = page_token(bench, symbol=symbol())
    same = {"page_size": 1, "symbol": symbol(), "page_token": token}
    assert bench.post(SEARCH, same)[0] == 200
    refused = {"code": 3, "message": "the page token belongs to another query", "details": []}
    for body in ({"pageSize": 1, "pageToken": token}, same | {"accounts": [ALICES]}, same | {"page_size": 2}):
        assert bench.post(SEARCH, body) == (400, refused)
    assert bench.post(SEARCH, same, participant=BOB) == (400, refused)
    assert bench.post(INSTRUMENTS, {"pageSize": 1, "pageToken": token})[0] == 400


@pytest.mark.parametrize("token", ["x", "e30=", "eyJvIjoxfQ==", "eyJvIjotMX0=", "A" * 500, "\u20ac"])
def test_page_tokens_that_are_none(bench: Bench, token: str) -> None:
    """What was never handed out is 400, code 3."""
    status, answer = bench.post(SEARCH, {"pageSize": 1, "pageToken": token})
    assert (status, answer["code"], answer["message"]) == (400, 3, "invalid page token")


def test_page_tokens_look_as_printed(bench: Bench) -> None:
    """Base64 of a JSON object that begins as the venue's examples do."""
    import base64

    token = bench.post(INSTRUMENTS, {"pageSize": 2})[1]["nextPageToken"]
    assert json.loads(base64.b64decode(token))["o"] == 2
